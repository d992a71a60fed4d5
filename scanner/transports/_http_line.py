"""A line to one peer: httpx's transport with at most one connection, bounded reading, and how far a request got.

The transport is used without httpx's client, which keeps cookies, and reads the Location of a redirect with rules of
its own.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx

from scanner import __version__
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import unobserved_from
from scanner.transports._http_tls import HEARD, Heard
from scanner.transports._http_url import server_name

USER_AGENT = f"civicseal/{__version__} (+security scan of the city's own services)"

# Everything that a peer or the network can do to httpx; anyio's own errors come up through it unmapped at times.
FAILURES = (
    httpx.HTTPError, OSError, EOFError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError,
)  # fmt: skip

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)


@dataclass
class Progress:
    """How far one request has come.

    Attributes:
        again: whether it went over a connection that waited from an earlier one.
        connected, secured: TCP, and TLS where there is any, are through.
        answered: whether any byte of the answer came.
        heard: what the peer said of TLS.
    """

    again: bool = False
    connected: bool = False
    secured: bool = False
    answered: bool = False
    heard: Heard = field(default_factory=Heard)


class Line:
    """Requests to one peer, one at a time; `close` it in the end.

    Args:
        context: for https. It may be shared, which saves most of what a line costs.

    Attributes:
        progress: of the latest request.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.progress = Progress()
        self._transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=_ONE)
        self._stream: Any = None  # httpcore's network stream

    async def ask(self, request: httpx.Request) -> httpx.Response:
        """Sends a request, over the connection that waits if there is one; the body of the answer is still to come.

        Raises:
            FAILURES: whatever the peer or the network does.
        """
        waits = self._stream is not None
        self.progress = Progress(again=waits, connected=waits, secured=waits)
        request.extensions["trace"] = self._trace
        before = HEARD.set(self.progress.heard)
        try:
            return await self._transport.handle_async_request(request)
        finally:
            HEARD.reset(before)

    async def close(self) -> None:
        """Hangs up at once, without waiting for the peer's leave."""
        await self._transport.aclose()
        if self._stream is not None:  # httpcore leaves it open where a handshake is cancelled
            await self._stream.aclose()
            self._stream = None

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Hears from httpcore how far a connection has come."""
        if event == "connection.connect_tcp.started":
            self.progress.again = self.progress.connected = self.progress.secured = False
        elif event == "connection.connect_tcp.complete":
            self.progress.connected = True
            self._listen(info["return_value"])
        elif event == "connection.start_tls.complete":
            self.progress.secured = True
            self._listen(info["return_value"])

    def _listen(self, stream: Any) -> None:
        """Notes whether anything is read; httpcore's errors do not tell half an answer from none."""
        self._stream, read = stream, stream.read

        async def heard(*given: Any, **named: Any) -> bytes:
            """Reads as the stream does."""
            received: bytes = await read(*given, **named)
            self.progress.answered |= bool(received)
            return received

        stream.read = heard


def gap_of(error: BaseException, progress: Progress, *, where: str) -> Unobserved:
    """Why a request got no answer; the error alone does not tell half an answer from none."""
    gap = unobserved_from(error, where=where)
    if not progress.answered or gap.cause is not Cause.UNREACHABLE:
        return gap
    detail = f"{where} broke off in the middle of what is no valid HTTP answer; check what listens there."
    return Unobserved(cause=Cause.MALFORMED, detail=detail)


def request_to(asked: httpx.URL, address: str, step: float, *, accept: str, keep: bool) -> httpx.Request:
    """A GET without login and cookies.

    Args:
        asked: of `wanted`; its host stands in the Host line and is the server name.
        address: the literal that is connected to, and no other.
        step: seconds for each of connecting, handshake and every wait for bytes.
        accept: the media types that are asked for.
        keep: whether the connection is wanted again.
    """
    headers = {
        "Host": asked.netloc.decode("ascii"),
        "User-Agent": USER_AGENT,
        "Accept": accept,
        "Accept-Encoding": "identity",
    }
    if not keep:
        headers["Connection"] = "close"
    extensions = {"sni_hostname": server_name(asked), "timeout": httpx.Timeout(step).as_dict()}
    return httpx.Request("GET", asked.copy_with(host=address), headers=headers, extensions=extensions)


def tls_version(response: httpx.Response) -> str | None:
    """As OpenSSL names it; None over plain HTTP."""
    secured: ssl.SSLObject | None = response.extensions["network_stream"].get_extra_info("ssl_object")
    return None if secured is None else secured.version()


async def read_body(response: httpx.Response, into: list[bytes], most: int) -> bool:
    """Reads the body as it was sent, at most a little more than so many bytes.

    Args:
        into: where it goes piece by piece, so that what came is there also where it breaks off.
        most: bytes after which reading stops.

    Returns:
        Whether that is all of it; where it is not, or an error is raised, the line is to be closed.

    Raises:
        FAILURES: where it breaks off.
    """
    size = 0
    async for piece in _pieces(response):
        into.append(piece)
        size += len(piece)
        if size > most:
            return False
    await response.aclose()
    return True


async def pass_over(response: httpx.Response) -> bool:
    """Leaves a body unread. Reads what has come already, and waits for none.

    That is enough for the few bytes behind a redirect; a longer body costs the connection.

    Returns:
        Whether the body has ended; where it has not, the line is to be closed.
    """
    try:
        # Not around the closing: a time-out inside that leaves httpcore's pool waiting for ever.
        async with asyncio.timeout(0):
            async for _ in _pieces(response):
                pass
    except FAILURES:
        return False
    await response.aclose()
    return True


def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it is sent; unlike `aiter_raw`, this closes nothing in the end."""
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101
    return response.stream.__aiter__()
