"""Peers on loopback, well behaved and hostile.

A pytest plugin that `tests/conftest.py` registers: its fixtures are there for every test.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Reply = Callable[[bytes], bytes]


def answer(status: int = 200, *headers: str, body: str = "") -> bytes:
    """An HTTP answer that closes the connection."""
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "Connection: close", "", body]
    return "\r\n".join(lines).encode("utf-8")


class Peers:
    """Starts servers, each on a port of its own or on one that is given, and ends them with the test."""

    def __init__(self, certificate: Path) -> None:
        self.certificate = certificate
        self.requests: list[bytes] = []
        self.server_names: list[str | None] = []
        self.accepted: list[tuple[str, int]] = []
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: list[socket.socket] = []

    async def serve(
        self, handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> int:
        """Serves with a handler; gives the port."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.accepted.append(writer.get_extra_info("sockname")[:2])
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await handler(reader, writer)
            writer.close()

        server = await asyncio.start_server(handle, host, port, ssl=tls)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def http(self, reply: Reply, *, host: str = "127.0.0.1", port: int = 0) -> int:
        """A plain HTTP server that answers each request with `reply(request)`."""
        return await self.serve(self._replying(reply), host=host, port=port)

    async def https(
        self, reply: Reply, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> int:
        """The same behind TLS."""
        return await self.serve(self._replying(reply), tls=tls or self.tls(), host=host, port=port)

    def _replying(self, reply: Reply) -> Handler:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request)
            writer.write(reply(request))
            await writer.drain()

        return handle

    def tls(self) -> ssl.SSLContext:
        """A server's context; notes the names that clients ask for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        context.sni_callback = lambda _, name, __: self.server_names.append(name)
        return context

    async def silent(self) -> int:
        """Accepts and never says a word."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(60)

        return await self.serve(handle)

    async def closing(self) -> int:
        """Hangs up at once."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        return await self.serve(handle)

    async def resetting(self) -> int:
        """Waits for the first bytes and resets the connection."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

        return await self.serve(handle)

    async def saying(
        self, *parts: bytes, pause: float = 0.0, endless: bool = False, tls: ssl.SSLContext | None = None
    ) -> int:
        """Waits for the first bytes, then says its parts with pauses, the last one for ever if `endless`."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.requests.append(await reader.read(4096))
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            while endless:
                writer.write(parts[-1])
                await writer.drain()
                await asyncio.sleep(pause)

        return await self.serve(handle, tls=tls)

    def closed(self, host: str = "127.0.0.1") -> int:
        """A port on which nobody listens, kept from others as long as the test runs."""
        holder = socket.socket()
        holder.bind((host, 0))
        self._sockets.append(holder)
        return int(holder.getsockname()[1])

    async def end(self) -> None:
        """Ends every server."""
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for holder in self._sockets:
            holder.close()


@pytest.fixture(scope="session")
def server_certificate(make_certificate: Callable[..., Path]) -> Path:
    """One certificate for all peers."""
    return make_certificate("localhost", "www.city.example")


@pytest_asyncio.fixture
async def peers(server_certificate: Path) -> AsyncIterator[Peers]:
    """Servers on loopback that end with the test."""
    running = Peers(server_certificate)
    yield running
    await running.end()


@pytest.fixture
def http_answer() -> Callable[..., bytes]:
    """`http_answer(301, "Location: /")` gives an HTTP answer as bytes."""
    return answer


@pytest.fixture
def free_port() -> int:
    """A port that was free a moment ago, on every loopback address."""
    with socket.socket() as holder:
        holder.bind(("", 0))
        port = int(holder.getsockname()[1])
    return port


@pytest.fixture
def raw() -> Iterator[Callable[..., int]]:
    """`raw(behave)`: a TCP server that does with each connection what a function does; gives the port."""
    listeners: list[socket.socket] = []

    def start(behave: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def converse(connection: socket.socket) -> None:
            with connection:
                try:
                    behave(connection)
                except OSError:
                    return

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.close()
