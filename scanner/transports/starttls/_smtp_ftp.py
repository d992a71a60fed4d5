"""SMTP (RFC 5321, STARTTLS after RFC 3207) and FTP (RFC 959, AUTH TLS after RFC 4217): answers with three digits."""

from __future__ import annotations

import re
from ipaddress import ip_address

from scanner.transports.starttls._talk import MOST_LINES, NotOffered, Talk, Turned, quoted

_REPLY = re.compile(r"([1-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)

# RFC 5321, 4.2.3: service not available, mailbox or resource for the moment; RFC 3207, 4: TLS for the moment. FTP has
# 421 and 431 ("need some unavailable resource to process security", RFC 2228, 5) and 120 ("ready in n minutes").
_FOR_NOW = frozenset({120, 421, 431, 450, 451, 452, 454})

_UNKNOWN_COMMAND = frozenset({500, 502})

# RFC 4217, 4 and RFC 2228, 5: no such mechanism. A server that wants a log-in before TLS (530, as vsftpd without TLS
# says to whatever it does not know) takes the password in plain text.
_NO_AUTH_TLS = frozenset({*_UNKNOWN_COMMAND, 504, 530})

# Cisco firewalls put X over the extensions that they hide from those behind them (ESMTP inspection).
_MASKED = re.compile(r"X{6,}[A-Z]?")


class _Reply:
    """One answer: its code, and its lines without it."""

    def __init__(self, code: int, lines: list[str]) -> None:
        self.code = code
        self.lines = lines

    def __str__(self) -> str:
        return f"{self.code} {' / '.join(self.lines)}"


async def smtp(talk: Talk, name: str) -> None:
    """Greeting, EHLO, STARTTLS."""
    _expect(talk, await _reply(talk), 220)
    hello = await _command(talk, f"EHLO {_literal(talk.our_address)}")
    if hello.code in _UNKNOWN_COMMAND:
        raise NotOffered(f"EHLO was answered with {quoted(str(hello))}, so it knows no extensions")
    _expect(talk, hello, 250)
    offered = {line.strip().upper() for line in hello.lines[1:]}
    if "STARTTLS" not in offered:
        if any(_MASKED.fullmatch(each) for each in offered):
            raise talk.blocked("stands behind a firewall that masks what EHLO offers")
        raise NotOffered(f"EHLO was answered without STARTTLS: {quoted(str(hello))}")
    answer = await _command(talk, "STARTTLS")
    if answer.code in _UNKNOWN_COMMAND:
        raise NotOffered(f"STARTTLS was answered with {quoted(str(answer))}")
    _expect(talk, answer, 220)


async def ftp(talk: Talk, name: str) -> None:
    """Greeting, AUTH TLS."""
    _expect(talk, await _reply(talk, ftp=True), 220)
    answer = await _command(talk, "AUTH TLS", ftp=True)
    if answer.code in _NO_AUTH_TLS:
        raise NotOffered(f"AUTH TLS was answered with {quoted(str(answer))}")
    _expect(talk, answer, 234)


async def _command(talk: Talk, command: str, *, ftp: bool = False) -> _Reply:
    await talk.send(f"{command}\r\n".encode())
    return await _reply(talk, ftp=ftp)


async def _reply(talk: Talk, *, ftp: bool = False) -> _Reply:
    """One answer of one or more lines.

    In SMTP each line begins with the code (RFC 5321, 4.2.1); in FTP only the first and the last need to (RFC 959, 4.2).
    """
    code, lines = None, list[str]()
    for _ in range(MOST_LINES):
        line = await talk.line()
        found = _REPLY.fullmatch(line)
        if found is None or (code is not None and int(found[1]) != code):
            if not ftp or code is None:
                raise talk.malformed(f"it sent {quoted(line)}")
            lines.append(line)
            continue
        code = int(found[1])
        lines.append(found[3] or "")
        if found[2] != "-":
            return _Reply(code, lines)
    raise talk.malformed(f"an answer of more than {MOST_LINES} lines")


def _expect(talk: Talk, reply: _Reply, code: int) -> None:
    if reply.code != code:
        raise _otherwise(talk, reply)


def _otherwise(talk: Talk, reply: _Reply) -> Turned:
    """What an answer means that is not the one that leads on."""
    if reply.code in _FOR_NOW:
        return talk.limited(str(reply))
    return talk.refused(str(reply)) if reply.code >= 400 else talk.malformed(f"it sent {quoted(str(reply))}")


def _literal(address: str) -> str:
    """Our address as EHLO wants it of one who has no name (RFC 5321, 4.1.3)."""
    plain = address.partition("%")[0]
    return f"[IPv6:{plain}]" if ip_address(plain).version == 6 else f"[{plain}]"
