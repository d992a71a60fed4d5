"""SMTP conversations up to TLS with real servers, good ones and hostile ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.pace import Pace
from scanner.transports.smtp import MailServers, Sight, WithoutTls
from scanner.transports.tls import TlsTarget
from scanner.transports.tls_handshake import Handshake

Start = Callable[..., Awaitable[Any]]


def target(port: int, *, name: str = "mx.city.example", timeout: float = 2.0) -> TlsTarget:
    return TlsTarget(address="127.0.0.1", port=port, server_name=name, timeout=timeout)


async def see(port: int, servers: MailServers | None = None, *, provider: str = "city.example", **how: Any) -> Sight:
    servers = servers or MailServers(Pace())
    as_named = how.pop("as_named", False)
    until = asyncio.get_running_loop().time() + 30
    asked = servers.see(target(port, **how), provider, until=until, as_named=as_named)
    return await asyncio.wait_for(asked, 40)


async def test_a_server_that_turns_tls_on_is_seen_with_its_chain(mail_server: Start) -> None:
    server = await mail_server()
    seen = await see(server.port)
    assert isinstance(seen, Handshake), seen
    assert seen.version == "TLSv1.3"
    assert len(seen.chain) == 1
    assert [line.split()[0] for line in server.said[0]] == ["EHLO", "STARTTLS"]


@pytest.mark.parametrize(
    "answers",
    [
        {"ehlo": "250-mx\r\n250 SIZE 1000"},
        {"ehlo": "250 mx"},
        {"ehlo": "502 what?"},
        {"starttls": "502 not implemented"},
        {"starttls": "500 what?"},
    ],
)
async def test_a_server_without_it_is_known_by_its_own_words(mail_server: Start, answers: dict[str, str]) -> None:
    server = await mail_server(**answers)
    assert isinstance(await see(server.port), WithoutTls)


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        ({"greeting": "421 too many connections"}, Cause.RATE_LIMITED),
        ({"greeting": "450 later"}, Cause.RATE_LIMITED),
        ({"ehlo": "421 later"}, Cause.RATE_LIMITED),
        ({"ehlo": "451 later"}, Cause.RATE_LIMITED),
        ({"starttls": "454 TLS not available due to temporary reason"}, Cause.RATE_LIMITED),
        ({"greeting": "554 you are on a blocklist"}, Cause.BLOCKED),
        ({"ehlo": "550 not you"}, Cause.BLOCKED),
        ({"greeting": "+OK POP3"}, Cause.MALFORMED),
        ({"greeting": "999 odd"}, Cause.MALFORMED),
        ({"starttls": "220 go", "injected": b"250 injected in plain text\r\n"}, Cause.MALFORMED),
    ],
)
async def test_whatever_else_it_says_is_a_gap(mail_server: Start, answers: dict[str, Any], cause: Cause) -> None:
    server = await mail_server(**answers)
    seen = await see(server.port)
    assert isinstance(seen, Unobserved), seen
    assert seen.cause is cause


async def test_a_rate_limit_is_met_once_more_and_then_told(mail_server: Start) -> None:
    server = await mail_server(greeting="421 too many connections")
    await see(server.port)
    assert len(server.said) == 2


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says yes to STARTTLS, and then answers with no TLS."""
    writer.write(b"220 mx ESMTP\r\n")
    await reader.readline()
    writer.write(b"250-mx\r\n250 STARTTLS\r\n")
    await reader.readline()
    writer.write(b"220 go\r\n")
    await reader.read(4096)
    writer.write(b"\x00" * 4096)
    await writer.drain()


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greets without end."""
    while True:
        writer.write(b"220-hello\r\n" * 500)
        await writer.drain()


async def one_long_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greets in one line without end."""
    while True:
        writer.write(b"2" * 8192)
        await writer.drain()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greets a byte at a time."""
    while True:
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.2)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing."""
    await asyncio.sleep(60)


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up."""


@pytest.mark.parametrize(
    ("peer", "causes"),
    [
        (garbage, {Cause.MALFORMED}),
        (endless, {Cause.MALFORMED}),
        (one_long_line, {Cause.MALFORMED}),
        (dripping, {Cause.TIMEOUT, Cause.MALFORMED}),
        (silent, {Cause.TIMEOUT}),
        (closing, {Cause.UNREACHABLE}),
    ],
)
async def test_a_hostile_peer_is_a_gap_in_time(peers: Any, peer: Any, causes: set[Cause]) -> None:
    port = await peers.serve(peer)
    seen = await see(port, timeout=0.5)
    assert isinstance(seen, Unobserved), seen
    assert seen.cause in causes


async def test_a_closed_port_is_unreachable(peers: Any) -> None:
    seen = await see(peers.closed())
    assert isinstance(seen, Unobserved)
    assert seen.cause is Cause.UNREACHABLE


async def test_a_server_is_asked_once_in_a_run(mail_server: Start) -> None:
    server, servers = await mail_server(), MailServers(Pace())
    names = [f"mx{number}.hoster.example" for number in range(20)]
    seen = await asyncio.gather(*(see(server.port, servers, name=name) for name in names))
    assert all(isinstance(each, Handshake) for each in seen)
    assert len(server.said) == 1


async def test_where_the_name_matters_each_name_is_asked_for_once(mail_server: Start, peers: Any) -> None:
    server, servers = await mail_server(), MailServers(Pace())
    await see(server.port, servers, name="a.example")
    for name in ("a.example", "b.example", "b.example"):
        await see(server.port, servers, name=name, as_named=True)
    assert peers.server_names == ["a.example", "b.example"]


async def test_there_is_one_conversation_at_a_time_with_a_provider(mail_server: Start) -> None:
    server, servers = await mail_server(), MailServers(Pace())
    names = [f"mx{number}.hoster.example" for number in range(6)]
    asked = (see(server.port, servers, name=name, provider="hoster.example", as_named=True) for name in names)
    await asyncio.gather(*asked)
    assert (len(server.said), server.most_at_once) == (6, 1)


async def test_who_waits_too_long_for_a_turn_is_told_and_spoils_nothing(peers: Any, mail_server: Start) -> None:
    slow, server, servers = await peers.serve(silent), await mail_server(), MailServers(Pace())
    loop = asyncio.get_running_loop()
    first = asyncio.create_task(see(slow, servers, timeout=1.0))
    await asyncio.sleep(0.1)
    waited = await servers.see(target(server.port), "city.example", until=loop.time() + 0.2)
    assert isinstance(waited, Unobserved)
    assert waited.cause is Cause.TIMEOUT
    assert "port 25" not in waited.detail
    assert isinstance(await see(server.port, servers), Handshake)
    await first


async def at(address: str, port: int, servers: MailServers, *, seconds: float) -> Sight:
    until = asyncio.get_running_loop().time() + seconds
    asked = TlsTarget(address=address, port=port, server_name="mx.prov.example", timeout=2.0)
    return await asyncio.wait_for(servers.see(asked, "prov.example", until=until), seconds + 20)


async def test_a_healthy_server_does_not_wait_for_the_limits_of_its_providers_others(mail_server: Start) -> None:
    servers, addresses = MailServers(Pace()), [f"127.0.4.{number}" for number in range(1, 10)]
    limiting = [await mail_server(greeting="421 too many connections", host=address) for address in addresses]
    healthy = await mail_server(host="127.0.4.10")
    asked = [at(address, each.port, servers, seconds=4) for address, each in zip(addresses, limiting, strict=True)]
    *limited, good = await asyncio.gather(*asked, at("127.0.4.10", healthy.port, servers, seconds=4))
    assert isinstance(good, Handshake), good
    assert all(isinstance(each, Unobserved) and each.cause is Cause.RATE_LIMITED for each in limited)
    # The pauses between the second attempts (1, 2, 4, 8 s…) are not over by then.
    assert 1 in {len(each.said) for each in limiting}


async def test_a_server_whose_turn_does_not_come_because_of_a_limit_is_told_as_that(
    peers: Any, mail_server: Start
) -> None:
    servers = MailServers(Pace())
    limiting = await mail_server(greeting="421 too many connections", host="127.0.4.1")
    await at("127.0.4.1", limiting.port, servers, seconds=8)
    slow = asyncio.create_task(at("127.0.4.2", await peers.serve(silent, host="127.0.4.2"), servers, seconds=8))
    await asyncio.sleep(0.1)
    waited = await at("127.0.4.3", (await mail_server(host="127.0.4.3")).port, servers, seconds=0.2)
    assert isinstance(waited, Unobserved)
    assert waited.cause is Cause.RATE_LIMITED
    assert "prov.example" in waited.detail
    await slow


async def test_a_server_that_speaks_ssl_3_alone_is_seen_as_that(
    issue: Callable[..., Any], old_server: Callable[..., int], peers: Any
) -> None:
    behind = old_server(issue("mx.city.example", rsa_bits=2048), (3, 0))

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speaks SMTP up to TLS, and hands the rest to the old server."""
        writer.write(b"220 mx ESMTP\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", behind)

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            """Copies until the end."""
            while data := await source.read(4096):
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer), return_exceptions=True)

    port = await peers.serve(relay)
    seen = await see(port)
    assert isinstance(seen, Handshake), seen
    assert seen.version == "SSLv3"
