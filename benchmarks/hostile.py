"""Peers that do a scanner harm: each takes connections and then misbehaves in its own way.

They run in a process of their own, started by `Hostile`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.farm import ADDRESS

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Handler = Callable[[Reader, Writer], Awaitable[None]]

_FOREVER = 3600.0
_RECORD = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb"  # a handshake record of 16 kB that begins a ServerHello


async def silent(reader: Reader, writer: Writer) -> None:
    """Never says a word."""
    await asyncio.sleep(_FOREVER)


async def dripping(reader: Reader, writer: Writer) -> None:
    """Says one byte a second of what begins as TLS."""
    for byte in (*_RECORD, *bytes(10_000)):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def resetting(reader: Reader, writer: Writer) -> None:
    """Waits for the first byte and resets."""
    await reader.read(1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def garbage(reader: Reader, writer: Writer) -> None:
    """Answers with noise."""
    await reader.read(1)
    writer.write(random.randbytes(4000))
    await writer.drain()


async def endless_garbage(reader: Reader, writer: Writer) -> None:
    """Answers with noise that never ends."""
    while not writer.is_closing():
        writer.write(random.randbytes(65536))
        await writer.drain()


async def after_hello(reader: Reader, writer: Writer) -> None:
    """Begins a long ServerHello and falls silent."""
    await reader.read(1)
    writer.write(_RECORD + b"\x03\x03" + bytes(100))
    await writer.drain()
    await asyncio.sleep(_FOREVER)


async def empty_records(reader: Reader, writer: Writer) -> None:
    """Sends handshake records with nothing in them, for ever."""
    while not writer.is_closing():
        writer.write(b"\x16\x03\x03\x00\x00" * 1000)
        await writer.drain()


async def closing(reader: Reader, writer: Writer) -> None:
    """Hangs up at once."""


async def http_flood(reader: Reader, writer: Writer) -> None:
    """Speaks HTTP over good TLS, with headers that never end."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X-Flood: " + b"a" * 4000 + b"\r\n")
        await writer.drain()


async def http_drip(reader: Reader, writer: Writer) -> None:
    """Speaks HTTP over good TLS, one byte a second."""
    await reader.read(1)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"a" * 1_000_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


KINDS: tuple[tuple[Handler, bool], ...] = (
    (silent, False),
    (dripping, False),
    (resetting, False),
    (garbage, False),
    (endless_garbage, False),
    (after_hello, False),
    (empty_records, False),
    (closing, False),
    (http_flood, True),
    (http_drip, True),
)
"""Every kind, and whether it speaks TLS."""


class Hostile:
    """Runs hostile peers for as long as a `with` block lasts.

    Args:
        folder: holds `0.pem`, the certificate of those that speak TLS.
        count: how many, each kind in turn.

    Attributes:
        ports: an id and a port for each.
    """

    def __init__(self, folder: Path, *, count: int) -> None:
        self._folder, self._count = folder, count
        self.ports: tuple[tuple[str, int], ...] = ()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.hostile", str(self._folder / "0.pem"), str(self._count)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._child.stdout is not None
        self.ports = tuple((name, port) for name, port in json.loads(self._child.stdout.readline()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.kill()
        self._child.communicate()


def _surviving(handler: Handler) -> Handler:
    async def handle(reader: Reader, writer: Writer) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()

    return handle


async def _serve(certificate: Path, count: int) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    found = []
    for number in range(count):
        handler, tls = KINDS[number % len(KINDS)]
        server = await asyncio.start_server(_surviving(handler), ADDRESS, 0, ssl=context if tls else None)
        found.append((f"{handler.__name__.replace('_', '-')}-{number}", server.sockets[0].getsockname()[1]))
    print(json.dumps(found), flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
