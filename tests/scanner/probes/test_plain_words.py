"""Which first bytes prove a plain protocol, and which prove nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.asset import StartTls
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._plain_words import PlainWords, plain_words

WHERE = "192.0.2.1:4433"


def mysql(capabilities: int) -> bytes:
    body = b"\x0a8.4.2\x00" + b"\x01\x00\x00\x00" + b"saltsalt" + b"\x00" + capabilities.to_bytes(2, "little") + b"\x21"
    return len(body).to_bytes(3, "little") + b"\x00" + body


@pytest.mark.parametrize(
    ("heard", "named", "starttls"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n", "HTTP", None),
        (b"<html>\r\n<head><title>400 Bad Request</title>", "HTTP", None),
        (b"\n<!DOCTYPE HTML PUBLIC>", "HTTP", None),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH", None),
        (b"220 mx.city.example ESMTP Postfix\r\n", "SMTP", StartTls.SMTP),
        (b"554 mx.city.example ESMTP not accepting messages\r\n", "SMTP", StartTls.SMTP),
        (b"220 (vsFTPd 3.0.5)\r\n", "FTP", StartTls.FTP),
        (b"220-hello\r\n220 world\r\n", "SMTP or FTP", StartTls.SMTP),
        (b"* OK IMAP4rev1\r\n", "IMAP", StartTls.IMAP),
        (b"+OK ready\r\n", "POP3", StartTls.POP3),
        (b"RFB 003.008\n", "VNC", None),
        (b"\xff\xfd\x18\xff\xfd\x20", "Telnet", None),
        (b"E\x00\x00\x00\x60SFATAL\x00VFATAL\x00C0A000\x00", "PostgreSQL", StartTls.POSTGRES),
        (b"\x30\x84\x00\x00\x00\x10\x02\x01\x00\x78\x84\x00\x00\x00\x07\x0a\x01\x02", "LDAP", StartTls.LDAP),
        (mysql(0xF7FF), "MySQL without TLS: 8.4.2", None),
        (b"-ERR unknown command\r\n", "plain text", None),
        (b"what do you want?\n", "plain text", None),
    ],
)
def test_plain_protocols_are_told_by_their_first_bytes(heard: bytes, named: str, starttls: StartTls | None) -> None:
    words = plain_words(heard, WHERE)
    assert isinstance(words, PlainWords)
    assert named in words.seen
    assert words.starttls is starttls


@pytest.mark.parametrize(
    "heard",
    [
        b"",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x16\x03\x03\x00\x5a\x02\x00\x00\x56",
        b"\x00\x00\x00\x00\x00\x00\x00\x00",
        b"hi",
        b"\x80\x81\x82\x83readable later on, but not at first",
        bytes(range(256)),
    ],
)
def test_what_is_no_plain_text_proves_nothing(heard: bytes) -> None:
    assert plain_words(heard, WHERE) is None


@pytest.mark.parametrize(
    ("heard", "cause"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n", Cause.BLOCKED),
        (b"HTTP/1.0 407 Proxy\r\n", Cause.BLOCKED),
        (b"HTTP/1.1 429 Too Many\r\n", Cause.RATE_LIMITED),
        (b"HTTP/1.1 503 Busy\r\n", Cause.RATE_LIMITED),
        (b"421 4.3.2 bye\r\n", Cause.RATE_LIMITED),
        (mysql(0xFFFF), Cause.UNSUPPORTED),
    ],
)
def test_what_tells_of_us_or_of_another_tls_is_no_verdict_on_the_listener(heard: bytes, cause: Cause) -> None:
    words = plain_words(heard, WHERE)
    assert isinstance(words, Unobserved)
    assert words.cause is cause
    assert WHERE in words.detail


@given(st.binary(max_size=300))
def test_whatever_is_heard_the_words_are_harmless(heard: bytes) -> None:
    words = plain_words(heard, WHERE)
    told = words.seen if isinstance(words, PlainWords) else words.detail if words else ""
    assert told.isprintable()
    assert len(told) < 400
