"""DNS records from a real server: what is an answer, what is a gap, and who is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import dns.rcode
import pytest

from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports import dns as dns_module
from scanner.transports._name_server import NameServer
from scanner.transports.dns import Dns, Records

Asking = Callable[..., Dns]


@pytest.fixture
def asking(name_server: Any) -> Asking:
    def make(*, timeout: float = 1.0) -> Dns:
        return Dns(Settings(resolver=name_server.resolver, timeout=timeout))

    return make


async def seen(asked: Dns, name: str, kind: str) -> Records:
    found = await asyncio.wait_for(asked.records(name, kind), 20)
    assert isinstance(found, Records), found
    return found


async def gap(asked: Dns, name: str, kind: str = "TXT") -> Unobserved:
    found = await asyncio.wait_for(asked.records(name, kind), 20)
    assert isinstance(found, Unobserved), found
    assert found.cause is Cause.DNS
    assert found.detail.endswith(".")
    return found


async def test_records_of_each_kind_are_read(name_server: Any, asking: Asking) -> None:
    name_server.zone["city.example", "MX"] = ["20 b.city.example.", "10 MX.city.example."]
    name_server.zone["city.example", "TXT"] = ['"v=spf1 " "-all"', '"\\255\\001"']
    name_server.zone["_25._tcp.mx.city.example", "TLSA"] = ["3 1 1 " + "AB" * 32]
    name_server.zone["3.2.0.192.in-addr.arpa", "PTR"] = ["mx.city.example."]
    asked = asking()
    assert (await seen(asked, "City.example.", "MX")).values == ("10 MX.city.example", "20 b.city.example")
    assert (await seen(asked, "city.example", "TXT")).values == ("v=spf1 -all", "\ufffd\x01")
    assert (await seen(asked, "_25._tcp.mx.city.example", "TLSA")).values == ("3 1 1 " + "ab" * 32,)
    assert (await seen(asked, "3.2.0.192.in-addr.arpa", "PTR")).values == ("mx.city.example",)


async def test_a_null_mx_is_a_dot(name_server: Any, asking: Asking) -> None:
    name_server.zone["city.example", "MX"] = ["0 ."]
    assert (await seen(asking(), "city.example", "MX")).values == ("0 .",)


async def test_that_nothing_is_there_is_an_answer(name_server: Any, asking: Asking) -> None:
    name_server.codes["none.city.example"] = dns.rcode.NXDOMAIN
    assert await seen(asking(), "none.city.example", "TXT") == Records(values=(), authenticated=False, exists=False)
    assert await seen(asking(), "bare.city.example", "TXT") == Records(values=(), authenticated=False, exists=True)


async def test_the_flag_of_dnssec_is_asked_for_and_seen(name_server: Any, asking: Asking) -> None:
    name_server.authenticated.add("city.example")
    name_server.zone["city.example", "MX"] = ["10 mx.city.example."]
    assert (await seen(asking(), "city.example", "MX")).authenticated
    assert not (await seen(asking(), "else.example", "MX")).authenticated


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTAUTH, dns.rcode.FORMERR])
async def test_a_failure_is_a_gap_and_never_nothing(name_server: Any, asking: Asking, code: dns.rcode.Rcode) -> None:
    name_server.codes["city.example"] = code
    assert dns.rcode.to_text(code) in (await gap(asking(), "city.example")).detail


async def test_silence_and_garbage_are_gaps(name_server: Any, asking: Asking) -> None:
    name_server.silent.add("silent.example")
    name_server.garbage.add("garbage.example")
    assert "in time" in (await gap(asking(timeout=0.3), "silent.example")).detail
    await gap(asking(timeout=0.3), "garbage.example")


@pytest.mark.parametrize("name", ["", "a" * 64 + ".example", "www..example", "x." * 200 + "example", "\x00\ud800"])
async def test_what_is_no_name_is_a_gap_or_has_nothing(asking: Asking, name: str) -> None:
    found = await asking().records(name, "TXT")
    assert isinstance(found, Unobserved) or not found.values


async def test_each_name_and_kind_is_asked_once_in_a_run(name_server: Any, asking: Asking) -> None:
    asked = asking()
    await asyncio.gather(*(asked.records("City.example.", "TXT") for _ in range(5)))
    await asked.records("city.example", "TXT")
    await asked.records("city.example", "MX")
    assert name_server.asked == [("city.example", "TXT"), ("city.example", "MX")]


async def test_who_gives_up_does_not_spoil_the_answer_for_others(name_server: Any, asking: Asking) -> None:
    name_server.zone["city.example", "TXT"] = ['"a"']
    asked = asking()
    impatient = asyncio.create_task(asked.records("city.example", "TXT"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await seen(asked, "city.example", "TXT")).values == ("a",)


async def test_a_long_answer_comes_over_tcp(name_server: Any, asking: Asking) -> None:
    texts = [f'"{number:03}{"x" * 200}"' for number in range(100)]
    name_server.zone["city.example", "TXT"] = texts
    name_server.cut.add("city.example")
    assert len((await seen(asking(), "city.example", "TXT")).values) == 100


async def test_a_server_that_knows_no_edns_is_asked_without(name_server: Any, asking: Asking) -> None:
    name_server.is_old = True
    name_server.zone["city.example", "TXT"] = ['"a"']
    assert (await seen(asking(), "city.example", "TXT")).values == ("a",)


@pytest.mark.parametrize("lonely", [False, True])
async def test_aliases_are_followed(name_server: Any, asking: Asking, lonely: bool) -> None:
    name_server.lonely = lonely
    name_server.zone["_dmarc.city.example", "CNAME"] = ["one.example."]
    name_server.zone["one.example", "CNAME"] = ["two.example."]
    name_server.zone["two.example", "TXT"] = ['"found"']
    assert (await seen(asking(), "_dmarc.city.example", "TXT")).values == ("found",)
    assert (await seen(asking(), "one.example", "MX")).values == ()


@pytest.mark.parametrize("lonely", [False, True])
async def test_aliases_without_end_are_a_gap(name_server: Any, asking: Asking, lonely: bool) -> None:
    name_server.lonely = lonely
    name_server.zone["a.example", "CNAME"] = ["b.example."]
    name_server.zone["b.example", "CNAME"] = ["a.example."]
    await gap(asking(), "a.example")


async def test_an_answer_counts_as_authenticated_only_if_every_alias_was(name_server: Any, asking: Asking) -> None:
    name_server.lonely = True
    name_server.authenticated.add("a.example")
    name_server.zone["a.example", "CNAME"] = ["b.example."]
    name_server.zone["b.example", "TXT"] = ['"x"']
    assert not (await seen(asking(), "a.example", "TXT")).authenticated


async def test_a_dead_server_is_left_alone_after_two_silences(name_server: Any, asking: Asking) -> None:
    name_server.silent.update({"a.example", "b.example", "c.example", "."})
    asked = asking(timeout=0.2)
    await gap(asked, "a.example")
    await gap(asked, "b.example")
    before = len(name_server.asked)
    assert "for a minute" in (await gap(asked, "c.example")).detail
    assert len(name_server.asked) == before


async def test_names_that_nobody_answers_for_do_not_make_a_server_dead(name_server: Any, asking: Asking) -> None:
    name_server.silent.update({"a.example", "b.example", "c.example", "d.example"})
    name_server.zone["city.example", "TXT"] = ['"a"']
    asked = asking(timeout=0.2)
    await asyncio.gather(*(gap(asked, f"{each}.example") for each in "abcd"))
    assert (await seen(asked, "city.example", "TXT")).values == ("a",)


async def test_the_next_server_is_asked_where_one_fails(
    name_server: Any, peers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_server.zone["city.example", "TXT"] = ['"a"']
    port = int(name_server.resolver.rpartition(":")[2])
    servers = (NameServer("127.0.0.1", peers.closed(), 0.2), NameServer("127.0.0.1", port, 2))
    monkeypatch.setattr(dns_module, "_servers", lambda _: servers)
    assert (await seen(Dns(Settings()), "city.example", "TXT")).values == ("a",)


async def test_a_machine_without_a_dns_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_module, "_servers", lambda _: ())
    assert "settings.resolver" in (await gap(Dns(Settings()), "city.example")).detail
