"""The mail hosts of a domain: which they are, and what is seen of each, with real DNS and SMTP servers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dns.rcode
import pytest

from scanner.model.asset import Asset, MailDomain, StartTls, TlsService
from scanner.model.facts.mail import MailHost, MailHostFacts, Receiving
from scanner.model.facts.service import Encrypts, Plain, Unheard
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._mail_servers import provider_of
from scanner.probes.mail_hosts import PROBE
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

MAIL = MailDomain(id="mail", domain="city.example")
Start = Callable[..., Awaitable[Any]]
Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def make(name_server: Any, tmp_path: Path) -> Callable[..., Transports]:
    def transports(*assets: Asset, exclude: str = "", resolver: bool = True) -> Transports:
        networks = tuple(ip_network(each) for each in exclude.split())
        inventory = Inventory(
            path=tmp_path / "inventory.yaml",
            sha256="",
            municipality=Municipality(name="Riverton"),
            authorization=Authorization(exclude=networks),
            settings=Settings(timeout=1, asset_budget=20, resolver=name_server.resolver if resolver else None),
            assets=(MAIL, *assets),
        )
        return Transports(inventory=inventory, addresses=Addresses(inventory), tls=TlsWorkers())

    return transports


@pytest.fixture
def ask(make: Callable[..., Transports]) -> Ask:
    async def run(*assets: Asset, **how: Any) -> Any:
        return (await PROBE.run(MAIL, make(*assets, **how)))[MailHostFacts].outcome

    return run


def declared(host: str, port: int, *, server_name: str | None = None) -> TlsService:
    return TlsService(id=host, host=host, port=port, starttls=StartTls.SMTP, server_name=server_name)


async def test_each_mx_host_is_asked_where_the_inventory_declares_it(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    good, bare = await mail_server(), await mail_server(ehlo="250 mx2")
    name_server.zone["city.example", "MX"] = ["20 mx2.city.example.", "10 MX1.city.example."]
    for name in ("mx1.city.example", "mx2.city.example"):
        name_server.zone[name, "A"] = ["127.0.0.1"]
    found = await ask(declared("mx1.city.example", good.port), declared("mx2.city.example", bare.port))
    assert (found.receiving, found.exists) == (Receiving.MX, True)
    first, second = found.hosts
    assert (first.host, first.preference) == ("mx1.city.example", 10)
    assert isinstance(first.listeners[0], Encrypts)
    assert "CN=localhost" in first.certificates[0]
    assert isinstance(second.listeners[0], Plain)


async def test_a_host_may_be_declared_by_its_server_name_at_another_address(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    server = await mail_server()
    name_server.zone["city.example", "MX"] = ["10 mx.city.example."]
    found = await ask(declared("127.0.0.1", server.port, server_name="MX.city.example"))
    assert isinstance(found.hosts[0].listeners[0], Encrypts)


async def test_a_host_may_be_declared_by_its_address_alone(name_server: Any, mail_server: Start, ask: Ask) -> None:
    server = await mail_server()
    name_server.zone["city.example", "MX"] = ["10 mx.city.example."]
    name_server.zone["mx.city.example", "A"] = ["127.0.0.1"]
    found = await ask(declared("127.0.0.1", server.port))
    assert isinstance(found.hosts[0].listeners[0], Encrypts)


async def test_without_mx_records_mail_goes_to_the_domain_itself(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    server = await mail_server()
    name_server.zone["city.example", "A"] = ["127.0.0.1"]
    found = await ask(declared("city.example", server.port))
    assert found.receiving is Receiving.ADDRESS
    assert [host.host for host in found.hosts] == ["city.example"]
    assert isinstance(found.hosts[0].listeners[0], Encrypts)


async def test_domains_that_take_no_mail(name_server: Any, ask: Ask) -> None:
    nowhere = await ask()
    assert (nowhere.receiving, nowhere.hosts, nowhere.exists) == (Receiving.NOWHERE, (), True)
    name_server.codes["city.example"] = dns.rcode.NXDOMAIN
    assert not (await ask()).exists
    name_server.codes.clear()
    name_server.zone["city.example", "MX"] = ["0 ."]
    name_server.zone["city.example", "A"] = ["127.0.0.1"]
    assert (await ask()).receiving is Receiving.NULL_MX


async def test_failed_dns_is_a_gap_and_never_no_mail(name_server: Any, ask: Ask) -> None:
    name_server.codes["city.example"] = dns.rcode.SERVFAIL
    found = await ask()
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.DNS
    name_server.codes.clear()
    name_server.silent.add(("city.example", "A"))
    assert isinstance(await ask(), Unobserved)


async def test_a_host_that_dns_does_not_know_is_a_gap_of_its_own(
    name_server: Any, mail_server: Start, ask: Ask
) -> None:
    server = await mail_server()
    name_server.zone["city.example", "MX"] = ["10 mx1.city.example.", "20 gone.city.example."]
    name_server.zone["mx1.city.example", "A"] = ["127.0.0.1"]
    found = await ask(declared("mx1.city.example", server.port))
    good, gone = found.hosts
    assert isinstance(good.listeners[0], Encrypts)
    assert isinstance(gone.listeners[0], Unheard)
    assert gone.listeners[0].gap.cause is Cause.DNS


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
async def test_an_address_in_an_mx_record_is_not_connected_to(name_server: Any, ask: Ask, host: str) -> None:
    name_server.zone["city.example", "MX"] = [f"10 {host}."]
    (found,) = (await ask()).hosts
    assert isinstance(found.listeners[0], Unheard)
    assert found.listeners[0].gap.cause is Cause.MALFORMED


async def test_port_25_that_is_refused_is_told_with_the_commonest_reason(name_server: Any, ask: Ask) -> None:
    name_server.zone["city.example", "MX"] = ["10 mx.city.example."]
    name_server.zone["mx.city.example", "A"] = ["127.0.0.97"]
    (host,) = (await ask()).hosts
    assert isinstance(host.listeners[0], Unheard)
    assert host.listeners[0].gap.cause is Cause.UNREACHABLE
    assert "port 25" in host.listeners[0].gap.detail


async def test_excluded_addresses_get_no_packet(name_server: Any, mail_server: Start, peers: Any, ask: Ask) -> None:
    server = await mail_server()
    name_server.zone["city.example", "MX"] = ["10 mx.city.example."]
    name_server.zone["mx.city.example", "A"] = ["127.0.0.1"]
    (host,) = (await ask(declared("mx.city.example", server.port), exclude="127.0.0.0/8")).hosts
    assert isinstance(host.listeners[0], Unheard)
    assert host.listeners[0].gap.cause is Cause.NOT_DECLARED
    assert peers.accepted == []


def test_dns_alone_leads_to_no_loopback_or_link_local_address(make: Callable[..., Transports]) -> None:
    addresses = make(declared("mx.city.example", 25), resolver=False).addresses
    for address in ("127.0.0.1", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1"):
        assert not addresses.may_be_found("mx.else.example", address)
        assert addresses.may_be_found("mx.city.example", address)
    assert addresses.may_be_found("mx.else.example", "10.0.0.1")
    assert make(resolver=True).addresses.may_be_found("mx.else.example", "127.0.0.1")


async def test_more_hosts_than_are_asked_are_told(name_server: Any, ask: Ask) -> None:
    name_server.zone["city.example", "MX"] = [f"{number} mx{number}.city.example." for number in range(25)]
    name_server.cut.add("city.example")
    found = await ask()
    assert sum(isinstance(each, MailHost) for each in found.hosts) == 20
    assert isinstance(found.hosts[-1], Unobserved)
    assert found.hosts[-1].subject == "other mail hosts"


def test_the_plan_names_look_ups_and_conversations() -> None:
    steps = list(PROBE.plan(MAIL, Settings()))
    assert [step.action for step in steps] == ["DNS", "SMTP EHLO, STARTTLS and a TLS handshake"]
    assert all("city.example" in step.target for step in steps)
    assert "MX, A and AAAA of city.example" in steps[0].target


async def test_fifty_domains_at_one_provider_cost_one_conversation(
    name_server: Any, mail_server: Start, make: Callable[..., Transports]
) -> None:
    server = await mail_server()
    domains = [MailDomain(id=f"m{number}", domain=f"d{number}.example") for number in range(50)]
    for domain in domains:
        name_server.zone[domain.domain, "MX"] = [f"10 {domain.id}.mail.hoster.example."]
        name_server.zone[f"{domain.id}.mail.hoster.example", "A"] = ["127.0.0.1"]
    transports = make(declared("127.0.0.1", server.port))
    replies = await asyncio.gather(*(PROBE.run(domain, transports) for domain in domains))
    for reply in replies:
        facts = reply[MailHostFacts].outcome
        assert isinstance(facts, MailHostFacts)
        assert isinstance(facts.hosts[0], MailHost)
        assert isinstance(facts.hosts[0].listeners[0], Encrypts)
    assert len(server.said) == 1


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("mx1.mail.hoster.example", "hoster.example"),
        ("mx.city.gov", "city.gov"),
        ("mx.riverton.gov.uk", "riverton.gov.uk"),
        ("mx1.hoster.co.uk", "hoster.co.uk"),
        ("mx.ci.riverton.ny.us", "riverton.ny.us"),
        ("mx.riverton.k12.ny.us", "riverton.k12.ny.us"),
        ("mx.hoster.de", "hoster.de"),
        ("hoster.de", "hoster.de"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
    ],
)
def test_a_provider_is_the_domain_that_somebody_registered(host: str, provider: str) -> None:
    assert provider_of(host) == provider
