"""Telling by its first bytes that a listener speaks a plain protocol. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.model.asset import StartTls
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved


@dataclass(frozen=True, kw_only=True)
class PlainWords:
    """A plain protocol.

    Attributes:
        seen: one clause that tells what shows it.
        starttls: the command of this protocol that may turn TLS on; None where it has none that we know.
    """

    seen: str
    starttls: StartTls | None = None


_SIGNS: tuple[tuple[re.Pattern[bytes], str, StartTls | None], ...] = tuple(
    (re.compile(sign, re.DOTALL | re.IGNORECASE), name, starttls)
    for sign, name, starttls in (
        (rb"HTTP/[0-9]|\s*<(?:!doctype html|html|head)[\s>]", "HTTP", None),
        (rb"SSH-[0-9.]+-", "SSH", None),
        (rb"220[ -].{0,200}?FTP", "FTP", StartTls.FTP),
        (rb"[245][0-9]{2}[ -].{0,200}?\bE?SMTP", "SMTP", StartTls.SMTP),
        (rb"220[ -]", "SMTP or FTP", StartTls.SMTP),
        (rb"\* (?:OK|PREAUTH|BYE)\b", "IMAP", StartTls.IMAP),
        (rb"\+OK\b", "POP3", StartTls.POP3),
        (rb"RFB [0-9]{3}\.[0-9]{3}\n", "VNC", None),
        (rb"\xff[\xfb-\xfe].", "Telnet", None),
        (rb"E\x00\x00..S[A-Z]+\x00", "PostgreSQL", StartTls.POSTGRES),
        (rb"\x30.{1,5}\x02\x01\x00\x78", "LDAP", StartTls.LDAP),
    )
)

# MySQL's greeting (protocol 10): length, sequence 0, version, thread, 8 bytes of salt, a zero, capabilities. With the
# capability CLIENT_SSL it turns TLS on in a way of its own.
_MYSQL = re.compile(rb"...\x00\x0a([ -~]{1,60})\x00.{4}.{8}\x00(..)", re.DOTALL)
_CLIENT_SSL = 0x0800

# HTTP that may come from a wall before the listener, and the 421 of FTP and mail: they tell of us, not of the listener.
_STATUS = re.compile(rb"HTTP/[0-9.]{1,5} (403|407|429|503)\b|(421)[ -]")
_WALLS = {b"403": Cause.BLOCKED, b"407": Cause.BLOCKED}

_READABLE = re.compile(rb"[\t\r\n -~]{8,}")
_LOOKED_AT = 256


def plain_words(heard: bytes, where: str) -> PlainWords | Unobserved | None:
    """What a listener's first bytes show of a plain protocol.

    Returns:
        None where they show none; a gap where a wall speaks in the listener's place, or where the protocol has TLS of
        a kind that civicseal cannot ask for.
    """
    status = _STATUS.match(heard)
    if status is not None:
        detail = f"{where} turned us away in plain text ({_quoted(heard)}); let this machine through, or ask it later."
        return Unobserved(cause=_WALLS.get(status[1], Cause.RATE_LIMITED), detail=detail)
    mysql = _MYSQL.match(heard)
    if mysql is not None:
        return _mysql(mysql, where)
    for sign, name, starttls in _SIGNS:
        if sign.match(heard):
            return PlainWords(seen=f"it speaks {name}: {_quoted(heard)}", starttls=starttls)
    if _READABLE.fullmatch(heard[:_LOOKED_AT]):
        return PlainWords(seen=f"it answers in plain text: {_quoted(heard)}")
    return None


def _mysql(found: re.Match[bytes], where: str) -> PlainWords | Unobserved:
    version = harmless(found[1], 60)
    if int.from_bytes(found[2], "little") & _CLIENT_SSL:
        detail = (
            f"{where} is MySQL {version}, which turns TLS on in a way of its own that civicseal does not speak; "
            "check `require_secure_transport` on the server."
        )
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    return PlainWords(seen=f"it speaks MySQL without TLS: {version}")


def _quoted(heard: bytes) -> str:
    line = heard.strip().split(b"\n", 1)[0].strip()
    return f'"{harmless(line, 80)}"'
