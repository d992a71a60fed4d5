"""The TLS probe: which addresses it asks, and how what it saw becomes facts."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from scanner.model.asset import StartTls, TlsService, Website
from scanner.model.facts.tls import (
    CA_BUNDLE,
    Accepted,
    AddressTls,
    CertificateFacts,
    TlsFacts,
    VersionAnswer,
)
from scanner.model.facts.tls_tests import AddressHoles, Hole, Impossible, NotTested, Tested, TlsTestFacts
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.observation import Depth
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._tls_address import Seen, nothing
from scanner.probes._tls_target import read_bundle, server_name
from scanner.probes.base import Reply, all_probes
from scanner.probes.tls import PROBE, replies
from scanner.transports.shared import Transports

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

    def __init__(
        self,
        *,
        authorization: Authorization | None = None,
        depth: Depth = Depth.STANDARD,
        budget: float = 10,
        **settings: Any,
    ) -> None:
        self.settings = Settings(timeout=1, asset_budget=budget, **settings)
        self.authorization = authorization
        self.depth = depth

    async def __aenter__(self) -> Transports:
        from scanner.transports.addresses import Addresses
        from scanner.transports.tls import TlsWorkers

        inventory = Inventory(
            path=Path("inventory.yaml"),
            sha256="",
            municipality=Municipality(name="Riverton"),
            authorization=self.authorization,
            settings=self.settings,
        )
        self.workers = TlsWorkers(1)
        return Transports(inventory=inventory, addresses=Addresses(inventory), tls=self.workers, depth=self.depth)

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


def test_plan_names_every_kind_of_connection_and_resolves_nothing() -> None:
    site = Website(id="www", url="https://www.city.example:8443/", http_url=None)
    look_up, *steps = PROBE.plan(site, Settings())
    assert (look_up.action, "www.city.example" in look_up.target) == ("DNS", True)
    assert {step.target for step in steps} == {"every address of www.city.example:8443"}
    assert {step.account for step in steps} == {None}
    actions = [step.action for step in steps]
    assert actions[0] == "TLS handshakes"
    assert any("early data" in action for action in actions)
    assert any("Heartbleed" in action for action in actions)
    assert any("--depth deep" in action for action in actions)


def test_plan_shows_that_no_test_is_sent_where_the_city_wants_none() -> None:
    site = Website(id="www", url="https://x.example/", http_url=None, address="::1")
    steps = list(PROBE.plan(site, Settings(active_tests=False)))
    assert {step.target for step in steps} == {"[::1]:443"}
    assert not any("Heartbleed" in step.action for step in steps)


def test_plan_of_a_mail_server_names_its_command_and_no_http() -> None:
    service = TlsService(id="mx", host="192.0.2.1", port=25, starttls=StartTls.SMTP)
    actions = [step.action for step in PROBE.plan(service, Settings())]
    assert actions[0].startswith("smtp")
    assert not any("GET" in action for action in actions)


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
    tls = AddressTls(address="192.0.2.1", versions=(VersionAnswer(version="TLSv1.2", suites=("A",)),))
    holes = AddressHoles(address="192.0.2.1", answers=())
    found = replies([Seen(certificates=gap, tls=tls, holes=holes, digest="00"), nothing(gap)])
    assert found[TlsFacts].outcome == TlsFacts(addresses=(tls, gap))
    assert found[TlsTestFacts].outcome == TlsTestFacts(addresses=(holes, gap))
    assert found[CertificateFacts].outcome == gap


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


# The questions that need a real TLS stack


def site_at(port: int) -> Website:
    return Website(id="www", url=f"https://{HOST}:{port}/", http_url=None, address="127.0.0.1")


async def answers_of(asset: TlsService | Website, transports: Transports) -> dict[Hole, Any]:
    replies = await asyncio.wait_for(PROBE.run(asset, transports), 90)
    outcome = replies[TlsTestFacts].outcome
    assert isinstance(outcome, TlsTestFacts), outcome
    (address,) = outcome.addresses
    assert isinstance(address, AddressHoles)
    assert [each.hole for each in address.answers] == list(Hole)
    return {each.hole: each for each in address.answers}


async def test_a_modern_server_is_sent_no_test_at_all(ask: Ask, tls_server, issue) -> None:
    replies = await ask(await tls_server(issue(HOST)))
    (address,) = replies[TlsTestFacts].outcome.addresses
    kinds = {each.hole: type(each) for each in address.answers}
    assert kinds.pop(Hole.COMPRESSION) is Tested
    assert set(kinds.values()) == {Impossible}


async def test_a_server_of_static_rsa_is_tested_for_robot(ask: Ask, tls_server, issue) -> None:
    replies = await ask(await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1"))
    (address,) = replies[TlsTestFacts].outcome.addresses
    robot = next(each for each in address.answers if each.hole is Hole.ROBOT)
    assert isinstance(robot, Tested)
    assert not robot.open


async def test_no_test_is_sent_where_the_city_wants_none(tls_server, issue) -> None:
    port = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    async with _transports(active_tests=False) as transports:
        answers = await answers_of(site_at(port), transports)
    robot = answers[Hole.ROBOT]
    assert isinstance(robot, NotTested)
    assert (robot.gap.cause, robot.gap.by_choice, robot.gap.subject) == (Cause.NOT_DECLARED, True, "robot")
    assert "settings.active_tests" in robot.gap.detail
    ccs = answers[Hole.CCS]  # its hellos exclude it, which is told and is no verdict
    assert isinstance(ccs, NotTested)
    assert "hellos" in ccs.gap.detail


async def test_a_deep_scan_of_a_right_look_finds_no_disagreement(tls_server, issue) -> None:
    port = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    async with _transports(depth=Depth.DEEP, budget=80) as transports:
        replies = await asyncio.wait_for(PROBE.run(site_at(port), transports), 90)
    (address,) = replies[TlsFacts].outcome.addresses
    assert not any(isinstance(each.suites, Unobserved) for each in address.versions)
    (holes,) = replies[TlsTestFacts].outcome.addresses
    assert not any(isinstance(each, NotTested) for each in holes.answers)


@pytest.mark.parametrize(
    ("version", "ciphers"), [((3, 0), ("rc4", "3des")), ((3, 1), ("aes128", "3des")), ((3, 3), ("aes128gcm", "rc4"))]
)
async def test_sslyze_agrees_about_servers_of_another_time(old_server, issue, version, ciphers) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), version, ciphers=ciphers)
    async with _transports(depth=Depth.DEEP, budget=80) as transports:
        replies = await asyncio.wait_for(PROBE.run(site_at(port), transports), 90)
    (address,) = replies[TlsFacts].outcome.addresses
    assert len(address.accepted) == 1
    gaps = [each.suites for each in address.versions if isinstance(each.suites, Unobserved)]
    assert not gaps
    assert "disagree" not in repr(replies)


async def test_a_mail_server_is_asked_behind_its_command(mail_server, issue) -> None:
    leaf = issue("mx.example")
    port = await mail_server(leaf)
    service = TlsService(id="mx", host="127.0.0.1", port=port, starttls=StartTls.SMTP, server_name="mx.example")
    async with _transports(budget=20) as transports:
        replies = await asyncio.wait_for(PROBE.run(service, transports), 60)
    tls, certificates = replies[TlsFacts].outcome.addresses[0], replies[CertificateFacts].outcome.addresses[0]
    assert tls.answer("TLSv1.3")
    assert certificates.deployments[0].names.dns == ("mx.example",)
    assert isinstance(tls.traits.early_data, Unobserved)


@pytest.fixture
async def mail_server(tmp_path) -> AsyncIterator[Callable[..., Any]]:
    """`await mail_server(issued)`: SMTP with STARTTLS that hangs up after the handshake."""
    servers: list[asyncio.Server] = []

    async def start(issued: Any) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*issued.files(tmp_path))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, EOFError):
                writer.write(b"220 mx.example ready\r\n")
                await reader.readline()
                writer.write(b"250-mx.example\r\n250 STARTTLS\r\n")
                if (await reader.readline()).startswith(b"STARTTLS"):
                    writer.write(b"220 go ahead\r\n")
                    await writer.start_tls(context)
            writer.close()

        servers.append(await asyncio.start_server(serve, "127.0.0.1", 0))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()
