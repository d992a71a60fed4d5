"""One full handshake, against real servers and against peers that are no such thing."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.tls_handshake import Handshake, shake_hands

HOST = "site.example"


async def shake(port: int, *, within: float = 10, versions: tuple[str, str] | None = None, **more: Any) -> Any:
    target = TlsTarget(**{"address": "127.0.0.1", "port": port, "server_name": HOST, "timeout": 1} | more)
    until = asyncio.get_running_loop().time() + within
    chosen = {"versions": versions} if versions else {}
    return await asyncio.wait_for(shake_hands(target, until=until, **chosen), 30)


async def test_a_handshake_shows_version_suite_and_the_chain_as_sent(tls_server, issue) -> None:
    leaf = issue(HOST, issuer=issue(ca=True, issuer=issue(ca=True)))
    found = await shake(await tls_server(leaf))
    assert found.version == "TLSv1.3"
    assert found.suite.startswith("TLS_")
    assert "".join(found.chain) == leaf.chain_pem


async def test_only_the_versions_asked_for_are_offered(tls_server, issue) -> None:
    port = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    for version in ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"):
        assert (await shake(port, versions=(version, version))).version == version


@pytest.mark.parametrize(("version", "name"), [((3, 1), "TLSv1.0"), ((3, 2), "TLSv1.1"), ((3, 3), "TLSv1.2")])
async def test_a_server_of_one_old_version_is_seen(old_server, issue, version, name) -> None:
    found = await shake(old_server(issue(HOST, rsa_bits=2048), version))
    assert (found.version, len(found.chain)) == (name, 1)


async def test_ssl_3_is_beyond_this_openssl(old_server, issue) -> None:
    found = await shake(old_server(issue(HOST, rsa_bits=2048), (3, 0)))
    assert found.cause is Cause.UNSUPPORTED


@pytest.mark.parametrize("newest", ["TLSv1.2", "TLSv1.3"])
async def test_a_demanded_client_certificate_does_not_hide_the_chain(tls_server, issue, newest) -> None:
    ca = issue(ca=True)
    leaf = issue(HOST, issuer=ca)
    found = await shake(await tls_server(leaf, client_ca=ca.pem), versions=("TLSv1.0", newest))
    assert (found.version, found.chain[0]) == (newest, leaf.pem)


async def test_the_server_name_is_sent_and_none_for_an_address(tls_peer) -> None:
    hellos = []

    async def listen(reader, writer) -> None:
        hellos.append(await reader.read(4096))

    port = await tls_peer(listen)
    await shake(port)
    await shake(port, server_name=None)
    assert [HOST.encode() in hello for hello in hellos] == [True, False]


async def test_ipv6_is_asked(tls_server, issue) -> None:
    assert isinstance(await shake(await tls_server(issue(HOST), host="::1"), address="::1"), Handshake)


async def test_a_closed_port_is_unreachable(closed_tls_port) -> None:
    assert (await shake(closed_tls_port)).cause is Cause.UNREACHABLE


async def _silent(reader, writer) -> None:
    await asyncio.sleep(60)


async def _http(reader, writer) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def _closes(reader, writer) -> None:
    await reader.read(100)


async def _resets(reader, writer) -> None:
    await reader.read(100)
    writer.transport.abort()


async def _alerts(reader, writer) -> None:
    await reader.read(100)
    writer.write(b"\x15\x03\x03\x00\x02\x02\x28")


async def _half_then_silent(reader, writer) -> None:
    await reader.read(100)
    writer.write(bytes.fromhex("160303007a020000760303") + os.urandom(32))
    await asyncio.sleep(60)


async def _endless(reader, writer) -> None:
    await reader.read(100)
    writer.write(bytes.fromhex("16030340000200ffff"))
    while True:
        writer.write(bytes(65536))
        await writer.drain()


async def _endless_warnings(reader, writer) -> None:
    await reader.read(100)
    while True:
        writer.write(b"\x15\x03\x03\x00\x02\x01\x70" * 100)
        await writer.drain()


async def _drips(reader, writer) -> None:
    await reader.read(100)
    for byte in bytes.fromhex("160303400002003ffc") + bytes(16384):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("peer", "causes"),
    [
        (_silent, {Cause.TIMEOUT}),
        (_http, {Cause.MALFORMED}),
        (_closes, {Cause.UNREACHABLE}),
        (_resets, {Cause.UNREACHABLE}),
        (_alerts, {Cause.UNSUPPORTED}),
        (_half_then_silent, {Cause.TIMEOUT}),
        (_endless, {Cause.MALFORMED}),
        (_endless_warnings, {Cause.MALFORMED, Cause.UNSUPPORTED}),
        (_drips, {Cause.TIMEOUT}),
    ],
)
async def test_a_peer_that_completes_no_handshake_is_a_gap_with_its_cause(tls_peer, peer, causes) -> None:
    found = await shake(await tls_peer(peer))
    assert isinstance(found, Unobserved)
    assert found.cause in causes, found


async def test_the_deadline_holds_before_the_time_out(tls_peer) -> None:
    found = await shake(await tls_peer(_silent), within=0.2, timeout=20)
    assert found.cause is Cause.TIMEOUT
