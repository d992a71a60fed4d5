"""A DNS server that knows what a test tells it. A pytest plugin that `tests/conftest.py` registers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest_asyncio


class Dns(asyncio.DatagramProtocol):
    """A DNS server over UDP and TCP. Aliases (`CNAME`) are followed as far as it knows them.

    Attributes:
        zone: records by name and type, as in a zone file.
        codes: names that are answered with a response code.
        silent: names that are not answered, or pairs of a name and a type.
        garbage: names that are answered with bytes that are no DNS.
        cut: names whose answers come over TCP alone.
        authenticated: names whose answers have the AD flag, if it was asked for; `*` for all.
        lonely: whether aliases are left to the client to follow.
        is_old: whether EDNS is refused.
        asked: what was asked, name and record type.
    """

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.codes: dict[str, dns.rcode.Rcode] = {}
        self.silent: set[str | tuple[str, str]] = set()
        self.garbage: set[str] = set()
        self.cut: set[str] = set()
        self.authenticated: set[str] = set()
        self.lonely = False
        self.is_old = False
        self.asked: list[tuple[str, str]] = []
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the socket."""
        self.transport = cast(asyncio.DatagramTransport, transport)

    @property
    def resolver(self) -> str:
        """What `settings.resolver` says to ask this server."""
        assert self.transport is not None
        host, port = self.transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answers one question over UDP."""
        answer = self._answer(data, over_tcp=False)
        if answer is not None and self.transport is not None:
            self.transport.sendto(answer, addr)

    async def over_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one question over TCP."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            answer = self._answer(data, over_tcp=True)
            if answer is not None:
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()
        writer.close()

    def _answer(self, data: bytes, *, over_tcp: bool) -> bytes | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if {name, (name, kind)} & self.silent:
            return None
        if name in self.garbage:
            return data[:2] + b"\xff" * 40
        response = dns.message.make_response(query, recursion_available=True)
        if self.is_old and query.edns >= 0:
            response.set_rcode(dns.rcode.FORMERR)
            return response.to_wire()
        response.set_rcode(self.codes.get(name, dns.rcode.NOERROR))
        if {name, "*"} & self.authenticated and query.flags & dns.flags.AD:
            response.flags |= dns.flags.AD
        if name in self.cut and not over_tcp:
            response.flags |= dns.flags.TC
        else:
            self._fill(response, name, kind)
        return response.to_wire(max_size=65535)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        for _ in range(20):
            values = self.zone.get((name, kind), [])
            alias = self.zone.get((name, "CNAME"), [])
            if values:
                response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
            if values or not alias:
                return
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", *alias))
            name = alias[0].removesuffix(".")
            if self.lonely:
                return


@pytest_asyncio.fixture
async def name_server() -> AsyncIterator[Dns]:
    """A DNS server of the test's own."""
    loop = asyncio.get_running_loop()
    protocol = Dns()
    server = await asyncio.start_server(protocol.over_tcp, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, local_addr=address)
    yield protocol
    transport.close()
    server.close()
