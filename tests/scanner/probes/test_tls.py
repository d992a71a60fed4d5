"""The TLS probe: which addresses it asks, and how what it saw becomes facts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from scanner.model.asset import Website
from scanner.model.facts.tls import CA_BUNDLE, Accepted, AddressCertificates, AddressTls, CertificateFacts, TlsFacts
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.base import Reply, all_probes
from scanner.probes.tls import PROBE, certificate_facts, read_bundle, server_name, tls_facts
from scanner.transports import Transports
from scanner.transports.tls import TlsScan, VersionAnswer

HOST = "site.example"

Ask = Callable[..., Any]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """`await ask(port, ca_bundle=...)` runs the probe against loopback."""
    async with _transports() as transports:

        async def run(port: int, **more: Any) -> dict[type, Reply]:
            url = more.pop("url", f"https://{HOST}:{port}/")
            site = Website(**{"id": "www", "url": url, "http_url": None, "address": "127.0.0.1"} | more)
            return dict(await asyncio.wait_for(PROBE.run(site, transports), 30))

        yield run


class _transports:
    """The transports of a run with small time-outs."""

    def __init__(self, *, resolver: str | None = None, authorization: Authorization | None = None) -> None:
        self.resolver = resolver
        self.authorization = authorization

    async def __aenter__(self) -> Transports:
        from scanner.transports.addresses import Addresses
        from scanner.transports.tls import TlsWorkers

        inventory = Inventory(
            path=Path("inventory.yaml"),
            sha256="",
            municipality=Municipality(name="Riverton"),
            authorization=self.authorization,
            settings=Settings(timeout=1, asset_budget=10, resolver=self.resolver),
        )
        self.workers = TlsWorkers(1)
        return Transports(inventory=inventory, addresses=Addresses(inventory), tls=self.workers)

    async def __aexit__(self, *error: object) -> None:
        await self.workers.__aexit__(None, None, None)


def test_the_probe_is_found() -> None:
    assert PROBE in all_probes()


async def test_a_site_brings_certificates_and_versions(ask: Ask, tls_server, issue, tmp_path) -> None:
    leaf = issue(HOST)
    bundle = tmp_path / "city-ca.pem"
    bundle.write_text(leaf.pem)
    replies = await ask(await tls_server(leaf), ca_bundle=bundle)
    certificates, tls = replies[CertificateFacts].outcome, replies[TlsFacts].outcome
    (address,) = certificates.addresses
    assert address.address == "127.0.0.1"
    assert isinstance(address.deployments[0].trust_by(CA_BUNDLE), Accepted)
    assert tls.addresses[0].answer("TLSv1.3")
    assert len(replies[TlsFacts].digest) == 64


async def test_facts_survive_being_stored(ask: Ask, tls_server, issue) -> None:
    from pydantic import TypeAdapter

    replies = await ask(await tls_server(issue(HOST)))
    for kind, reply in replies.items():
        adapter = TypeAdapter(kind)
        assert adapter.validate_json(adapter.dump_json(reply.outcome)) == reply.outcome


async def test_a_bundle_that_cannot_be_read_leaves_the_rest_to_be_judged(ask: Ask, tls_server, issue, tmp_path) -> None:
    replies = await ask(await tls_server(issue(HOST)), ca_bundle=tmp_path / "absent.pem")
    deployment = replies[CertificateFacts].outcome.addresses[0].deployments[0]
    assert deployment.trust_by(CA_BUNDLE).cause is Cause.NOT_DECLARED
    assert str(tmp_path) not in deployment.trust_by(CA_BUNDLE).detail
    assert deployment.names.dns == (HOST,)


async def test_a_closed_port_is_one_gap_for_both_kinds(ask: Ask, closed_tls_port) -> None:
    replies = await ask(closed_tls_port)
    assert {reply.outcome.cause for reply in replies.values()} == {Cause.UNREACHABLE}
    assert set(replies) == set(PROBE.provides)


async def test_silence_and_other_protocols_are_told_apart(ask: Ask, tls_peer) -> None:
    async def silent(reader, writer) -> None:
        await asyncio.sleep(30)

    async def http(reader, writer) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert (await ask(await tls_peer(silent)))[TlsFacts].outcome.cause is Cause.TIMEOUT
    assert (await ask(await tls_peer(http)))[TlsFacts].outcome.cause is Cause.MALFORMED


async def test_a_name_that_dns_does_not_know_is_a_gap(ask: Ask) -> None:
    replies = await ask(443, url="https://nowhere.invalid/", address=None)
    assert {reply.outcome.cause for reply in replies.values()} <= {Cause.DNS, Cause.TIMEOUT}


async def test_a_url_without_a_valid_host_is_a_gap(ask: Ask) -> None:
    for url in ("https:///", "https://" + "a" * 300 + ".example/"):
        replies = await ask(443, url=url)
        assert replies[CertificateFacts].outcome.cause is Cause.NOT_DECLARED


def test_plan_names_where_the_handshakes_go_and_resolves_nothing() -> None:
    site = Website(id="www", url="https://www.city.example:8443/", http_url=None)
    look_up, step = PROBE.plan(site, Settings())
    assert (look_up.action, "www.city.example" in look_up.target) == ("DNS", True)
    assert (step.action, step.account) == ("TLS handshakes", None)
    assert step.target == "every address of www.city.example:8443"
    (step,) = PROBE.plan(Website(id="www", url="https://x.example/", http_url=None, address="::1"), Settings())
    assert step.target == "[::1]:443"


def test_a_server_name_is_sent_for_names_alone() -> None:
    assert server_name("Bücher.example.") == "xn--bcher-kva.example"
    assert server_name("192.0.2.7") is None
    assert server_name("2001:db8::1") is None


def test_a_bundle_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "all.pem"
    huge.write_bytes(b"x" * 1_000_001)
    found = read_bundle(huge)
    assert isinstance(found, Unobserved)
    assert read_bundle(None) is None


def test_one_address_that_was_seen_is_enough_for_facts() -> None:
    gap = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.2:443 did not answer.")
    versions = (VersionAnswer(version="TLSv1.2", suites=("A",)),)
    seen = TlsScan(versions=versions, deployments=gap, digest="00")
    assert tls_facts([("192.0.2.1", seen), ("192.0.2.2", gap)]) == TlsFacts(
        addresses=(AddressTls(address="192.0.2.1", versions=versions), gap)
    )
    assert certificate_facts([("192.0.2.1", seen), ("192.0.2.2", gap)]) == gap
    shown = TlsScan(versions=versions, deployments=(), digest="00")
    assert certificate_facts([("192.0.2.1", shown), ("192.0.2.2", gap)]) == CertificateFacts(
        addresses=(AddressCertificates(address="192.0.2.1", deployments=()), gap)
    )


async def test_an_excluded_address_of_a_name_is_a_gap_of_its_own(name_server, tls_server, issue) -> None:
    port = await tls_server(issue(HOST))
    name_server.zone[HOST, "A"] = ["127.0.0.1", "127.0.0.2"]
    barred = Authorization(document="letter.pdf", by="City Manager", exclude=(ip_network("127.0.0.2/32"),))
    async with _transports(resolver=name_server.resolver, authorization=barred) as transports:
        site = Website(id="www", url=f"https://{HOST}:{port}/", http_url=None)
        replies = await asyncio.wait_for(PROBE.run(site, transports), 30)
    for kind in PROBE.provides:
        seen, gap = replies[kind].outcome.addresses
        assert seen.address == "127.0.0.1"
        assert gap.cause is Cause.NOT_DECLARED
        assert "127.0.0.2" in gap.detail


async def test_a_name_with_very_many_addresses_is_asked_at_some_and_says_so(name_server, tls_server, issue) -> None:
    name_server.zone[HOST, "A"] = [f"127.0.1.{number}" for number in range(1, 19)]
    port = await tls_server(issue(HOST), host="127.0.1.1")
    async with _transports(resolver=name_server.resolver) as transports:
        site = Website(id="www", url=f"https://{HOST}:{port}/", http_url=None)
        replies = await asyncio.wait_for(PROBE.run(site, transports), 30)
    addresses = replies[TlsFacts].outcome.addresses
    assert len(addresses) == 17
    assert addresses[-1].cause is Cause.NOT_DECLARED
    assert "18 addresses" in addresses[-1].detail
