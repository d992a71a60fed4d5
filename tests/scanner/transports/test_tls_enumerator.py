"""Looking at whole servers by hellos: real ones, and peers that are no such thing."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import struct
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from scanner.model.asset import StartTls
from scanner.model.facts.tls import VERSIONS, DhKey
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._hello_suites import suites_of
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.pace import Pace
from scanner.transports.tls_enumerator import look
from scanner.transports.tls_sight import TlsSight

HOST = "site.example"
TLS13 = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
ALERT = b"\x15\x03\x03\x00\x02\x02"


class CountingPace(Pace):
    """Counts the turns and the rate limits, and waits for nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = self.limits = 0

    def turn(self, place: str, *, at_once: int = 4) -> Any:
        self.turns += 1
        return super().turn(place, at_once=at_once)

    def slow_down(self, place: str, seconds: float | None = None) -> None:
        self.limits += 1


async def looked(port: int, *, within: float = 20, pace: Pace | None = None, **more: Any) -> TlsSight | Unobserved:
    given = {"address": "127.0.0.1", "port": port, "server_name": HOST, "timeout": 2} | more
    until = asyncio.get_running_loop().time() + within
    return await asyncio.wait_for(look(TlsTarget(**given), pace or CountingPace(), until=until), 40)


async def seen(port: int, **more: Any) -> TlsSight:
    result = await looked(port, **more)
    assert isinstance(result, TlsSight), result
    return result


async def gap(port: int, **more: Any) -> Unobserved:
    result = await looked(port, **more)
    assert isinstance(result, Unobserved), result
    assert "127.0.0.1" in result.detail
    return result


def suites(sight: TlsSight) -> dict[str, Any]:
    return {each.version: each.suites for each in sight.tls.versions}


def leaf(sight: TlsSight) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(sight.chains[0][0])).hexdigest()


# Real servers


async def test_a_modern_server_is_seen_with_few_connections(tls_server, issue) -> None:
    pace = CountingPace()
    issued = issue(HOST, issuer=issue(ca=True, issuer=issue(ca=True)))
    sight = await seen(await tls_server(issued), pace=pace)
    found = suites(sight)
    assert [found[each] for each in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")] == [(), (), (), ()]
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in found["TLSv1.2"]
    assert set(found["TLSv1.3"]) == set(TLS13)
    assert {"x25519", "secp256r1"} <= set(sight.tls.groups)
    assert [x509.load_pem_x509_certificate(each.encode()) for each in sight.chains[0]] == [
        issued.certificate,
        *issued.above,
    ]
    assert sight.without_name == leaf(sight)
    traits = sight.tls.traits
    assert (traits.extended_master_secret, traits.secure_renegotiation) == (True, True)
    assert (traits.heartbeat, traits.compression, traits.stapled, traits.fallback_refused) == (
        False,
        False,
        False,
        None,
    )
    accepted = len(found["TLSv1.2"]) + len(found["TLSv1.3"])
    assert pace.turns <= accepted + len(sight.tls.groups) + 25


@pytest.mark.parametrize(("version", "name"), [((3, 0), "SSLv3"), ((3, 1), "TLSv1.0"), ((3, 2), "TLSv1.1")])
async def test_a_server_that_speaks_one_old_version_alone_is_seen(old_server, issue, version, name) -> None:
    sight = await seen(old_server(issue(HOST, rsa_bits=2048), version))
    found = suites(sight)
    assert any("AES" in suite for suite in found.pop(name))
    assert set(found.values()) == {()}
    assert len(sight.chains) == 1
    assert sight.tls.traits.fallback_refused is None


async def test_rc4_and_3des_are_seen(old_server, issue) -> None:
    sight = await seen(old_server(issue(HOST, rsa_bits=2048), (3, 1), ciphers=("rc4", "3des")))
    assert {"TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"} <= set(suites(sight)["TLSv1.0"])


async def test_a_server_of_tls_1_3_alone_shows_its_chain_by_a_handshake(old_server, issue) -> None:
    sight = await seen(old_server(issue(HOST), (3, 4)))
    assert set(suites(sight)["TLSv1.3"]) >= {"TLS_AES_128_GCM_SHA256"}
    assert sight.tls.groups[:2] == ("x25519", "secp256r1")
    assert sight.without_name == leaf(sight)
    assert sight.tls.traits.extended_master_secret is None
    assert sight.tls.traits.alpn.cause is Cause.UNSUPPORTED


async def test_both_certificates_of_a_server_are_seen(tls_server, issue) -> None:
    sight = await seen(await tls_server(issue(HOST), second=issue(HOST, rsa_bits=2048)))
    assert len(sight.chains) == 2


async def test_a_demanded_client_certificate_hides_nothing(tls_server, issue) -> None:
    ca = issue(ca=True)
    sight = await seen(await tls_server(issue(HOST, issuer=ca), client_ca=ca.pem, oldest="TLSv1"))
    assert {name for name, found in suites(sight).items() if found} == {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
    assert len(sight.chains) == 1


async def test_ipv6_is_asked_too(tls_server, issue) -> None:
    sight = await seen(await tls_server(issue(HOST), host="::1"), address="::1")
    assert sight.tls.address == "::1"
    assert suites(sight)["TLSv1.3"]


async def test_no_name_is_sent_for_an_address(tls_server, issue, peers) -> None:
    port = await peers.https(lambda _: b"")
    sight = await seen(port, server_name=None)
    assert sight.without_name is None
    assert set(peers.server_names) == {None}
    await seen(port)
    assert {None, HOST} == set(peers.server_names)


async def test_alpn_is_agreed_on_without_guessing(peers) -> None:
    context = peers.tls()
    context.set_alpn_protocols(["h2", "http/1.1"])
    sight = await seen(await peers.https(lambda _: b"", tls=context))
    assert sight.tls.traits.alpn == ("h2", "http/1.1")
    assert (await seen(await peers.https(lambda _: b""))).tls.traits.alpn == ()


# OpenSSL's own server


Start = Callable[..., Awaitable[int]]


@pytest.fixture
async def openssl_server(needs, issue, tmp_path, free_port):
    """`await openssl_server(issued, "-cipher", "ALL")` runs `openssl s_server` and gives its port."""
    program, running = needs("openssl"), []

    async def start(issued: Any, *options: str) -> int:
        chain, key = issued.files(tmp_path)
        words = [program, "s_server", "-quiet", "-port", str(free_port), "-cert", str(chain), "-key", str(key)]
        running.append(
            await asyncio.create_subprocess_exec(
                *words, *options, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", free_port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return free_port
        pytest.fail("openssl s_server does not start")

    yield start
    for process in running:
        process.kill()
        await process.wait()


async def test_the_servers_own_order_is_told_across_hellos(openssl_server, issue, needs) -> None:
    ciphers = "ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0"
    port = await openssl_server(issue(HOST, rsa_bits=2048), "-tls1_2", "-cipher", ciphers, "-serverpref")
    sight = await seen(port, timeout=5)
    words = [needs("openssl"), "ciphers", "-s", "-tls1_2", "-stdname", ciphers]
    listed = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    told, _ = await asyncio.wait_for(listed.communicate(), 20)
    order = [line.split()[0] for line in told.decode().splitlines()]
    found = suites(sight)["TLSv1.2"]
    assert len(found) > 40
    assert list(found) == [suite for suite in order if suite in found]
    assert sight.tls.traits.own_order is True


async def test_the_clients_order_is_told_from_the_servers(openssl_server, issue) -> None:
    port = await openssl_server(issue(HOST, rsa_bits=2048), "-tls1_2", "-cipher", "AES128-SHA:AES256-SHA:AES256-SHA256")
    sight = await seen(port)
    assert sight.tls.traits.own_order is False
    assert len(suites(sight)["TLSv1.2"]) == 3


async def test_every_curve_of_an_ecdsa_server_is_found(openssl_server, issue) -> None:
    """OpenSSL refuses ECDSA suites as soon as the certificate's own curve is not on offer."""
    curves = ("x25519", "secp256r1", "secp384r1", "secp521r1")
    port = await openssl_server(issue(HOST), "-tls1_2", "-curves", "P-256:P-384:X25519:P-521")
    assert (await seen(port)).tls.groups == curves


async def test_a_standard_group_is_named(openssl_server, issue, tmp_path) -> None:
    from tlslite.mathtls import FFDHE2048

    size = f"{len(_der_integer(FFDHE2048[1])) + 3:04x}"
    der = bytes.fromhex("3082" + size) + _der_integer(FFDHE2048[1]) + b"\x02\x01\x02"
    parameters = tmp_path / "dh.pem"
    parameters.write_text(
        ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE", "DH PARAMETERS"),
    )
    options = ("-tls1_2", "-dhparam", str(parameters), "-cipher", "DHE-RSA-AES128-GCM-SHA256")
    sight = await seen(await openssl_server(issue(HOST, rsa_bits=2048), *options))
    assert sight.tls.dh_keys == (DhKey(version="TLSv1.2", bits=2048, group="ffdhe2048"),)
    assert sight.tls.groups == ()


def _der_integer(value: int) -> bytes:
    content = b"\0" + value.to_bytes(256, "big")
    return b"\x02\x82" + len(content).to_bytes(2, "big") + content


async def test_an_answer_about_revocation_is_seen_to_be_stapled(openssl_server, issue, tmp_path) -> None:
    answer = tmp_path / "ocsp.der"
    answer.write_bytes(bytes.fromhex("30030a0103"))  # OCSPResponse: tryLater
    port = await openssl_server(issue(HOST, rsa_bits=2048), "-tls1_2", "-status_file", str(answer))
    assert (await seen(port)).tls.traits.stapled is True


# STARTTLS


async def test_tls_behind_a_command_is_asked_one_connection_at_a_time(tls_server, issue, tls_peer) -> None:
    real, here, most = await tls_server(issue(HOST)), 0, 0

    async def smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal here, most
        here += 1
        most = max(most, here)
        try:
            writer.write(b"220 mx ESMTP\r\n")
            await reader.readline()
            writer.write(b"250-mx\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 go on\r\n")
            await _bridge(reader, writer, real)
        finally:
            here -= 1

    sight = await seen(await tls_peer(smtp), starttls=StartTls.SMTP)
    assert suites(sight)["TLSv1.2"]
    assert set(suites(sight)["TLSv1.3"]) == set(TLS13)
    assert sight.tls.traits.alpn is None
    assert most <= 2  # one that we have left may still be there when the next one comes


async def test_a_listener_without_starttls_is_a_gap(tls_peer) -> None:
    async def smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        await reader.readline()
        writer.write(b"250 mx\r\n")
        await reader.readline()

    assert (await gap(await tls_peer(smtp), starttls=StartTls.SMTP)).cause is Cause.UNSUPPORTED


async def _bridge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, first: bytes = b"") -> None:
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    inner_writer.write(first)

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(4096):
                sink.write(data)
                await sink.drain()
        finally:
            sink.close()

    await asyncio.gather(pump(inner_reader, writer), pump(reader, inner_writer), return_exceptions=True)


# Peers that stand between us and a real server


def newest(hello: bytes) -> bool:
    """Whether a hello offers TLS 1.3: only those have supported_versions."""
    return b"\x00\x2b\x00" in hello


async def test_a_firewall_that_closes_when_it_has_had_enough_proves_no_refusal(tls_peer, tls_server, issue) -> None:
    real, taken = await tls_server(issue(HOST)), 0

    async def tire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        hello = await reader.read(4096)
        taken += newest(hello)
        if newest(hello) and taken <= 3:
            await _bridge(reader, writer, real, hello)

    pace = CountingPace()
    sight = await seen(await tls_peer(tire), pace=pace)
    assert suites(sight)["TLSv1.3"]
    assert suites(sight)["TLSv1.0"].cause is Cause.RATE_LIMITED
    assert pace.limits == 1


async def test_what_a_rate_limit_has_hidden_is_asked_again_more_slowly(tls_peer, tls_server, issue) -> None:
    real = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    whole = suites(await seen(real))
    pace, taken = CountingPace(), 0

    async def tire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        hello = await reader.read(4096)
        taken += 1
        if taken <= 12 or pace.limits:
            await _bridge(reader, writer, real, hello)

    sight = await seen(await tls_peer(tire), pace=pace)
    assert {name: set(found) for name, found in suites(sight).items()} == {n: set(f) for n, f in whole.items()}
    assert [each.gap for each in sight.tls.versions] == [None] * len(VERSIONS)


async def test_a_server_that_refuses_by_closing_is_believed_while_it_answers(tls_peer, tls_server, issue) -> None:
    real = await tls_server(issue(HOST))

    async def pick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        if newest(hello):
            await _bridge(reader, writer, real, hello)

    sight = await seen(await tls_peer(pick))
    assert set(suites(sight)["TLSv1.3"]) == set(TLS13)
    assert [suites(sight)[each] for each in VERSIONS[:-1]] == [()] * 5


async def test_a_version_that_is_met_with_silence_is_not_taken_for_refused(tls_peer, tls_server, issue) -> None:
    real = await tls_server(issue(HOST))

    async def pick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        if not newest(hello):
            await asyncio.sleep(60)
        await _bridge(reader, writer, real, hello)

    sight = await seen(await tls_peer(pick), timeout=0.5)
    assert set(suites(sight)["TLSv1.3"]) == set(TLS13)
    assert {suites(sight)[each].cause for each in VERSIONS[:-1]} == {Cause.TIMEOUT}
    assert "x25519" in sight.tls.groups


async def test_a_server_that_swallows_long_hellos_is_asked_with_short_ones(tls_peer, tls_server, issue) -> None:
    real = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")

    async def pick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        if len(hello) > 255:
            await asyncio.sleep(60)
        await _bridge(reader, writer, real, hello)

    sight = await seen(await tls_peer(pick), timeout=0.5)
    assert "TLS_RSA_WITH_AES_128_CBC_SHA" in suites(sight)["TLSv1.2"]
    assert suites(sight)["TLSv1.3"].cause is Cause.TIMEOUT


async def test_a_server_that_breaks_off_over_tls_1_3_is_asked_without(tls_peer, tls_server, issue) -> None:
    real = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")

    async def pick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        if not newest(hello):
            await _bridge(reader, writer, real, hello)

    found = suites(await seen(await tls_peer(pick)))
    assert found["TLSv1.2"]
    assert found["TLSv1.3"] == ()


async def test_what_was_seen_in_time_is_kept(tls_peer, tls_server, issue) -> None:
    real = await tls_server(issue(HOST))

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        await asyncio.sleep(0.15)
        await _bridge(reader, writer, real, hello)

    sight = await seen(await tls_peer(slowly), within=1)
    assert any(isinstance(each.suites, tuple) and each.suites for each in sight.tls.versions)
    assert any(each.gap is not None or isinstance(each.suites, Unobserved) for each in sight.tls.versions)
    assert isinstance(sight.tls.groups, Unobserved)
    assert sight.tls.groups.cause is Cause.TIMEOUT


# Hostile peers


def server_hello(suite: int, version: bytes = b"\x03\x03", rest: bytes = b"") -> bytes:
    body = version + bytes(33) + struct.pack(">HB", suite, 0)
    message = struct.pack(">BBH", 2, 0, len(body)) + body + rest
    return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message


def saying(*parts: bytes, hold: bool = False) -> Callable[..., Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        for part in parts:
            writer.write(part)
            await writer.drain()
        if hold:
            await asyncio.sleep(60)

    return handle


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    writer.transport.abort()


async def _drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    for byte in bytes.fromhex("160303400002003ffc") + bytes(16384):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)


async def _endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    writer.write(server_hello(0xC02F, rest=b"\x0b\x01\x86\xa0"))
    while True:
        writer.write(b"\x16\x03\x03\x00\x10" + os.urandom(16))
        await asyncio.sleep(0)
        await writer.drain()


async def _garbage_unasked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x99" * 64)
    await reader.read(4096)


DONE = b"\x0e\0\0\0"


@pytest.mark.parametrize(
    ("peer", "cause"),
    [
        (_silent, Cause.TIMEOUT),
        (_drips, Cause.TIMEOUT),
        (saying(server_hello(0xC02F)[:30], hold=True), Cause.TIMEOUT),
        (saying(server_hello(0xC02F), hold=True), Cause.TIMEOUT),
        (_resets, Cause.UNREACHABLE),
        (saying(), Cause.UNREACHABLE),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Cause.MALFORMED),
        (saying(b"SSH-2.0-OpenSSH_9.9\r\n"), Cause.MALFORMED),
        (_garbage_unasked, Cause.MALFORMED),
        (_endless, Cause.MALFORMED),
        (saying(server_hello(0xC02F)[:30]), Cause.MALFORMED),
        (saying(server_hello(0xC02F)), Cause.MALFORMED),
        (saying(server_hello(0xC02F), os.urandom(5000).replace(b"\x16", b"\x99")), Cause.MALFORMED),
        (saying(server_hello(0xABCD, rest=DONE)), Cause.MALFORMED),
        (saying(server_hello(0xABCD), hold=True), Cause.MALFORMED),
        (saying(server_hello(0xC02F, b"\x03\x09", rest=DONE)), Cause.MALFORMED),
        (saying(server_hello(0xC02F, b"\x02\x00", rest=DONE)), Cause.MALFORMED),
        (saying(server_hello(0xC02F, rest=DONE + DONE)[:5] + b"\x0e\0\0\0" * 12), Cause.MALFORMED),
        (saying(b"\x16\x03\x03\xff\xff" + bytes(70_000)), Cause.MALFORMED),
        (saying(b"\x15\x03\x03\x00\x02\x01\x5a" * 20), Cause.MALFORMED),
        (saying(b"\x15\x03\x03\x00\x02\x07\x07"), Cause.MALFORMED),
        (saying(ALERT + b"\x28"), Cause.UNSUPPORTED),
        (saying(ALERT + b"\x46"), Cause.UNSUPPORTED),
        (saying(ALERT + b"\x70"), Cause.UNSUPPORTED),
        (saying(b"\x15\x03\x01\x00\x02\x01\x28", hold=True), Cause.UNSUPPORTED),
    ],
)
async def test_a_hostile_peer_is_a_gap_with_its_cause(tls_peer, peer, cause) -> None:
    found = await gap(await tls_peer(peer), timeout=0.6)
    assert found.cause is cause, found


async def test_a_closed_port_is_unreachable(closed_tls_port) -> None:
    assert (await gap(closed_tls_port)).cause is Cause.UNREACHABLE
    found = await looked(closed_tls_port, address="::1")
    assert isinstance(found, Unobserved)
    assert "[::1]:" in found.detail


async def test_an_unknown_name_is_said_to_be_the_reason(tls_peer) -> None:
    assert HOST in (await gap(await tls_peer(saying(ALERT + b"\x70")))).detail


async def test_a_tarpit_costs_two_connections(tls_peer) -> None:
    pace = CountingPace()
    await gap(await tls_peer(_silent), timeout=0.3, pace=pace)
    assert pace.turns == 2


async def test_a_peer_that_answers_once_and_falls_silent_is_left_alone(tls_peer) -> None:
    pace, heard = CountingPace(), 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        await reader.read(4096)
        heard += 1
        if heard == 1:
            writer.write(ALERT + b"\x28")
        else:
            await asyncio.sleep(60)

    assert (await gap(await tls_peer(once), timeout=0.3, pace=pace)).cause is Cause.TIMEOUT
    assert heard <= 5  # the first one, and as many as wait at the same time


async def test_a_peer_that_accepts_one_hello_and_falls_silent_is_left_alone(tls_peer, tls_server, issue) -> None:
    real, heard = await tls_server(issue(HOST)), 0

    async def few(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        hello = await reader.read(4096)
        heard += 1
        if heard > 6:
            await asyncio.sleep(60)
        await _bridge(reader, writer, real, hello)

    sight = await seen(await tls_peer(few), timeout=0.4)
    assert heard <= 20
    assert any(each.gap or isinstance(each.suites, Unobserved) for each in sight.tls.versions)
    assert isinstance(sight.tls.groups, Unobserved)


async def test_an_old_server_of_ssl_2_is_seen(tls_peer) -> None:
    kinds = b"".join(kind.to_bytes(3, "big") for kind in suites_of("SSLv2")[:2])
    body = struct.pack(">BBBHHHH", 4, 0, 1, 2, 4, len(kinds), 4) + b"\x30\x02\x05\x00" + kinds + bytes(4)

    async def museum(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.read(4096))[:1] == b"\x80":
            writer.write((0x8000 | len(body)).to_bytes(2, "big") + body)

    sight = await seen(await tls_peer(museum))
    found = suites(sight)
    assert found.pop("SSLv2") == ("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_RC4_128_EXPORT40_WITH_MD5")
    assert set(found.values()) == {()}
    assert len(sight.chains) == 1


async def test_many_servers_are_asked_side_by_side(tls_server, issue) -> None:
    ports: Sequence[int] = [await tls_server(issue(HOST)) for _ in range(8)]
    sights = await asyncio.gather(*(seen(port) for port in ports))
    assert len({leaf(each) for each in sights}) == 8
    assert len({each.digest for each in sights}) == 8


def test_nothing_here_needs_sslyze(tmp_path: Path) -> None:
    code = "import sys, scanner.transports.tls_enumerator; print('sslyze' in sys.modules, 'nassl' in sys.modules)"
    import sys

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "False"]
