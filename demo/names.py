"""The DNS server of the demo city: it answers with `layout.ZONE` and asks nobody else."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from pathlib import Path
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from demo.layout import ADDRESS, DNS_PORT, ZONE

PATIENCE = 10.0  # seconds that a question over TCP may take
_LIFE = 60  # seconds that an answer may be kept


def answer(query: bytes) -> bytes | None:
    """The reply to a query; None for what is no query."""
    try:
        asked = dns.message.from_wire(query)
    except (dns.exception.DNSException, ValueError):
        return None
    if asked.flags & dns.flags.QR or len(asked.question) != 1:
        return None
    return _reply(asked).to_wire()


def _reply(asked: dns.message.Message) -> dns.message.Message:
    question = asked.question[0]
    name = question.name.to_text(omit_final_dot=True).lower()
    reply = dns.message.make_response(asked, recursion_available=True)
    kind = dns.rdatatype.to_text(question.rdtype)
    values = ZONE.get((name, kind), ())
    if values:
        reply.answer.append(dns.rrset.from_text(question.name, _LIFE, "IN", kind, *values))
    elif not any(known == name or known.endswith(f".{name}") for known, _ in ZONE):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


class _Datagrams(asyncio.DatagramProtocol):
    """Questions over UDP."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the socket."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answers one question."""
        reply = answer(data)
        if reply is not None:
            self._transport.sendto(reply, addr)


async def _stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one question over TCP, where each message has its length before it (RFC 1035, section 4.2.2)."""
    with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            (length,) = struct.unpack(">H", await reader.readexactly(2))
            reply = answer(await reader.readexactly(length))
            if reply is not None:
                writer.write(struct.pack(">H", len(reply)) + reply)
                await writer.drain()
    writer.close()


async def start(state: Path) -> None:
    """Serves names until the process ends; it needs no files of the state."""
    await asyncio.get_running_loop().create_datagram_endpoint(_Datagrams, local_addr=(ADDRESS, DNS_PORT))
    await asyncio.start_server(_stream, ADDRESS, DNS_PORT)
