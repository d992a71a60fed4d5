"""The service probe, against listeners that encrypt, do not, will not, cannot, and lie."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from civicseal_greeters import UNWILLING, WILLING, Turn, follow

from scanner.model.asset import StartTls, TlsService
from scanner.model.facts.service import Encrypts, Listener, Plain, ServiceFacts, Unheard
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.base import all_probes
from scanner.probes.service import PROBE
from scanner.transports import pace, plain
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

NAME = "mx.city.example"
Ask = Callable[..., Any]
Start = Callable[..., int]


@pytest.fixture(autouse=True)
def _short_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_MOMENT", 0.3)
    monkeypatch.setattr(pace, "_FIRST_PAUSE", 0.02)


def transports(workers: TlsWorkers, **more: Any) -> Transports:
    budget = more.pop("budget", 20.0)
    inventory = Inventory(
        path=Path("inventory.yaml"),
        sha256="",
        municipality=Municipality(name="Riverton"),
        settings=Settings(timeout=1, asset_budget=budget, resolver=more.pop("resolver", None)),
        **more,
    )
    return Transports(inventory=inventory, addresses=Addresses(inventory), tls=workers)


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """`await ask(port, starttls=...)` gives the listener at 127.0.0.1."""
    workers = TlsWorkers(1)
    shared = transports(workers)

    async def run(port: int, **more: Any) -> Listener:
        using = more.pop("using", shared)
        asset = TlsService(**{"id": "it", "host": "127.0.0.1", "port": port, "server_name": NAME} | more)
        replies = await asyncio.wait_for(PROBE.run(asset, using), 40)
        facts = replies[ServiceFacts].outcome
        assert isinstance(facts, ServiceFacts)
        (listener,) = facts.addresses
        assert listener.address == "127.0.0.1"
        return listener

    yield run
    await workers.__aexit__(None, None, None)


@pytest.fixture
def context(make_certificate: Callable[..., Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(NAME))
    return context


def gap(listener: Listener) -> Unobserved:
    assert isinstance(listener, Unheard)
    return listener.gap


def test_the_probe_is_found() -> None:
    assert PROBE in all_probes()


@pytest.mark.parametrize("protocol", list(StartTls))
async def test_tls_by_command_is_seen(protocol: StartTls, ask: Ask, greeter: Start, context: ssl.SSLContext) -> None:
    listener = await ask(greeter(WILLING[protocol], context), starttls=protocol)
    assert isinstance(listener, Encrypts)
    assert listener.version == "TLSv1.3"
    assert listener.suite


@pytest.mark.parametrize("protocol", list(StartTls))
async def test_a_server_that_says_it_has_no_tls_is_plain(protocol: StartTls, ask: Ask, greeter: Start) -> None:
    listener = await ask(greeter(UNWILLING[protocol]), starttls=protocol)
    assert isinstance(listener, Plain)
    assert listener.seen


async def test_tls_from_the_first_byte_is_seen(ask: Ask, tls_server, issue) -> None:
    listener = await ask(await tls_server(issue(NAME)))
    assert isinstance(listener, Encrypts)
    assert listener.version == "TLSv1.3"


async def test_a_server_too_old_for_this_machines_library_encrypts(ask: Ask, old_server, issue) -> None:
    listener = await ask(old_server(issue(NAME, rsa_bits=2048), (3, 0)))
    assert listener == Encrypts(address="127.0.0.1", version="SSLv3", suite=None)


@pytest.mark.parametrize(
    ("greeting", "named"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mx ESMTP\r\n", "SMTP"),
        (b"* OK IMAP4rev1\r\n", "IMAP"),
        (b"+OK ready\r\n", "POP3"),
        (b"220 FTP server\r\n", "FTP"),
    ],
)
async def test_who_greets_in_plain_text_where_tls_should_begin_is_plain(
    greeting: bytes, named: str, ask: Ask, raw: Start
) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(greeting)
        time.sleep(0.5)

    listener = await ask(raw(greet))
    assert isinstance(listener, Plain)
    assert named in listener.seen


async def test_who_answers_tls_with_http_is_plain(ask: Ask, raw: Start) -> None:
    def complain(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        time.sleep(0.2)

    listener = await ask(raw(complain))
    assert isinstance(listener, Plain)
    assert "HTTP/1.1 400" in listener.seen


async def test_a_real_plain_web_server_is_plain(ask: Ask) -> None:
    class Quiet(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        listener = await ask(server.server_address[1])
        server.shutdown()
    assert isinstance(listener, Plain)
    assert "HTTP" in listener.seen


async def test_a_protocol_that_has_tls_after_a_command_is_told_as_undeclared(
    ask: Ask, greeter: Start, context: ssl.SSLContext
) -> None:
    script = [Turn(b"", b"220 mx ESMTP\r\n"), *WILLING["smtp"][1:]]
    found = gap(await ask(greeter(script, context)))
    assert found.cause is Cause.NOT_DECLARED
    assert "starttls: smtp" in found.detail


async def test_a_wall_before_the_listener_is_no_verdict_on_it(ask: Ask, raw: Start) -> None:
    def complain(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        time.sleep(0.2)

    assert gap(await ask(raw(complain))).cause is Cause.BLOCKED


async def test_silence_is_a_timeout(ask: Ask, raw: Start) -> None:
    assert gap(await ask(raw(lambda connection: time.sleep(3)))).cause is Cause.TIMEOUT


@pytest.mark.parametrize("protocol", list(StartTls))
async def test_silence_before_the_command_is_a_timeout(protocol: StartTls, ask: Ask, raw: Start) -> None:
    assert gap(await ask(raw(lambda connection: time.sleep(3)), starttls=protocol)).cause is Cause.TIMEOUT


async def test_a_closed_port_is_unreachable(ask: Ask, free_port: int) -> None:
    assert gap(await ask(free_port)).cause is Cause.UNREACHABLE
    assert gap(await ask(free_port, starttls=StartTls.SMTP)).cause is Cause.UNREACHABLE


async def test_garbage_is_malformed(ask: Ask, raw: Start) -> None:
    def garble(connection: socket.socket) -> None:
        connection.sendall(bytes(range(128, 256)) * 20)
        time.sleep(0.2)

    assert gap(await ask(raw(garble))).cause is Cause.MALFORMED


async def test_plain_text_pipelined_after_the_go_ahead_is_no_tls(ask: Ask, greeter: Start) -> None:
    last = WILLING["smtp"][-1]
    port = greeter([*WILLING["smtp"][:-1], Turn(last.awaits, last.sends + b"250 injected\r\n")])
    assert gap(await ask(port, starttls=StartTls.SMTP)).cause is Cause.MALFORMED


async def test_a_rate_limit_is_waited_out(ask: Ask, raw: Start, context: ssl.SSLContext) -> None:
    visits: list[float] = []

    def behave(connection: socket.socket) -> None:
        visits.append(time.monotonic())
        if len(visits) < 3:
            connection.sendall(b"421 4.7.0 too many connections\r\n")
        else:
            follow(connection, WILLING["smtp"], context)

    assert isinstance(await ask(raw(behave), starttls=StartTls.SMTP), Encrypts)
    assert len(visits) == 3
    assert visits[1] - visits[0] >= 0.019
    assert visits[2] - visits[1] >= 0.039


async def test_a_rate_limit_that_stays_is_told_as_one_after_a_few_attempts(ask: Ask, raw: Start) -> None:
    visits: list[int] = []

    def behave(connection: socket.socket) -> None:
        visits.append(1)
        connection.sendall(b"421 4.7.0 too many connections\r\n")

    found = gap(await ask(raw(behave), starttls=StartTls.SMTP))
    assert found.cause is Cause.RATE_LIMITED
    assert "too many connections" in found.detail
    assert len(visits) == 3


async def test_many_services_behind_one_mail_server_come_one_by_one(
    ask: Ask, raw: Start, context: ssl.SSLContext
) -> None:
    inside, most = [0], [0]

    def behave(connection: socket.socket) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        try:
            if inside[0] > 2:  # who has just left may not have been noticed yet
                connection.sendall(b"421 too many connections\r\n")
                return
            follow(connection, WILLING["smtp"], context)
        finally:
            inside[0] -= 1

    port = raw(behave)
    listeners = await asyncio.gather(*(ask(port, starttls=StartTls.SMTP, id=f"m{each}") for each in range(32)))
    assert all(isinstance(each, Encrypts) for each in listeners)
    assert most[0] <= 2


async def test_services_at_different_ports_do_not_wait_for_each_other(
    ask: Ask, greeter: Start, raw: Start, context: ssl.SSLContext
) -> None:
    everybody = threading.Barrier(8)

    def behave(connection: socket.socket) -> None:
        everybody.wait(10)  # nobody is answered before all have come
        follow(connection, WILLING["smtp"], context)

    ports = [raw(behave) for _ in range(8)]
    using = transports(TlsWorkers(1))
    found = await asyncio.gather(*(ask(port, starttls=StartTls.SMTP, using=using) for port in ports))
    assert all(isinstance(each, Encrypts) for each in found)


async def test_who_never_gets_a_turn_says_so(ask: Ask, raw: Start) -> None:
    port = raw(lambda connection: time.sleep(5))
    workers = TlsWorkers(1)
    crowded = transports(workers, budget=1.0)
    async with crowded.pace.turn(f"127.0.0.1:{port}", at_once=1):
        found = gap(await ask(port, starttls=StartTls.SMTP, using=crowded))
    assert found.cause is Cause.TIMEOUT
    assert "asset_budget" in found.detail


async def test_an_excluded_address_gets_no_packet(raw: Start) -> None:
    visits: list[int] = []
    port = raw(lambda connection: visits.append(1))
    barred = Authorization(exclude=(ip_network("127.0.0.0/8"),))
    using = transports(TlsWorkers(1), authorization=barred)
    asset = TlsService(id="it", host="127.0.0.1", port=port)
    outcome = (await PROBE.run(asset, using))[ServiceFacts].outcome
    assert isinstance(outcome, Unobserved)
    assert (outcome.cause, visits) == (Cause.NOT_DECLARED, [])


async def test_every_address_of_a_name_is_asked(name_server, greeter: Start) -> None:
    name_server.zone[(NAME, "A")] = ["127.0.0.1", "127.0.0.2"]
    using = transports(TlsWorkers(1), resolver=name_server.resolver)
    asset = TlsService(id="it", host=NAME, port=greeter(UNWILLING["smtp"]), starttls=StartTls.SMTP)
    facts = (await PROBE.run(asset, using))[ServiceFacts].outcome
    assert isinstance(facts, ServiceFacts)
    first, second = facts.addresses
    assert isinstance(first, Plain)
    assert second.address == "127.0.0.2"
    assert gap(second).cause is Cause.UNREACHABLE


async def test_a_name_that_dns_does_not_know_is_one_gap(name_server) -> None:
    using = transports(TlsWorkers(1), resolver=name_server.resolver)
    outcome = (await PROBE.run(TlsService(id="it", host="no.city.example", port=25), using))[ServiceFacts].outcome
    assert isinstance(outcome, Unobserved)
    assert outcome.cause is Cause.DNS


def test_the_plan_names_every_connection() -> None:
    settings = Settings()
    steps = list(PROBE.plan(TlsService(id="a", host="mx.city.example", port=25, starttls=StartTls.SMTP), settings))
    assert [step.action for step in steps] == ["DNS", "smtp up to TLS, then a handshake"]
    assert steps[1].target == "every address of mx.city.example:25"
    direct, command = PROBE.plan(TlsService(id="a", host="192.0.2.1", port=636), settings)
    assert direct.target == command.target == "192.0.2.1:636"
    assert "command for TLS" in command.action
