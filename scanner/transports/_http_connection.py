"""One HTTP/1.1 connection to one address: bounded in size, strict in reading (h11), and how far it got."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass, field

import h11

from scanner.transports._http_tls import HEARD, Heard, tolerant_context
from scanner.transports._http_url import Wanted

_LARGEST_HEAD = 100 * 1024
_AT_ONCE = 64 * 1024


@dataclass
class Progress:
    """How far one request has come.

    Attributes:
        connected, secured: TCP, and TLS where there is any, are through.
        answered: whether any byte of the answer came.
        heard: what the peer said of TLS.
    """

    connected: bool = False
    secured: bool = False
    answered: bool = False
    heard: Heard = field(default_factory=Heard)


class Connection:
    """A connection; made by `open_connection`. One request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, step: float) -> None:
        self._reader = reader
        self._writer = writer
        self._step = step
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)

    @property
    def tls_version(self) -> str | None:
        """As OpenSSL names it; None over plain HTTP."""
        secured = self._writer.get_extra_info("ssl_object")
        return None if secured is None else secured.version()

    async def ask(self, request: h11.Request, progress: Progress) -> h11.Response:
        """Sends a request without a body and reads the head of the answer; interim answers are skipped.

        Raises:
            OSError, EOFError, h11.RemoteProtocolError: whatever the peer or the network does.
        """
        with contextlib.suppress(ConnectionError):  # some answer, and hang up, before they have read the request
            self._writer.write(self._http.send(request) + self._http.send(h11.EndOfMessage()))
            async with asyncio.timeout(self._step):
                await self._writer.drain()
        while not isinstance(event := await self._event(progress), h11.Response):
            if not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError("the answer ends before its head does")
        return event

    async def body(self, into: list[bytes], most: int) -> bool:
        """Reads the body as it was sent, at most a little more than so many bytes.

        Args:
            into: where it goes piece by piece, so that what came is there also where it breaks off.
            most: bytes after which reading stops.

        Returns:
            Whether that is all of it.

        Raises:
            OSError, EOFError, h11.RemoteProtocolError: where it breaks off.
        """
        size, progress = 0, Progress(answered=True)
        while size <= most and isinstance(event := await self._event(progress), h11.Data):
            into.append(bytes(event.data))
            size += len(event.data)
        return size <= most

    def may_be_used_again(self) -> bool:
        """Whether the answer has ended and the peer lets us ask again. Reads what has come already and waits for none.

        That is enough for the few bytes behind a redirect; a longer body costs the connection.
        """
        with contextlib.suppress(h11.RemoteProtocolError):
            while isinstance(self._http.next_event(), h11.Data):
                continue
            if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE and not self._reader.at_eof():
                self._http.start_next_cycle()
                return True
        return False

    def close(self) -> None:
        """Hangs up at once, without waiting for the peer's leave."""
        self._writer.transport.abort()

    async def _event(self, progress: Progress) -> h11.Event | type[h11.PAUSED] | type[h11.NEED_DATA]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout(self._step):
                received = await self._reader.read(_AT_ONCE)
            if not received and not progress.answered and self._http.their_state is h11.SEND_RESPONSE:
                raise EOFError("the peer hung up without an answer")
            progress.answered |= bool(received)
            self._http.receive_data(received)
        return event


async def open_connection(wanted: Wanted, address: str, step: float, progress: Progress) -> Connection:
    """Connects to one address, with TLS for https.

    Args:
        wanted: the URL; its host is the server name.
        address: the literal that is connected to, and no other.
        step: seconds for each of connecting and handshake, and later for each wait for bytes.
        progress: told how far it got, also where it fails.

    Raises:
        OSError: whatever the peer or the network does; `TimeoutError` for silence.
    """
    dialled = await _dial(address, wanted.port, step)
    progress.connected = True
    if wanted.scheme == "http":
        reader, writer = await asyncio.open_connection(sock=dialled)
        return Connection(reader, writer, step)
    before = HEARD.set(progress.heard)
    try:
        async with asyncio.timeout(step):
            reader, writer = await asyncio.open_connection(
                sock=dialled, ssl=tolerant_context(), server_hostname=wanted.server_name
            )
    except BaseException:
        dialled.close()
        raise
    finally:
        HEARD.reset(before)
    progress.secured = True
    return Connection(reader, writer, step)


async def _dial(address: str, port: int, step: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    dialled = socket.socket(family, socket.SOCK_STREAM)
    try:
        dialled.setblocking(False)
        async with asyncio.timeout(step):
            await asyncio.get_running_loop().sock_connect(dialled, (address, port))
    except BaseException:
        dialled.close()
        raise
    return dialled


FAILURES = (OSError, EOFError, ssl.SSLError, h11.ProtocolError)
"""Everything that a peer or the network can do to a connection."""
