"""Turning TLS on by a command, with peers that are willing, unwilling, busy, broken and hostile."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from civicseal_greeters import (
    UNWILLING,
    WILLING,
    XMPP_STREAM,
    XMPP_TLS,
    Turn,
    ldap_response,
    postgres_error,
    rdp_confirm,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.model.asset import StartTls
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.starttls import NotOffered, Turned, start_tls

NAME = "mx.city.example"
PROTOCOLS = list(StartTls)
Start = Callable[..., int]


@pytest.fixture
def context(make_certificate: Callable[..., Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(NAME))
    return context


async def ask(protocol: StartTls, port: int, *, seconds: float = 10.0, shake: bool = False) -> str | None:
    """Turns TLS on; with `shake` the handshake follows, and its version is what comes back."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await start_tls(protocol, reader, writer, NAME)
            if not shake:
                return None
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            await writer.start_tls(trusting)
            return writer.get_extra_info("ssl_object").version()
        finally:
            writer.transport.abort()


async def gap_of(protocol: str, port: int) -> Unobserved:
    with pytest.raises(Turned) as turned:
        await ask(StartTls(protocol), port)
    gap = turned.value.gap
    assert f"127.0.0.1:{port}" in gap.detail
    assert "\n" not in gap.detail
    return gap


def instead(protocol: str, number: int, sends: bytes) -> list[Turn]:
    """A willing server's script up to its answer of that number, which is another one."""
    script = list(WILLING[protocol])[: number + 1]
    return [*script[:number], Turn(script[number].awaits, sends)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_willing_server_comes_to_tls(protocol: StartTls, greeter: Start, context: ssl.SSLContext) -> None:
    assert await ask(protocol, greeter(WILLING[protocol], context), shake=True) == "TLSv1.3"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_server_without_tls_is_believed(protocol: StartTls, greeter: Start) -> None:
    with pytest.raises(NotOffered) as refusal:
        await ask(protocol, greeter(UNWILLING[protocol]))
    assert refusal.value.said
    assert len(refusal.value.said) < 300


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_what_comes_in_plain_text_after_the_go_ahead_is_no_tls(protocol: StartTls, greeter: Start) -> None:
    last = WILLING[protocol][-1]
    script = [*WILLING[protocol][:-1], Turn(last.awaits, last.sends + b"250 injected\r\n")]
    gap = await gap_of(protocol, greeter(script))
    assert gap.cause is Cause.MALFORMED
    assert "14 bytes more in plain text" in gap.detail


# What each says instead of leading on, by the number of the answer in a willing server's script.
OTHER_ANSWERS = [
    ("smtp", 0, b"421 4.7.0 too many connections from you\r\n", Cause.RATE_LIMITED),
    ("smtp", 0, b"450 later\r\n", Cause.RATE_LIMITED),
    ("smtp", 0, b"554 5.7.1 go away\r\n", Cause.BLOCKED),
    ("smtp", 0, b"554 5.7.1 Too many connections\r\n", Cause.RATE_LIMITED),
    ("smtp", 0, b"354 what\r\n", Cause.MALFORMED),
    ("smtp", 1, b"421 bye\r\n", Cause.RATE_LIMITED),
    ("smtp", 1, b"550 no\r\n", Cause.BLOCKED),
    ("smtp", 1, b"250-mx\r\n250-XXXXXXXA\r\n250 SIZE\r\n", Cause.BLOCKED),
    ("smtp", 1, b"250-mx\r\n251 STARTTLS\r\n", Cause.MALFORMED),
    ("smtp", 1, b"hello\r\n", Cause.MALFORMED),
    ("smtp", 2, b"454 4.7.0 TLS not available due to temporary reason\r\n", Cause.RATE_LIMITED),
    ("smtp", 2, b"451 4.7.1 wait\r\n", Cause.RATE_LIMITED),
    ("smtp", 2, b"554 no\r\n", Cause.BLOCKED),
    ("smtp", 2, b"250 what\r\n", Cause.MALFORMED),
    ("smtp", 2, b"2200 what\r\n", Cause.MALFORMED),
    ("ftp", 0, b"421 Too many users\r\n", Cause.RATE_LIMITED),
    ("ftp", 0, b"120 ready in 5 minutes\r\n", Cause.RATE_LIMITED),
    ("ftp", 0, b"530 not you\r\n", Cause.BLOCKED),
    ("ftp", 1, b"431 no certificate for the moment\r\n", Cause.RATE_LIMITED),
    ("ftp", 1, b"534 policy\r\n", Cause.BLOCKED),
    ("ftp", 1, b"334 ADAT\r\n", Cause.MALFORMED),
    ("imap", 0, b"* BYE [UNAVAILABLE] later\r\n", Cause.RATE_LIMITED),
    ("imap", 0, b"* BYE not you\r\n", Cause.BLOCKED),
    ("imap", 0, b"+OK POP3 here\r\n", Cause.MALFORMED),
    ("imap", 0, b"\r\n", Cause.MALFORMED),
    ("imap", 1, b"* BYE Too many connections\r\n", Cause.RATE_LIMITED),
    ("imap", 1, b"a9 OK\r\n", Cause.MALFORMED),
    ("pop3", 0, b"-ERR [SYS/TEMP] later\r\n", Cause.RATE_LIMITED),
    ("pop3", 0, b"-ERR not you\r\n", Cause.BLOCKED),
    ("pop3", 0, b"* OK IMAP here\r\n", Cause.MALFORMED),
    ("pop3", 1, b"OK\r\n", Cause.MALFORMED),
    ("ldap", 0, ldap_response(51, b"busy"), Cause.RATE_LIMITED),
    ("ldap", 0, ldap_response(52, b"not now"), Cause.BLOCKED),
    ("ldap", 0, ldap_response(53, b"unwilling"), Cause.BLOCKED),
    ("ldap", 0, ldap_response(52, b"closing", number=0), Cause.BLOCKED),
    ("ldap", 0, ldap_response(0, number=0), Cause.MALFORMED),
    ("ldap", 0, ldap_response(0, number=7), Cause.MALFORMED),
    ("ldap", 0, b"\x30\x00", Cause.MALFORMED),
    ("ldap", 0, b"\x30\x80\x02\x01\x01", Cause.MALFORMED),
    ("ldap", 0, b"\x30\xff" + b"\xff" * 130, Cause.MALFORMED),
    ("ldap", 0, b"\x30\x84\xff\xff\xff\xff", Cause.MALFORMED),
    ("ldap", 0, b"\x30\x0a\x02\x84\xff\xff\xff\xff\x01\x01\x01\x01", Cause.MALFORMED),
    ("ldap", 0, b"\x30\x02\x02\xfe", Cause.MALFORMED),
    ("ldap", 0, b"HTTP/1.1 400 Bad\r\n", Cause.MALFORMED),
    ("xmpp", 0, XMPP_STREAM + b"<stream:error><resource-constraint xmlns='x'/>", Cause.RATE_LIMITED),
    ("xmpp", 0, XMPP_STREAM + b"<stream:error><host-unknown xmlns='x'/>", Cause.BLOCKED),
    ("xmpp", 0, b"<html>", Cause.MALFORMED),
    ("xmpp", 0, b"<!DOCTYPE html>", Cause.MALFORMED),
    ("xmpp", 0, b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'cc'>]>", Cause.MALFORMED),
    ("xmpp", 0, XMPP_STREAM + b"<message/>", Cause.MALFORMED),
    ("xmpp", 0, XMPP_STREAM + b"<stream:features>" + b"<a/>" * 1000, Cause.MALFORMED),
    ("xmpp", 0, b">" * 5000, Cause.MALFORMED),
    ("xmpp", 0, b"<<<>", Cause.MALFORMED),
    ("xmpp", 1, b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>", Cause.BLOCKED),
    ("xmpp", 1, b"<stream:error><policy-violation/></stream:error>", Cause.RATE_LIMITED),
    ("xmpp", 1, b"<proceed xmlns='other'/>", Cause.MALFORMED),
    ("xmpp", 1, b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'><a>", Cause.MALFORMED),
    ("rdp", 0, rdp_confirm(b"\x03\x00\x08\x00\x05\x00\x00\x00"), Cause.BLOCKED),
    ("rdp", 0, rdp_confirm(b"\x02\x00\x08\x00\x99\x00\x00\x00"), Cause.MALFORMED),
    ("rdp", 0, rdp_confirm(b"\x09\x00\x08\x00\x01\x00\x00\x00"), Cause.MALFORMED),
    ("rdp", 0, rdp_confirm(b"\x02\x00\x08"), Cause.MALFORMED),
    ("rdp", 0, b"\x03\x00\x00\x0b\x06\x80\x00\x00\x00\x00\x00", Cause.BLOCKED),
    ("rdp", 0, b"\x03\x00\x00\x0b\x06\x10\x00\x00\x00\x00\x00", Cause.MALFORMED),
    ("rdp", 0, b"\x03\x00\x00\x04", Cause.MALFORMED),
    ("rdp", 0, b"\x03\x00\xff\xff", Cause.MALFORMED),
    ("rdp", 0, b"SSH-2.0-x\r\n", Cause.MALFORMED),
    ("postgres", 0, postgres_error(b"53300", b"sorry, too many clients already"), Cause.RATE_LIMITED),
    ("postgres", 0, postgres_error(b"57P03", b"the database system is starting up"), Cause.RATE_LIMITED),
    ("postgres", 0, postgres_error(b"28000", b"no pg_hba.conf entry"), Cause.BLOCKED),
    ("postgres", 0, b"Ecould not fork new process for connection: too many\n\0", Cause.RATE_LIMITED),
    ("postgres", 0, b"E\xff\xff\xff\xff", Cause.BLOCKED),
    ("postgres", 0, b"H", Cause.MALFORMED),
    ("postgres", 0, b"\x00", Cause.MALFORMED),
]


@pytest.mark.parametrize(("protocol", "number", "sends", "cause"), OTHER_ANSWERS)
async def test_every_other_answer_has_its_cause(
    protocol: str, number: int, sends: bytes, cause: Cause, greeter: Start
) -> None:
    assert (await gap_of(protocol, greeter(instead(protocol, number, sends)))).cause is cause


@pytest.mark.parametrize(("said", "told"), [(b"", '"result code 53"'), (b"no", '"result code 53: no"')])
async def test_ldap_without_words_is_told_by_its_code_alone(said: bytes, told: str, greeter: Start) -> None:
    assert told in (await gap_of("ldap", greeter(instead("ldap", 0, ldap_response(53, said))))).detail


NO_TLS = [
    ("smtp", 1, b"502 what is EHLO\r\n", "EHLO"),
    ("smtp", 1, b"250 mx, and nothing more\r\n", "without STARTTLS"),
    ("smtp", 2, b"502 5.5.1 not implemented\r\n", "502"),
    ("ftp", 1, b"500 unknown\r\n", "500"),
    ("ftp", 1, b"504 no TLS\r\n", "504"),
    ("imap", 0, b"* PREAUTH welcome\r\n", "logged in"),
    ("ldap", 0, ldap_response(52, b"LdapErr: comment: Error initializing SSL/TLS, data 0"), "result code 52"),
    ("xmpp", 0, b"<stream:stream xmlns='jabber:client'>", "starttls"),
    ("xmpp", 0, XMPP_STREAM + b"<stream:features/>", "starttls"),
    ("xmpp", 0, XMPP_STREAM + b"<features><starttls xmlns='other'/></features>", "starttls"),
    ("rdp", 0, rdp_confirm(b""), "Standard RDP Security"),
    ("rdp", 0, rdp_confirm(b"\x02\x00\x08\x00\x00\x00\x00\x00"), "Standard RDP Security"),
    ("rdp", 0, rdp_confirm(b"\x03\x00\x08\x00\x03\x00\x00\x00"), "SSL_CERT_NOT_ON_SERVER"),
    ("postgres", 0, postgres_error(b"0A000", b"unsupported frontend protocol 1234.5679"), "0A000"),
]


@pytest.mark.parametrize(("protocol", "number", "sends", "told"), NO_TLS)
async def test_a_server_may_say_in_several_ways_that_it_has_no_tls(
    protocol: str, number: int, sends: bytes, told: str, greeter: Start
) -> None:
    with pytest.raises(NotOffered, match=told):
        await ask(StartTls(protocol), greeter(instead(protocol, number, sends)))


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
async def test_a_server_that_has_tls_and_refuses_it_now_is_not_called_one_without(
    protocol: str, greeter: Start
) -> None:
    script = list(UNWILLING[protocol])
    capable = {"imap": b"* CAPABILITY IMAP4rev1 STARTTLS\r\na2 OK\r\n", "pop3": b"+OK\r\nSTLS\r\n.\r\n"}
    script[2] = Turn(script[2].awaits, capable[protocol])
    assert (await gap_of(protocol, greeter(script))).cause is Cause.BLOCKED


@pytest.mark.parametrize(
    ("protocol", "sends"), [("imap", b"a1 NO try again later\r\n"), ("pop3", b"-ERR [IN-USE]\r\n")]
)
async def test_a_refusal_for_now_is_no_lack_of_tls(protocol: str, sends: bytes, greeter: Start) -> None:
    script = list(UNWILLING[protocol])
    script[1] = Turn(script[1].awaits, sends)
    assert (await gap_of(protocol, greeter(script))).cause is Cause.RATE_LIMITED


class _Deaf:
    """A writer whose peer hears nothing."""

    def __init__(self, port: int = 25) -> None:
        self.port = port
        self.sent = b""

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", self.port)

    def write(self, data: bytes) -> None:
        self.sent += data

    async def drain(self) -> None:
        pass


async def test_xmpp_between_servers_is_spoken_on_its_port_and_the_name_is_escaped() -> None:
    writer = _Deaf(5269)
    reader = asyncio.StreamReader()
    reader.feed_data(XMPP_STREAM + b"<stream:features/>")
    with pytest.raises(NotOffered):
        await start_tls(StartTls.XMPP, reader, writer, "a'\"<b")  # type: ignore[arg-type]
    assert b"xmlns='jabber:server'" in writer.sent
    assert b'to="a\'&quot;&lt;b"' in writer.sent


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_peer_that_hangs_up_is_unreachable(protocol: StartTls, raw: Start) -> None:
    assert (await gap_of(protocol, raw(lambda connection: None))).cause is Cause.UNREACHABLE


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("number", [0, -1])
async def test_an_answer_that_breaks_off_is_unreachable(protocol: StartTls, number: int, greeter: Start) -> None:
    script = list(WILLING[protocol])
    number %= len(script)
    whole = script[number].sends if protocol is not StartTls.POSTGRES else postgres_error(b"53300")
    port = greeter([*script[:number], Turn(script[number].awaits, whole[:-1])], stays=False)
    assert (await gap_of(protocol, port)).cause is Cause.UNREACHABLE


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_silence_is_the_callers_to_bound(protocol: StartTls, raw: Start) -> None:
    with pytest.raises(TimeoutError):
        await ask(protocol, raw(lambda connection: connection.recv(4096) and connection.recv(4096)), seconds=0.3)


def pour(connection: socket.socket, data: bytes) -> None:
    for _ in range(10_000_000 // len(data)):
        connection.sendall(data)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "data",
    [
        b"x" * 65_536,
        b"220-on and on\r\n" * 4000,
        b"* OK on and on\r\n" * 4000,
        b"+OK\r\n" * 4000,
        b"<stream:stream version='1.0'><stream:features>" * 1000,
        b"\x30\x84\x7f\xff\xff\xff" * 9000,
        b"\x03\x00\xff\xff" * 9000,
        b"\0" * 65_536,
    ],
    ids=["one line", "220", "imap", "pop3", "xml", "ber", "tpkt", "nul"],
)
async def test_ten_megabytes_are_not_read(protocol: StartTls, data: bytes, raw: Start) -> None:
    with pytest.raises((Turned, NotOffered)):
        await ask(protocol, raw(lambda connection: pour(connection, data)))


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_byte_by_byte_is_as_good_as_at_once(protocol: StartTls) -> None:
    """A peer whose answers come in the smallest pieces."""
    answers = b"".join(turn.sends for turn in WILLING[protocol])
    reader, writer = asyncio.StreamReader(), _Deaf()

    async def drip() -> None:
        for byte in answers:
            reader.feed_data(bytes([byte]))
            await asyncio.sleep(0)

    await asyncio.gather(drip(), start_tls(protocol, reader, writer, NAME))  # type: ignore[arg-type]


_PIECES = st.sampled_from(
    [turn.sends for script in (*WILLING.values(), *UNWILLING.values()) for turn in script]
    + [XMPP_STREAM, XMPP_TLS, b"<stream:features>", b"220", b"-", b"\r\n", b"\x30", b"\x84", b"E", b"\x03\x00"]
)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.one_of(st.binary(max_size=40), _PIECES), max_size=8))
async def test_whatever_comes_ends_in_one_of_three_ways(protocol: StartTls, pieces: list[bytes]) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"".join(pieces))
    reader.feed_eof()
    with contextlib.suppress(NotOffered, Turned):
        await start_tls(protocol, reader, _Deaf(), NAME)  # type: ignore[arg-type]


@pytest.mark.parametrize("protocol", ["ftp", "ldap", "pop3", "postgres"])
async def test_the_peers_of_these_tests_are_no_different_to_another_client(
    protocol: str, greeter: Start, context: ssl.SSLContext, needs: Callable[[str], str]
) -> None:
    port = greeter(WILLING[protocol], context)
    client = await asyncio.create_subprocess_exec(
        *(needs("openssl"), "s_client", "-starttls", protocol, "-connect", f"127.0.0.1:{port}"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await asyncio.wait_for(client.communicate(), 20)
    assert NAME.encode() in told
    assert b"TLSv1.3" in told
