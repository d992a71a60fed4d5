"""Tests for known holes, against peers that behave as vulnerable servers do, and such as let no test through."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import tlslite.api as tlslite
from tlslite.constants import ExtensionType
from tlslite.messages import ClientHello, ServerHello

from scanner.model.asset import StartTls
from scanner.model.facts.tls import AddressTls, VersionAnswer
from scanner.model.facts.tls_tests import Hole, NotTested, Tested
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.tls import TlsTarget, TlsWorkers

HOST = "site.example"
RSA = "TLS_RSA_WITH_AES_128_CBC_SHA"
ALERT, HANDSHAKE, CCS, HEARTBEAT = 21, 22, 20, 24
UNEXPECTED, BAD_MAC, DECRYPT, ILLEGAL = 10, 20, 51, 47

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Reply = Callable[[int, bytes], bytes]


@pytest.fixture
async def workers() -> AsyncIterator[TlsWorkers]:
    async with TlsWorkers(1) as pool:
        yield pool


def spoken(*suites: str, version: str = "TLSv1.2") -> AddressTls:
    return AddressTls(address="127.0.0.1", versions=(VersionAnswer(version=version, suites=suites or (RSA,)),))


async def ask(workers: TlsWorkers, port: int, hole: Hole, tls: AddressTls | None = None, **more: Any) -> Any:
    """The answer about one hole."""
    within = more.pop("within", 30)
    target = TlsTarget(**{"address": "127.0.0.1", "port": port, "server_name": HOST, "timeout": 1} | more)
    until = asyncio.get_running_loop().time() + within
    (answer,) = await asyncio.wait_for(workers.test(target, tls or spoken(), {hole}, until=until), 60)
    assert answer.hole is hole
    if isinstance(answer, NotTested):
        assert answer.gap.subject == hole.value
    return answer


# Peers that speak records and no more: enough for Heartbleed and an early ChangeCipherSpec


def record(kind: int, body: bytes, version: bytes = b"\x03\x03") -> bytes:
    return bytes([kind]) + version + len(body).to_bytes(2, "big") + body


def message(kind: int, body: bytes) -> bytes:
    return record(HANDSHAKE, bytes([kind]) + len(body).to_bytes(3, "big") + body)


def alert(description: int) -> bytes:
    return record(ALERT, bytes([2, description]))


def flight(issued: Any) -> bytes:
    """ServerHello with a suite of static RSA and the heartbeat extension, Certificate, ServerHelloDone."""
    from cryptography.hazmat.primitives.serialization import Encoding

    der = issued.certificate.public_bytes(Encoding.DER)
    sized = len(der).to_bytes(3, "big") + der
    heartbeat = b"\x00\x0f\x00\x01\x01"
    hello = b"\x03\x03" + os.urandom(32) + b"\x00" + b"\x00\x2f" + b"\x00" + len(heartbeat).to_bytes(2, "big")
    return message(2, hello + heartbeat) + message(11, len(sized).to_bytes(3, "big") + sized) + message(14, b"")


async def next_record(reader: Reader) -> tuple[int, bytes]:
    head = await reader.readexactly(5)
    return head[0], await reader.readexactly(int.from_bytes(head[3:], "big"))


@pytest.fixture
def record_peer(tls_peer, issue) -> Callable[..., Awaitable[int]]:
    """`await record_peer(reply, ...)`: each connection has the next reply, the last one again and again."""

    async def start(*replies: Reply, first: Callable[[Any], bytes] = flight) -> int:
        issued, left = issue(HOST, rsa_bits=2048), list(replies)

        async def serve(reader: Reader, writer: Writer) -> None:
            await next_record(reader)
            reply = left.pop(0) if len(left) > 1 else left[0]
            writer.write(first(issued))
            try:
                while True:
                    writer.write(reply(*await next_record(reader)))
            except asyncio.IncompleteReadError:
                return

        return await tls_peer(serve)

    return start


def bleeds(kind: int, body: bytes) -> bytes:
    return record(HEARTBEAT, b"\x02\x3f\xfd" + b"\x01" * 200) if kind == HEARTBEAT else b""


def patched(kind: int, body: bytes) -> bytes:
    return b""


def refuses(kind: int, body: bytes) -> bytes:
    return alert(UNEXPECTED)


def decrypts_early(kind: int, body: bytes) -> bytes:
    return alert(BAD_MAC) if kind != CCS else b""


@pytest.mark.parametrize(("hole", "reply"), [(Hole.HEARTBLEED, bleeds), (Hole.CCS, decrypts_early)])
async def test_a_vulnerable_server_is_found_and_found_again(workers, record_peer, hole, reply) -> None:
    answer = await ask(workers, await record_peer(reply), hole)
    assert isinstance(answer, Tested)
    assert answer.open


@pytest.mark.parametrize("hole", [Hole.HEARTBLEED, Hole.CCS])
@pytest.mark.parametrize("reply", [patched, refuses])
async def test_a_mended_server_is_seen_closed(workers, record_peer, hole, reply) -> None:
    answer = await ask(workers, await record_peer(reply), hole)
    assert isinstance(answer, Tested)
    assert not answer.open


@pytest.mark.parametrize(("hole", "reply"), [(Hole.HEARTBLEED, bleeds), (Hole.CCS, decrypts_early)])
async def test_a_hole_that_is_not_there_the_second_time_is_not_told(workers, record_peer, hole, reply) -> None:
    answer = await ask(workers, await record_peer(reply, refuses), hole)
    assert isinstance(answer, NotTested)
    assert answer.gap.cause is Cause.UNSUPPORTED
    assert "second" in answer.gap.detail


async def test_a_second_look_that_is_met_with_silence_says_so(workers, tls_peer, record_peer, issue) -> None:
    issued, connections = issue(HOST, rsa_bits=2048), 0

    async def once_only(reader: Reader, writer: Writer) -> None:
        nonlocal connections
        connections += 1
        await next_record(reader)
        if connections > 1:
            await asyncio.sleep(30)
        writer.write(flight(issued))
        while True:
            writer.write(bleeds(*await next_record(reader)))

    answer = await ask(workers, await tls_peer(once_only), Hole.HEARTBLEED)
    assert isinstance(answer, NotTested)
    assert answer.gap.cause is Cause.TIMEOUT


# A peer that knows its key and tells about paddings


@pytest.fixture
async def oracle(tls_peer, tls_server, issue) -> Callable[..., Awaitable[int]]:
    """`await oracle(tells)`: a server of static RSA whose answer to a wrong ClientKeyExchange is `tells(padding)`.

    A padding is `right`, `no 0002`, `misplaced` or `version`. Honest handshakes are handed on to a real server.
    """

    async def start(tells: Callable[[str], bytes]) -> int:
        issued = issue(HOST, rsa_bits=2048)
        numbers = issued.key.private_numbers()
        inner = await tls_server(issued, oldest="TLSv1")

        def padding_of(exchange: bytes) -> str | None:
            sealed = int.from_bytes(exchange[6:], "big")
            plain = pow(sealed, numbers.d, numbers.public_numbers.n).to_bytes(256, "big")
            secret = plain[-48:]
            if plain[:2] != b"\x00\x02":
                return "no 0002"
            if secret[2:6] != b"\xaa\x11\x22\x33":
                return None if plain[-49] == 0 and secret[:2] == b"\x03\x03" else "misplaced"
            return "right" if plain[-49] == 0 and secret[:2] == b"\x03\x03" else "version"

        async def serve(reader: Reader, writer: Writer) -> None:
            inside, outside = await asyncio.open_connection("127.0.0.1", inner)

            async def back() -> None:
                while data := await inside.read(65536):
                    writer.write(data)

            task = asyncio.create_task(back())
            try:
                while True:
                    kind, body = await next_record(reader)
                    padding = padding_of(body) if kind == HANDSHAKE and body[0] == 16 else None
                    if padding is not None:
                        writer.write(tells(padding))
                        break
                    outside.write(record(kind, body))
            finally:
                task.cancel()
                outside.close()

        return await tls_peer(serve)

    return start


def strongly(padding: str) -> bytes:
    return alert({"right": BAD_MAC, "no 0002": DECRYPT}.get(padding, ILLEGAL))


def weakly(padding: str) -> bytes:
    return alert(BAD_MAC if padding == "right" else DECRYPT)


@pytest.mark.parametrize(("tells", "said"), [(strongly, "how a wrong"), (weakly, "weak oracle")])
async def test_an_rsa_oracle_is_found_and_found_again(workers, oracle, tells, said) -> None:
    answer = await ask(workers, await oracle(tells), Hole.ROBOT)
    assert isinstance(answer, Tested)
    assert answer.open
    assert said in answer.seen


async def test_a_server_that_answers_all_paddings_alike_is_no_oracle(workers, tls_server, issue) -> None:
    port = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    assert await ask(workers, port, Hole.ROBOT) == Tested(
        hole=Hole.ROBOT, open=False, seen="it answered right and wrong RSA paddings alike"
    )


async def test_an_oracle_that_contradicts_itself_is_not_told(workers, oracle) -> None:
    said = 0

    def moody(padding: str) -> bytes:
        nonlocal said
        said += 1
        return alert(BAD_MAC if said % 2 else DECRYPT)

    answer = await ask(workers, await oracle(moody), Hole.ROBOT)
    assert isinstance(answer, NotTested)
    assert "different answers" in answer.gap.detail


async def test_an_oracle_that_is_mended_meanwhile_is_not_told(workers, oracle) -> None:
    said = 0

    def mended(padding: str) -> bytes:
        nonlocal said
        said += 1
        return strongly(padding) if said <= 15 else alert(BAD_MAC)

    answer = await ask(workers, await oracle(mended), Hole.ROBOT)
    assert isinstance(answer, NotTested)  # found once and not again, or mended in the middle of the first time
    assert answer.gap.cause is Cause.UNSUPPORTED


async def test_robot_is_asked_in_the_version_that_has_static_rsa(workers, old_server, issue) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), (3, 1), ciphers=("aes128",))
    tls = AddressTls(
        address="127.0.0.1",
        versions=(VersionAnswer(version="TLSv1.0", suites=(RSA,)), VersionAnswer(version="TLSv1.2", suites=())),
    )
    assert isinstance(await ask(workers, port, Hole.ROBOT, tls), Tested)


async def test_a_server_of_rc4_alone_is_asked_by_the_old_openssl(workers, old_server, issue) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), (3, 3), ciphers=("rc4",))
    answer = await ask(workers, port, Hole.ROBOT, spoken("TLS_RSA_WITH_RC4_128_SHA"))
    assert isinstance(answer, Tested)
    assert not answer.open


# Renegotiation


class _Unprotected(tlslite.TLSConnection):
    """A server without RFC 5746, which neither says nor hears anything of it."""

    def _sendMsg(self, msg: Any, *how: Any, **more: Any) -> Any:
        return super()._sendMsg(_unprotected(msg), *how, **more)

    def _getMsg(self, *how: Any, **more: Any) -> Any:
        for each in super()._getMsg(*how, **more):
            yield _unprotected(each)


def _unprotected(msg: Any) -> Any:
    if isinstance(msg, ClientHello | ServerHello) and msg.extensions:
        msg.extensions = [each for each in msg.extensions if each.extType != ExtensionType.renegotiation_info] or None
    return msg


@pytest.fixture
def renegotiating_server() -> Iterator[Callable[..., int]]:
    """`renegotiating_server(issued, agrees=True)`: TLS 1.2 without RFC 5746, by tlslite-ng in a thread."""
    listeners: list[socket.socket] = []

    def converse(peer: socket.socket, issued: Any, agrees: bool) -> None:
        chain = tlslite.X509CertChain()
        chain.parsePemList(issued.chain_pem)
        settings = tlslite.HandshakeSettings()
        settings.minVersion = settings.maxVersion = (3, 3)
        settings.cipherNames = ["aes128"]
        how = {
            "certChain": chain,
            "privateKey": tlslite.parsePEMKey(issued.key_pem, private=True),
            "settings": settings,
        }
        connection = _Unprotected(peer)
        connection.handshakeServer(**how)
        if agrees:
            connection.closed = True  # tlslite-ng is too careful to renegotiate otherwise
            connection.handshakeServer(**how)
        connection.read(1)

    def serve(listener: socket.socket, issued: Any, agrees: bool) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.settimeout(5)
            with contextlib.suppress(Exception):  # whatever a client does, the next one is served
                converse(peer, issued, agrees)
            peer.close()

    def start(issued: Any, *, agrees: bool) -> int:
        listeners.append(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=serve, args=(listeners[-1], issued, agrees), daemon=True).start()
        return int(listeners[-1].getsockname()[1])

    yield start
    for listener in listeners:
        listener.close()


async def test_a_server_with_rfc_5746_renegotiates_safely(workers, tls_server, issue) -> None:
    port = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    answer = await ask(workers, port, Hole.RENEGOTIATION)
    assert isinstance(answer, Tested)
    assert not answer.open


@pytest.mark.parametrize("agrees", [True, False])
async def test_renegotiation_without_rfc_5746_is_open_only_where_it_is_done(
    workers, renegotiating_server, issue, agrees
) -> None:
    port = renegotiating_server(issue(HOST, rsa_bits=2048), agrees=agrees)
    answer = await ask(workers, port, Hole.RENEGOTIATION)
    assert isinstance(answer, Tested), answer
    assert answer.open is agrees


# Peers that let no test through: none of them is "not vulnerable"


async def _silent(reader: Reader, writer: Writer) -> None:
    await asyncio.sleep(60)


async def _closes(reader: Reader, writer: Writer) -> None:
    await reader.read(100)


async def _resets(reader: Reader, writer: Writer) -> None:
    await reader.read(100)
    writer.transport.abort()


async def _alerts(reader: Reader, writer: Writer) -> None:
    await reader.read(100)
    writer.write(alert(40))


async def _garbage(reader: Reader, writer: Writer) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)


async def _endless(reader: Reader, writer: Writer) -> None:
    await reader.read(100)
    while True:
        writer.write(message(2, b"\x03\x03" + bytes(32) + b"\x00\x00\x2f\x00"))
        await writer.drain()


async def _drips(reader: Reader, writer: Writer) -> None:
    await reader.read(100)
    for byte in bytes.fromhex("160303400002003ffc0303") + bytes(16384):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("hole", [Hole.HEARTBLEED, Hole.CCS, Hole.ROBOT, Hole.RENEGOTIATION])
@pytest.mark.parametrize(
    ("peer", "causes"),
    [
        (_silent, {Cause.TIMEOUT}),
        (_closes, {Cause.UNREACHABLE}),
        (_resets, {Cause.UNREACHABLE}),
        (_alerts, {Cause.UNSUPPORTED}),
        (_garbage, {Cause.MALFORMED, Cause.UNREACHABLE, Cause.UNSUPPORTED}),
        (_endless, {Cause.MALFORMED, Cause.UNREACHABLE, Cause.UNSUPPORTED, Cause.TIMEOUT}),
        (_drips, {Cause.TIMEOUT}),
    ],
)
async def test_a_peer_that_lets_no_test_through_is_not_called_closed(workers, tls_peer, hole, peer, causes) -> None:
    answer = await ask(workers, await tls_peer(peer), hole, timeout=0.5)
    assert isinstance(answer, NotTested), answer
    assert answer.gap.cause in causes, answer


async def test_silence_is_not_asked_for_every_hole(workers, tls_peer) -> None:
    asked = 0

    async def silent(reader: Reader, writer: Writer) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(60)

    target = TlsTarget(address="127.0.0.1", port=await tls_peer(silent), server_name=HOST, timeout=0.5)
    until = asyncio.get_running_loop().time() + 20
    answers = await workers.test(target, spoken(), {Hole.HEARTBLEED, Hole.CCS, Hole.ROBOT}, until=until)
    assert {each.gap.cause for each in answers if isinstance(each, NotTested)} == {Cause.TIMEOUT}
    assert len(answers) == 3
    assert asked == 1


async def test_a_server_that_wants_its_name_is_asked_with_it(workers, tls_peer, record_peer, issue) -> None:
    issued = issue(HOST, rsa_bits=2048)

    async def picky(reader: Reader, writer: Writer) -> None:
        _, hello = await next_record(reader)
        if HOST.encode() not in hello:
            writer.write(alert(112))
            return
        writer.write(flight(issued))
        while True:
            writer.write(decrypts_early(*await next_record(reader)))

    answer = await ask(workers, await tls_peer(picky), Hole.CCS)
    assert isinstance(answer, Tested)
    assert answer.open


async def test_a_version_that_nobody_knows_of_cannot_be_asked(workers) -> None:
    gap = Unobserved(cause=Cause.TIMEOUT, detail="127.0.0.1 was silent when asked for TLSv1.2.")
    tls = AddressTls(address="127.0.0.1", versions=(VersionAnswer(version="TLSv1.2", suites=gap),))
    answer = await ask(workers, 1, Hole.CCS, tls)
    assert answer.gap.detail == gap.detail


# STARTTLS


async def test_a_mail_server_is_tested_behind_its_command(workers, tls_peer, issue) -> None:
    issued = issue(HOST, rsa_bits=2048)

    async def smtp(reader: Reader, writer: Writer) -> None:
        writer.write(b"220-mx.example\r\n220 ready\r\n")
        await reader.readline()
        writer.write(b"250-mx.example\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go ahead\r\n")
        await next_record(reader)
        writer.write(flight(issued))
        while True:
            writer.write(bleeds(*await next_record(reader)))

    answer = await ask(workers, await tls_peer(smtp), Hole.HEARTBLEED, starttls=StartTls.SMTP)
    assert isinstance(answer, Tested)
    assert answer.open


async def test_a_mail_server_that_has_had_enough_of_us_is_rate_limited(workers, tls_peer) -> None:
    async def smtp(reader: Reader, writer: Writer) -> None:
        writer.write(b"421 4.7.0 too many connections, try again later\r\n")

    answer = await ask(workers, await tls_peer(smtp), Hole.HEARTBLEED, starttls=StartTls.SMTP)
    assert isinstance(answer, NotTested)
    assert answer.gap.cause is Cause.RATE_LIMITED
