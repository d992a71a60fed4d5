"""SPF over our own look-ups: it agrees with the test suite of RFC 7208, and survives what is sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.name
import dns.rcode
import pytest
import yaml

from scanner.model.facts.mail import SpfEvaluation, SpfRecord
from scanner.model.inventory import Settings
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.dns import Dns
from scanner.transports.spf import Sender, evaluate, evaluate_sender

# openspf.org's suite for RFC 7208, release 2014.04, as it comes with pyspf 2.0.14; see rfc7208-tests.LICENSE beside it.
SUITE = Path(__file__).parents[2] / "recorded" / "rfc7208-tests.yml"


def publish(written: dict[str, list[Any]], server: Any) -> None:
    """Has a DNS server say what the suite's way of writing a zone means."""
    for name, records in written.items():
        for kind, value in _entries(records):
            plain = dns.name.from_text(name.lower()).to_text(omit_final_dot=True)
            if kind == "TIMEOUT":
                rest = {"A", "AAAA", "MX", "TXT", "PTR"} - {each for each, _ in _entries(records)}
                server.silent |= {(plain, each) for each in rest}
            elif value == "TIMEOUT":
                server.silent.add((plain, kind))
            else:
                server.zone.setdefault((plain, kind), []).append(_text(kind, value))


def _entries(records: list[Any]) -> Iterator[tuple[str, Any]]:
    """`SPF` stands for TXT too, unless there is a TXT; a mere `TIMEOUT` is silence about types that are not named."""
    has_txt = any(isinstance(each, dict) and "TXT" in each for each in records)
    for record in records:
        for kind, value in record.items() if isinstance(record, dict) else [("TIMEOUT", record)]:
            if value != "NONE" and not (kind == "SPF" and has_txt):
                yield ("TXT" if kind == "SPF" else kind), value


def _text(kind: str, value: Any) -> str:
    """A value as in a zone file."""
    if kind == "TXT":
        return quoted(*(value or [""] if isinstance(value, list) else [value]))
    if kind == "MX":
        return f"{value[0]} {value[1] or '.'}{'' if str(value[1]).endswith('.') or not value[1] else '.'}"
    return f"{value}." if kind in {"CNAME", "PTR"} and not value.endswith(".") else str(value)


def quoted(*strings: str) -> str:
    """TXT strings as in a zone file: each of at most 255 bytes, every byte by its number."""
    found = []
    for string in strings:
        data = string.encode("utf-8")
        pieces = [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
        found += ["".join(f"\\{byte:03}" for byte in piece) for piece in pieces]
    return " ".join(f'"{each}"' for each in found)


def cases() -> Iterator[Any]:
    for scenario in yaml.safe_load_all(SUITE.read_text(encoding="utf-8")):
        for name, case in scenario["tests"].items() if scenario else ():
            yield pytest.param(scenario["zonedata"], case, id=name)


def test_the_suite_is_whole() -> None:
    assert len(list(cases())) == 203


@pytest.mark.parametrize(("zone", "case"), list(cases()))
async def test_evaluation_agrees_with_the_suite_of_rfc_7208(
    zone: dict[str, list[Any]], case: dict[str, Any], name_server: Any
) -> None:
    publish(zone, name_server)
    sender = Sender(address=str(case["host"]), mail_from=case["mailfrom"], helo=case["helo"])
    found = await evaluate_sender(sender, Dns(Settings(resolver=name_server.resolver, timeout=0.6)), seconds=30)
    if isinstance(found, Unobserved):
        result = "temperror"
        assert found.cause is Cause.DNS
    else:
        result = "permerror" if found.lookups > Policy().spf_max_lookups else found.result
    assert result in (case["result"] if isinstance(case["result"], list) else [case["result"]])


@pytest.fixture
def our_dns(name_server: Any) -> Dns:
    return Dns(Settings(resolver=name_server.resolver, timeout=1))


async def seen(our_dns: Dns, domain: str = "city.example") -> SpfEvaluation:
    found = await asyncio.wait_for(evaluate(domain, our_dns, seconds=20), 30)
    assert isinstance(found, SpfEvaluation), found
    return found


async def test_includes_and_redirects_are_read_in_order_and_counted(name_server: Any, our_dns: Dns) -> None:
    name_server.zone["city.example", "TXT"] = ['"v=spf1 include:_a.city.example mx redirect=_b.city.example"']
    name_server.zone["city.example", "MX"] = ["10 mx.city.example."]
    name_server.zone["mx.city.example", "A"] = ["192.0.2.1"]
    name_server.zone["_a.city.example", "TXT"] = ['"v=spf1 ip4:192.0.2.0/24 -all"']
    name_server.zone["_b.city.example", "TXT"] = ['"v=spf1 ~all"']
    found = await seen(our_dns)
    assert (found.result, found.ended_by, found.lookups, found.void_lookups) == ("softfail", "~all", 3, 0)
    assert [record.domain for record in found.read] == ["city.example", "_a.city.example", "_b.city.example"]
    assert found.read[2] == SpfRecord(domain="_b.city.example", text="v=spf1 ~all")


async def test_more_look_ups_than_ten_are_counted_on(name_server: Any, our_dns: Dns) -> None:
    for number in range(14):
        name_server.zone[f"e{number}.city.example", "A"] = ["127.0.0.2"]
    terms = " ".join(f"a:e{number}.city.example" for number in range(14))
    name_server.zone["city.example", "TXT"] = [quoted(f"v=spf1 {terms} -all")]
    found = await seen(our_dns)
    assert (found.result, found.lookups) == ("fail", 14)


async def test_records_that_include_each_other_come_to_an_end(name_server: Any, our_dns: Dns) -> None:
    name_server.zone["a.example", "TXT"] = ['"v=spf1 include:b.example -all"']
    name_server.zone["b.example", "TXT"] = ['"v=spf1 include:a.example -all"']
    found = await seen(our_dns, "a.example")
    assert (found.result, found.lookups) == ("permerror", 2)
    assert "loop, from a.example to b.example to a.example" in (found.problem or "")


async def test_a_record_that_leads_to_itself_is_a_loop(name_server: Any, our_dns: Dns) -> None:
    for term in ("redirect=city.example", "include:City.Example. -all", "redirect=%{d}"):
        name_server.zone["city.example", "TXT"] = [f'"v=spf1 {term}"']
        found = await seen(Dns(Settings(resolver=name_server.resolver, timeout=1)))
        assert found.result == "permerror"
        assert "loop, from city.example to city.example" in (found.problem or "")


async def test_the_same_include_twice_is_no_loop(name_server: Any, our_dns: Dns) -> None:
    name_server.zone["city.example", "TXT"] = ['"v=spf1 include:a.example include:b.example -all"']
    name_server.zone["a.example", "TXT"] = ['"v=spf1 ip4:192.0.2.1 -all"']
    name_server.zone["b.example", "TXT"] = ['"v=spf1 include:a.example -all"']
    found = await seen(our_dns)
    assert (found.result, found.lookups) == ("fail", 3)


@pytest.mark.parametrize("term", ["ip4:0.0.0.0/0", "ip6:::/0", "include:all.example"])
async def test_whoever_lets_a_stranger_in_over_either_protocol_is_seen(
    name_server: Any, our_dns: Dns, term: str
) -> None:
    name_server.zone["city.example", "TXT"] = [f'"v=spf1 a {term} -all"']
    name_server.zone["all.example", "TXT"] = ['"v=spf1 ip6:2000::/3 -all"']
    name_server.zone["city.example", "A"] = ["192.0.2.1"]
    found = await seen(our_dns)
    assert (found.result, found.ended_by) == ("pass", term)
    assert found.lookups == (2 if "include" in term else 1)


async def test_names_without_ipv6_are_no_fault(name_server: Any, our_dns: Dns) -> None:
    hosts = [f"h{number}.city.example" for number in range(5)]
    name_server.zone["city.example", "TXT"] = [f'"v=spf1 {" ".join(f"a:{host}" for host in hosts)} -all"']
    for host in hosts:
        name_server.zone[host, "A"] = ["192.0.2.1"]
    found = await seen(our_dns)
    assert (found.result, found.lookups, found.void_lookups) == ("fail", 5, 0)


async def test_addresses_that_were_not_seen_for_ipv6_are_a_gap(name_server: Any, our_dns: Dns) -> None:
    name_server.zone["city.example", "TXT"] = ['"v=spf1 a:h.city.example -all"']
    name_server.zone["h.city.example", "A"] = ["192.0.2.1"]
    name_server.silent.add(("h.city.example", "AAAA"))
    found = await asyncio.wait_for(evaluate("city.example", our_dns, seconds=20), 30)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.DNS


async def test_more_than_two_void_look_ups_are_an_error(name_server: Any, our_dns: Dns) -> None:
    name_server.zone["city.example", "TXT"] = ['"v=spf1 a:x.example a:y.example a:z.example -all"']
    found = await seen(our_dns)
    assert (found.result, found.void_lookups) == ("permerror", 3)
    assert "Void" in (found.problem or "")


@pytest.mark.parametrize("where", ["codes", "silent"])
async def test_dns_that_fails_on_the_way_is_a_gap(name_server: Any, our_dns: Dns, where: str) -> None:
    name_server.zone["city.example", "TXT"] = ['"v=spf1 include:broken.example -all"']
    if where == "codes":
        name_server.codes["broken.example"] = dns.rcode.SERVFAIL
    else:
        name_server.silent.add("broken.example")
    found = await asyncio.wait_for(evaluate("city.example", our_dns, seconds=20), 30)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.DNS
    assert "broken.example" in found.detail


async def test_evaluation_ends_when_time_is_up(name_server: Any) -> None:
    name_server.zone["city.example", "TXT"] = ['"v=spf1 include:slow.example -all"']
    name_server.silent.add("slow.example")
    slow = Dns(Settings(resolver=name_server.resolver, timeout=30))
    found = await asyncio.wait_for(evaluate("city.example", slow, seconds=0.3), 10)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.DNS


HOSTILE = [
    "v=spf1 " + "%{d}." * 3000 + "x -all",
    "v=spf1 " + "include:" * 500,
    "v=spf1 a:\u00ff\u00fe.example -all",
    "v=spf1 exists:%{ -all",
    "v=spf1 ip4:999.1.1.1/99 -all",
    "v=spf1 " + "a " * 4000 + "-all",
    "v=spf1 exp=" + "%" * 3000,
    "v=spf1 redirect=city.example",
    "v=spf1 mx:" + "a" * 300 + ".example -all",
]


@pytest.mark.parametrize("record", HOSTILE)
async def test_a_hostile_record_costs_its_own_evaluation_alone(name_server: Any, our_dns: Dns, record: str) -> None:
    name_server.zone["city.example", "TXT"] = [quoted(record)]
    name_server.cut.add("city.example")
    found = await asyncio.wait_for(evaluate("city.example", our_dns, seconds=20), 30)
    if isinstance(found, Unobserved):
        assert found.cause is Cause.MALFORMED
    else:
        assert found.result in {"permerror", "fail"}
