"""A plain-text conversation before TLS: bounded reading, and the words for why it did not come to TLS."""

from __future__ import annotations

import asyncio
import re

from scanner.model.asset import StartTls
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import unobserved_from
from scanner.transports.addresses import endpoint

LONGEST_PIECE = 8192
"""Bytes of one line, tag or message; SMTP allows 512 (RFC 5321, 4.5.3.1.5), IMAP servers send a few thousand."""

MOST_LINES = 100
"""Lines of one answer."""

_QUOTED = 160

_NAMES = {
    StartTls.SMTP: "SMTP", StartTls.IMAP: "IMAP", StartTls.POP3: "POP3", StartTls.LDAP: "LDAP", StartTls.FTP: "FTP",
    StartTls.XMPP: "XMPP", StartTls.RDP: "RDP", StartTls.POSTGRES: "PostgreSQL",
}  # fmt: skip

# How servers of all kinds say that it is a matter of when and how often, and not of who asks: the response codes of
# RFC 5530 (IMAP) and RFC 3206 (POP3), and the words that people put into such answers.
_LATER = re.compile(
    r"\[unavailable\]|\[sys/temp\]|\[in-use\]|\[limit\]|too many|too fast|try (?:again )?later|try again"
    r"|rate.?limit|throttl|temporar|too busy|server busy|connection limit|limit (?:exceeded|reached)",
    re.IGNORECASE,
)


class NotOffered(Exception):
    """The peer says clearly that it has no TLS; `said` is one clause that tells how."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Turned(Exception):
    """It did not come to TLS, and whether the peer has any is not known."""

    def __init__(self, gap: Unobserved) -> None:
        super().__init__(gap.detail)
        self.gap = gap


def quoted(said: str | bytes) -> str:
    """What a peer said, harmless and short, in quotation marks."""
    return f'"{harmless(said, _QUOTED).strip()}"'


def is_for_now(said: str) -> bool:
    """Whether a refusal speaks of the moment, and not of what the peer can do."""
    return _LATER.search(said) is not None


class Talk:
    """One connection in plain text. What is read raises `Turned` where it ends early or passes the bounds."""

    def __init__(self, protocol: StartTls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._protocol = _NAMES[protocol]
        self._reader = reader
        self._writer = writer
        self._read = bytearray()
        peer = writer.get_extra_info("peername") or ("the peer", 0)
        self.port = int(peer[1])
        self._where = endpoint(str(peer[0]), self.port)

    @property
    def left(self) -> bytes:
        """What came and was not asked for."""
        return bytes(self._read)

    @property
    def our_address(self) -> str:
        """The address that the peer sees, as far as this machine knows it."""
        ours = self._writer.get_extra_info("sockname") or ("127.0.0.1",)
        return str(ours[0])

    async def send(self, data: bytes) -> None:
        """Sends."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise Turned(unobserved_from(error, where=self._where)) from error

    async def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._read) < count:
            await self._more()
        return self._take(count)

    async def until(self, mark: bytes) -> bytes:
        """Everything up to and including the next such byte."""
        seen = 0
        while (end := self._read.find(mark, seen, LONGEST_PIECE)) < 0:
            if len(self._read) >= LONGEST_PIECE:
                raise self.malformed(f"no end in the first {LONGEST_PIECE} bytes of an answer")
            seen = len(self._read)
            await self._more()
        return self._take(end + 1)

    async def line(self) -> str:
        """One line without its end, decoded with replacement."""
        return (await self.until(b"\n")).decode("utf-8", "replace").rstrip("\r\n")

    async def _more(self) -> None:
        try:
            data = await self._reader.read(4096)
        except OSError as error:
            raise Turned(unobserved_from(error, where=self._where)) from error
        if not data:
            detail = f"{self._where} hung up before TLS could begin; check the service and any firewall before it."
            raise Turned(Unobserved(cause=Cause.UNREACHABLE, detail=detail))
        self._read += data

    def _take(self, count: int) -> bytes:
        data = bytes(self._read[:count])
        del self._read[:count]
        return data

    def malformed(self, what: str) -> Turned:
        """The peer does not speak the protocol; `what` is a clause that tells how it shows."""
        detail = (
            f"{self._where} does not answer as {self._protocol} before TLS should ({what}); "
            "check which service listens there, and `starttls` in the inventory."
        )
        return Turned(Unobserved(cause=Cause.MALFORMED, detail=detail))

    def refused(self, said: str) -> Turned:
        """The peer turns us away: as a matter of time, if its words say so, and else by a wall."""
        return self.limited(said) if is_for_now(said) else self.blocked(f"says {quoted(said)}")

    def limited(self, said: str) -> Turned:
        """The peer wants fewer or later connections."""
        detail = f"{self._where} takes no more connections now ({quoted(said)}); scan it again at a quieter time."
        return Turned(Unobserved(cause=Cause.RATE_LIMITED, detail=detail))

    def blocked(self, what: str) -> Turned:
        """The peer, or something before it, does not let us come to TLS; `what` is a clause without its subject."""
        detail = (
            f"{self._where} {what}, so whether it has TLS was not seen; "
            "let this machine through, or scan from one that is let in."
        )
        return Turned(Unobserved(cause=Cause.BLOCKED, detail=detail))
