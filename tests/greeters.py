"""Listeners that begin in plain text, for every protocol that turns TLS on by a command; each follows a script.

A pytest plugin that `tests/conftest.py` registers: `greeter(script, context)` listens and gives the port.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest


class Turn(NamedTuple):
    """What a peer waits for, a pattern of bytes (empty: nothing), and what it then sends."""

    awaits: bytes
    sends: bytes


Script = Sequence[Turn]

LDAP_OID = b"1.3.6.1.4.1.1466.20037"
XMPP_TLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
XMPP_STREAM = b"<?xml version='1.0'?><stream:stream from='x' id='1' xmlns='jabber:client' version='1.0'>"


def ldap_response(code: int, said: bytes = b"", *, number: int = 1) -> bytes:
    """An ExtendedResponse."""
    result = bytes([0x0A, 1, code, 0x04, 0, 0x04, len(said)]) + said
    response = bytes([0x02, 1, number, 0x78, len(result)]) + result
    return bytes([0x30, len(response)]) + response


def rdp_confirm(negotiation: bytes = b"\x02\x00\x08\x00\x01\x00\x00\x00") -> bytes:
    """An X.224 connection confirm with its negotiation."""
    packet = bytes([6 + len(negotiation), 0xD0, 0, 0, 0, 0, 0]) + negotiation
    return b"\x03\x00" + (4 + len(packet)).to_bytes(2, "big") + packet


def postgres_error(code: bytes, said: bytes = b"sorry") -> bytes:
    """An ErrorResponse."""
    fields = b"SFATAL\0C" + code + b"\0M" + said + b"\0\0"
    return b"E" + (4 + len(fields)).to_bytes(4, "big") + fields


WILLING: dict[str, Script] = {
    "smtp": (
        Turn(b"", b"220-mx.city.example\r\n220 ESMTP\r\n"),
        Turn(rb"EHLO \[127\.0\.0\.1\]\r\n", b"250-mx\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n"),
        Turn(b"STARTTLS\r\n", b"220 2.0.0 go ahead\r\n"),
    ),
    "imap": (
        Turn(b"", b"* OK [CAPABILITY IMAP4rev2 STARTTLS] ready\r\n"),
        Turn(b"a1 STARTTLS\r\n", b"* OK still here\r\na1 OK begin\r\n"),
    ),
    "pop3": (Turn(b"", b"+OK ready\r\n"), Turn(b"STLS\r\n", b"+OK begin\r\n")),
    "ldap": (Turn(rb"\x30.{8}" + re.escape(LDAP_OID), ldap_response(0)),),
    "ftp": (Turn(b"", b"220-hello\r\n all\r\n220 ready\r\n"), Turn(b"AUTH TLS\r\n", b"234 go\r\n")),
    "xmpp": (
        Turn(
            b"<.xml version='1.0'.><stream:stream to=\"[^\"]*\" xmlns='jabber:client' [^>]*>",
            XMPP_STREAM + b"<stream:features>" + XMPP_TLS + b"<required/></starttls></stream:features>",
        ),
        Turn(XMPP_TLS[:-1] + b"/>", b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    ),
    "rdp": (Turn(b"\x03\x00\x00\x13\x0e\xe0.{5}\x01\x00\x08\x00\x03\x00\x00\x00", rdp_confirm()),),
    "postgres": (Turn(b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"S"),),
}
"""What a server with TLS says in each protocol."""

UNWILLING: dict[str, Script] = {
    "smtp": (WILLING["smtp"][0], Turn(rb"EHLO .*\r\n", b"250-mx\r\n250 8BITMIME\r\n")),
    "imap": (
        Turn(b"", b"* OK ready\r\n"),
        Turn(b"a1 STARTTLS\r\n", b"a1 BAD unknown\r\n"),
        Turn(b"a2 CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na2 OK done\r\n"),
    ),
    "pop3": (
        Turn(b"", b"+OK ready\r\n"),
        Turn(b"STLS\r\n", b"-ERR unknown command\r\n"),
        Turn(b"CAPA\r\n", b"+OK list\r\nTOP\r\nUSER\r\n.\r\n"),
    ),
    "ldap": (Turn(b".{31}", ldap_response(2, b"unsupported extended operation")),),
    "ftp": (Turn(b"", b"220 (vsFTPd 3.0.5)\r\n"), Turn(b"AUTH TLS\r\n", b"530 Please login with USER and PASS.\r\n")),
    "xmpp": (Turn(b".*>.*>", XMPP_STREAM + b"<stream:features><mechanisms xmlns='x'></mechanisms></stream:features>"),),
    "rdp": (Turn(b".{19}", rdp_confirm(b"\x03\x00\x08\x00\x02\x00\x00\x00")),),
    "postgres": (Turn(b".{8}", b"N"),),
}
"""What a server without TLS says."""


def follow(connection: socket.socket, script: Script, context: ssl.SSLContext | None, *, stays: bool = True) -> None:
    """Plays a script, then shakes hands, and keeps the connection until the other side has had enough, if it stays."""
    connection.settimeout(5)
    for turn in script:
        heard = b""
        while turn.awaits and not re.fullmatch(turn.awaits, heard, re.DOTALL):
            data = connection.recv(4096)
            if not data or len(heard) > 10_000:
                return
            heard += data
        connection.sendall(turn.sends)
    if context is not None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)
    elif stays:
        connection.recv(4096)


@pytest.fixture
def greeter(raw: Callable[..., int]) -> Callable[..., int]:
    """`greeter(WILLING["smtp"], context)`: a listener that follows a script, and then speaks TLS; gives the port."""

    def start(script: Script, context: ssl.SSLContext | None = None, *, stays: bool = True) -> int:
        return raw(lambda connection: follow(connection, script, context, stays=stays))

    return start
