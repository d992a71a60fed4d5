"""A connection that carries one hello and what comes back, on plain sockets: streams would cost twice the time.

Every connection is closed by a reset: the server need not wait for our goodbye, and we keep none of the thousands of
closed connections in TIME_WAIT.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import AsyncIterator
from typing import Protocol

from scanner.transports._tls_protocol import TlsTarget

_AT_ONCE = 16_384
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Wire(Protocol):
    """Sends a hello and receives what comes back; raises OSError where the network does."""

    async def send(self, data: bytes) -> None:
        """Sends all of it."""

    async def receive(self) -> bytes:
        """What came next; nothing at the end of the connection."""


class _Plain:
    """TLS begins with the first byte."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        """Sends all of it."""
        await self._loop.sock_sendall(self._socket, data)

    async def receive(self) -> bytes:
        """What came next; nothing at the end of the connection."""
        return await self._loop.sock_recv(self._socket, _AT_ONCE)


class _Turned:
    """A command turned TLS on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Sends all of it."""
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self) -> bytes:
        """What came next; nothing at the end of the connection."""
        return await self._reader.read(_AT_ONCE)


@contextlib.asynccontextmanager
async def wire_to(target: TlsTarget, limit: asyncio.Timeout, until: float) -> AsyncIterator[Wire]:
    """A connection on which TLS may begin.

    Args:
        target: the server.
        limit: the time-out that is in force; each step (connecting, the command, the hello) gets a new one.
        until: hard deadline in the event loop's time.

    Raises:
        OSError: it cannot be made. What is raised inside is the caller's.
        NotOffered, Turned: as of `start_tls`.
    """
    if target.starttls is None:
        async with _plain(target) as wire:
            renew(limit, target.timeout, until)
            yield wire
        return
    from scanner.transports.starttls import start_tls

    reader, writer = await asyncio.open_connection(target.address, target.port, limit=_AT_ONCE)
    try:
        renew(limit, target.timeout, until)
        await start_tls(target.starttls, reader, writer, target.server_name or target.address)
        renew(limit, target.timeout, until)
        yield _Turned(reader, writer)
    finally:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def _plain(target: TlsTarget) -> AsyncIterator[Wire]:
    family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.setblocking(False)
        wire = _Plain(connection)
        await asyncio.get_running_loop().sock_connect(connection, (target.address, target.port))
        try:
            yield wire
        finally:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def renew(limit: asyncio.Timeout, seconds: float, until: float) -> None:
    """Gives the next step its time."""
    limit.reschedule(min(asyncio.get_running_loop().time() + seconds, until))
