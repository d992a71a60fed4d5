"""What a domain tells senders about TLS, with real DNS, HTTPS and SMTP servers."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import dns.rcode
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.model.asset import Asset, MailDomain, StartTls, TlsService, Website
from scanner.model.facts.mail import ChainSeen, MailTlsPolicyFacts, StsBroken, StsMode, StsPolicy, Tlsa
from scanner.model.inventory import Inventory, Municipality, Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._dane import is_usable, matched
from scanner.probes.mail_policy import PROBE
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

MAIL = MailDomain(id="mail", domain="city.example")
HOST = "mx.city.example"
POLICY = f"version: STSv1\nmode: enforce\nmx: {HOST}\nmax_age: 604800\n"
Start = Callable[..., Awaitable[Any]]
Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def ask(name_server: Any, tmp_path: Path) -> Ask:
    async def run(*assets: Asset) -> Any:
        inventory = Inventory(
            path=tmp_path / "inventory.yaml",
            sha256="",
            municipality=Municipality(name="Riverton"),
            settings=Settings(timeout=1, asset_budget=20, resolver=name_server.resolver),
            assets=(MAIL, *assets),
        )
        transports = Transports(inventory=inventory, addresses=Addresses(inventory), tls=TlsWorkers())
        return (await PROBE.run(MAIL, transports))[MailTlsPolicyFacts].outcome

    name_server.zone["city.example", "MX"] = [f"10 {HOST}."]
    name_server.zone[HOST, "A"] = ["127.0.0.1"]
    return run


@pytest.fixture
def authority(issue: Callable[..., Any]) -> Any:
    return issue(ca=True)


@pytest.fixture
def context(issue: Callable[..., Any], authority: Any, tmp_path: Path) -> Callable[..., tuple[Any, ssl.SSLContext]]:
    """`context("name")` gives a certificate and a server's context with it."""

    def make(name: str, **how: Any) -> tuple[Any, ssl.SSLContext]:
        issued = issue(name, issuer=authority, **how)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain, key = issued.files(tmp_path)
        chain.write_text(issued.pem + authority.pem)
        made.load_cert_chain(chain, key)
        return issued, made

    return make


@pytest.fixture
def policy_site(peers: Any, http_answer: Any, context: Any, authority: Any, tmp_path: Path, name_server: Any) -> Start:
    """`await policy_site(body=…)` serves a policy file and gives the website that declares where."""

    async def start(
        *headers: str, status: int = 200, body: str = POLICY, name: str = "mta-sts.city.example"
    ) -> Website:
        name_server.zone["_mta-sts.city.example", "TXT"] = ['"v=STSv1; id=1;"']
        headers = headers or ("Content-Type: text/plain",)
        port = await peers.https(lambda _: http_answer(status, *headers, body=body), tls=context(name)[1])
        bundle = tmp_path / "ca.pem"
        bundle.write_text(authority.pem)
        url = f"https://mta-sts.city.example:{port}"
        return Website(id="sts", url=url, http_url=None, address="127.0.0.1", ca_bundle=bundle)

    return start


async def test_a_policy_is_fetched_where_the_inventory_declares_its_host(policy_site: Start, ask: Ask) -> None:
    found = await ask(await policy_site())
    assert found.sts_records == ("v=STSv1; id=1;",)
    assert found.sts_policy == StsPolicy(mode=StsMode.ENFORCE, mx=(HOST,), max_age=604_800)
    assert found.hosts == (HOST,)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"status": 404}, "404"),
        ({"status": 302}, "redirects"),
        ({"body": "x"}, "not valid"),
        ({"body": POLICY + "#" * 70_000}, "64 kB"),
        ({"name": "else.example"}, "the certificate of 127.0.0.1:"),
    ],
)
async def test_a_policy_that_no_sender_takes_is_broken(
    policy_site: Start, ask: Ask, how: dict[str, Any], told: str
) -> None:
    found = await ask(await policy_site(**how))
    assert isinstance(found.sts_policy, StsBroken)
    assert told in found.sts_policy.why
    assert not any(odd in found.sts_policy.why for odd in (".)", "nothing was sent", "The "))


async def test_a_policy_of_another_media_type_is_broken(policy_site: Start, ask: Ask) -> None:
    found = await ask(await policy_site("Content-Type: text/html"))
    assert isinstance(found.sts_policy, StsBroken)
    assert "text/html" in found.sts_policy.why


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (403, Cause.BLOCKED),
        (429, Cause.RATE_LIMITED),
        (500, Cause.UNREACHABLE),
        (502, Cause.UNREACHABLE),
        (503, Cause.UNREACHABLE),
        (504, Cause.UNREACHABLE),
    ],
)
async def test_a_wall_or_a_fault_of_the_moment_before_the_policy_is_a_gap(
    policy_site: Start, ask: Ask, status: int, cause: Cause
) -> None:
    found = await ask(await policy_site(status=status))
    assert isinstance(found.sts_policy, Unobserved)
    assert found.sts_policy.cause is cause


async def test_no_record_or_two_mean_that_no_policy_is_asked_for(name_server: Any, peers: Any, ask: Ask) -> None:
    assert (await ask()).sts_records == ()
    name_server.zone["_mta-sts.city.example", "TXT"] = ['"v=STSv1; id=1"', '"v=STSv1; id=2"', '"other"']
    found = await ask()
    assert (len(found.sts_records), found.sts_policy) == (2, None)
    assert ("mta-sts.city.example", "A") not in name_server.asked


async def test_an_announced_policy_without_a_host_is_broken_and_failed_dns_a_gap(name_server: Any, ask: Ask) -> None:
    name_server.zone["_mta-sts.city.example", "TXT"] = ['"v=STSv1; id=1"']
    assert isinstance((await ask()).sts_policy, StsBroken)
    name_server.codes["mta-sts.city.example"] = dns.rcode.SERVFAIL
    assert isinstance((await ask()).sts_policy, Unobserved)
    name_server.codes["_mta-sts.city.example"] = dns.rcode.SERVFAIL
    found = await ask()
    assert isinstance(found.sts_records, Unobserved)


def tlsa(usage: int, selector: int, matching: int, certificate: Any) -> str:
    """The TLSA record that a certificate matches."""
    data = certificate.public_bytes(Encoding.DER)
    if selector == 1:
        data = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    hashed = {0: data.hex(), 1: hashlib.sha256(data).hexdigest(), 2: hashlib.sha512(data).hexdigest()}
    return f"{usage} {selector} {matching} {hashed[matching]}"


async def test_authenticated_records_are_compared_with_the_chain(
    name_server: Any, mail_server: Start, context: Any, ask: Ask, peers: Any
) -> None:
    issued, tls = context(HOST)
    server = await mail_server(tls=tls)
    name_server.authenticated.add("*")
    rollover = "3 1 1 " + "00" * 32
    name_server.zone[f"_25._tcp.{HOST}", "TLSA"] = [tlsa(3, 1, 1, issued.certificate), rollover]
    found = await ask(TlsService(id="mx", host=HOST, port=server.port, starttls=StartTls.SMTP))
    (dane,) = found.dane
    assert (dane.authenticated, len(dane.records), found.hosts_authenticated) == (True, 2, True)
    (chain,) = dane.chains
    assert isinstance(chain, ChainSeen)
    assert [str(record) for record in chain.matched] == [tlsa(3, 1, 1, issued.certificate)]


async def test_records_that_are_not_authenticated_cost_no_conversation(
    name_server: Any, mail_server: Start, ask: Ask, peers: Any
) -> None:
    server = await mail_server()
    name_server.zone[f"_25._tcp.{HOST}", "TLSA"] = ["3 1 1 " + "00" * 32]
    (dane,) = (await ask(TlsService(id="mx", host=HOST, port=server.port, starttls=StartTls.SMTP))).dane
    assert (dane.authenticated, len(dane.records), dane.chains) == (False, 1, ())
    assert server.said == []


async def asked_for_dane(name_server: Any, mail_server: Start, ask: Ask, *secure: str, **how: Any) -> Any:
    """DANE of a host with a record, where DNSSEC covers these names and those of the records themselves."""
    server = await mail_server(**how)
    name_server.authenticated |= {"city.example", f"_25._tcp.{HOST}", *secure}
    name_server.zone[f"_25._tcp.{HOST}", "TLSA"] = ["3 1 1 " + "00" * 32]
    (dane,) = (await ask(TlsService(id="mx", host=HOST, port=server.port, starttls=StartTls.SMTP))).dane
    return dane, server.said


async def test_a_host_whose_addresses_are_not_authenticated_has_no_dane(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    dane, said = await asked_for_dane(name_server, mail_server, ask)
    assert (dane.authenticated, dane.is_secure, dane.chains, said) == (True, False, (), [])


async def test_an_authenticated_alias_to_unsigned_addresses_has_dane_by_its_own_name(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    del name_server.zone[HOST, "A"]
    name_server.zone[HOST, "CNAME"] = ["mx.hoster.example."]
    name_server.zone["mx.hoster.example", "A"] = ["127.0.0.1"]
    name_server.lonely = True  # each link comes with its own flag
    dane, said = await asked_for_dane(name_server, mail_server, ask, HOST)
    assert (dane.is_secure, len(dane.chains), len(said)) == (True, 1, 1)


async def test_addresses_that_dns_did_not_tell_are_a_gap_of_dane(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    name_server.codes[HOST] = dns.rcode.SERVFAIL
    dane, _ = await asked_for_dane(name_server, mail_server, ask)
    assert isinstance(dane.is_secure, Unobserved)


async def test_a_host_with_dane_and_without_starttls_is_known_as_that(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    dane, _ = await asked_for_dane(name_server, mail_server, ask, HOST, ehlo="250 mx")
    (chain,) = dane.chains
    assert (chain.offers_tls, chain.matched) == (False, ())


async def test_failed_look_ups_are_gaps(name_server: Any, ask: Ask) -> None:
    name_server.codes[f"_25._tcp.{HOST}"] = dns.rcode.SERVFAIL
    name_server.silent.add("_smtp._tls.city.example")
    found = await ask()
    assert isinstance(found.dane[0].records, Unobserved)
    assert isinstance(found.reporting, Unobserved)
    name_server.codes["city.example"] = dns.rcode.SERVFAIL
    assert isinstance(await ask(), Unobserved)


async def test_reporting_is_read(name_server: Any, ask: Ask) -> None:
    name_server.zone["_smtp._tls.city.example", "TXT"] = ['"v=TLSRPTv1; rua=mailto:a@city.example"', '"v=TLSRPTv10"']
    assert (await ask()).reporting == ("v=TLSRPTv1; rua=mailto:a@city.example",)


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
def test_every_form_of_association_is_compared(issue: Callable[..., Any], selector: int, matching: int) -> None:
    authority = issue(ca=True)
    leaf = issue(HOST, issuer=authority)
    chain = (leaf.pem, authority.pem)
    for usage, certificate in ((3, leaf.certificate), (2, authority.certificate)):
        usage_, selector_, matching_, data = tlsa(usage, selector, matching, certificate).split()
        record = Tlsa(usage=int(usage_), selector=int(selector_), matching=int(matching_), data=data)
        assert matched(chain, (record,), (HOST,)) == (record,)
        assert matched(chain[1:], (record,), (HOST,)) == ()


def test_a_trust_anchor_counts_only_for_a_leaf_that_is_valid_for_the_host(issue: Callable[..., Any]) -> None:
    authority, other = issue(ca=True), issue(ca=True)
    record = Tlsa(usage=2, selector=0, matching=1, data=tlsa(2, 0, 1, authority.certificate).split()[-1])
    good = issue(HOST, issuer=authority)
    assert matched((good.pem, authority.pem), (record,), (HOST,)) == (record,)
    assert matched((good.pem, authority.pem), (record,), ("else.example",)) == ()
    assert matched((issue(HOST, issuer=other).pem, authority.pem), (record,), (HOST,)) == ()
    assert matched((good.pem, other.pem, authority.pem), (record,), (HOST,)) == (record,)
    assert matched((), (record,), (HOST,)) == ()
    assert matched(("no certificate",), (record,), (HOST,)) == ()


@pytest.mark.parametrize(
    ("usage", "selector", "matching", "data"),
    [
        (0, 1, 1, "00" * 32),
        (1, 1, 1, "00" * 32),
        (3, 2, 1, "00" * 32),
        (3, 1, 3, "00" * 32),
        (3, 1, 1, "00" * 31),
        (3, 1, 0, ""),
    ],
)
def test_records_that_senders_ignore_are_not_usable(usage: int, selector: int, matching: int, data: str) -> None:
    assert not is_usable(Tlsa(usage=usage, selector=selector, matching=matching, data=data))


def test_the_plan_names_look_ups_the_file_and_conversations() -> None:
    steps = list(PROBE.plan(MAIL, Settings()))
    assert any(step.target == "https://mta-sts.city.example/.well-known/mta-sts.txt" for step in steps)
    assert steps[0].action == "DNS"
    assert "MX, A and AAAA of city.example" in steps[0].target
    assert "A and AAAA of mta-sts.city.example" in steps[0].target
