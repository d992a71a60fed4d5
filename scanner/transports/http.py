"""One GET to one address: exactly the first answer's status and headers, or how far the connection got.

The body is never read, nothing is carried from one request to the next, and no redirect is followed here.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import anyio
import httpx

from scanner import __version__
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import (
    client_certificate_demanded,
    is_not_tls,
    is_refusal,
    is_tls_trouble,
    unobserved_from,
)
from scanner.transports._http_tls import TolerantTls
from scanner.transports.addresses import endpoint

USER_AGENT = f"civicseal/{__version__} (+security scan of the city's own services)"

# A step is connecting, the TLS handshake or the answer; all of one request may take so many times the step's limit.
_STEPS = 3

LONGEST_URL = 4000
"""Characters of the longest URL that is asked for, and of the longest header value that is kept."""

_MOST_HEADERS = 200

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The first answer to one GET.

    Attributes:
        headers: names in lower case with their values, in order; bounded in number and length, harmless to show.
        tls_version: as OpenSSL names it; None over plain HTTP.
        digest: SHA-256 of status and raw headers, in hex.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    tls_version: str | None
    digest: str

    def values(self, name: str) -> tuple[str, ...]:
        """The values of one header in the order of their lines; `name` in lower case."""
        return tuple(value for each, value in self.headers if each == name)


class Stage(StrEnum):
    """How far a connection got that brought no answer."""

    CONNECT = "connect"  # no TCP connection
    REFUSED = "refused"  # nothing listens on the port
    SILENT = "silent"  # connected, and then no sign of TLS: silence, or hung up
    NOT_TLS = "not_tls"  # the handshake was answered with something else
    TLS = "tls"  # the peer speaks TLS, but the handshake did not succeed
    ANSWER = "answer"  # all but the HTTP answer


@dataclass(frozen=True, kw_only=True)
class NoAnswer:
    """No HTTP came back: how far it got, and why."""

    stage: Stage
    gap: Unobserved


@dataclass
class _Progress:
    """What httpx reports of one request while it runs; `heard` is whether any byte of an answer came."""

    stream: Any = None
    secured: bool = False
    heard: bool = False
    tls_version: str | None = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Hears from httpx how far a connection has come."""
        if event.endswith("connect_tcp.complete"):
            self.stream = info["return_value"]
            self._listen(self.stream)
        elif event.endswith("start_tls.complete"):
            self.secured = True
            self.tls_version = info["return_value"].get_extra_info("ssl_object").version()
            self._listen(info["return_value"])

    def _listen(self, stream: Any) -> None:
        """Notes what httpcore reads of the answer; its errors do not tell half an answer from none."""
        read = stream.read

        async def heard(*given: Any, **named: Any) -> bytes:
            """Reads as the stream does."""
            received: bytes = await read(*given, **named)
            self.heard |= bool(received)
            return received

        stream.read = heard

    async def hang_up(self) -> None:
        """Closes the connection; httpcore leaves it open where a handshake is cancelled."""
        if self.stream is not None:
            await self.stream.aclose()


def port_of(url: str) -> int:
    """The port of an http or https URL, given or implied."""
    parsed = httpx.URL(url)
    return _PORTS.get(parsed.scheme, 0) if parsed.port is None else parsed.port


async def get(url: str, address: str, step: float) -> Answer | NoAnswer:
    """Asks one address for a URL; Host and SNI are those of the URL.

    Args:
        url: http or https; a user name or fragment in it is not sent.
        address: the IPv4 or IPv6 literal that is connected to, and no other.
        step: seconds for each of connecting, handshake and answer; the whole may take three times that, however
            slowly the peer drips.
    """
    tls, progress = TolerantTls(), _Progress()
    try:
        request = _request(url, address, step, progress)
    except (httpx.InvalidURL, ValueError) as error:
        gap = unobserved_from(httpx.InvalidURL(str(error)), where=harmless(url, 200))
        return NoAnswer(stage=Stage.CONNECT, gap=gap)
    where = endpoint(address, port_of(url))
    try:
        async with asyncio.timeout(_STEPS * step):
            return await _send(request, tls, progress)
    except _FAILURES as error:
        return _no_answer(error, request, where, tls, progress)
    finally:
        await progress.hang_up()


# Everything that a peer or the network can do to httpx. EndOfStream and its kin come up through it unmapped at times.
_FAILURES = (
    httpx.HTTPError, OSError, EOFError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError,
)  # fmt: skip


def _request(url: str, address: str, step: float, progress: _Progress) -> httpx.Request:
    if len(url) > LONGEST_URL:
        raise httpx.InvalidURL("the URL is too long")
    wanted = httpx.URL(url).copy_with(userinfo=b"", fragment=None)
    host = wanted.raw_host.decode("ascii").partition("%")[0]
    if wanted.scheme not in _PORTS or not host or not 0 < port_of(url) < 65536:
        raise httpx.InvalidURL("no http or https URL with a host and a port")
    host.encode("idna")  # ssl would refuse an over-long or empty label later, in words of its own
    headers = {
        "Host": wanted.netloc.decode("ascii"),
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    extensions = {
        "sni_hostname": host.strip("[]").removesuffix("."),
        "trace": progress.trace,
        "timeout": httpx.Timeout(step).as_dict(),
    }
    return httpx.Request("GET", wanted.copy_with(host=address), headers=headers, extensions=extensions)


async def _send(request: httpx.Request, tls: TolerantTls, progress: _Progress) -> Answer:
    """Sends a request on a connection of its own and hangs up as soon as the headers are there.

    The transport is used without httpx's client, which would read the Location with rules of its own and raise.
    """
    async with httpx.AsyncHTTPTransport(verify=tls.context, trust_env=False) as transport:
        response = await transport.handle_async_request(request)
        try:
            return _answer(response, progress)
        finally:
            await response.aclose()


def _answer(response: httpx.Response, progress: _Progress) -> Answer:
    raw = response.headers.raw
    headers = tuple((harmless(name.lower(), 100), harmless(value, LONGEST_URL)) for name, value in raw[:_MOST_HEADERS])
    told = b"\r\n".join([str(response.status_code).encode(), *(name + b": " + value for name, value in raw)])
    return Answer(
        status=response.status_code,
        headers=headers,
        tls_version=progress.tls_version,
        digest=hashlib.sha256(told).hexdigest(),
    )


def _no_answer(
    error: BaseException, request: httpx.Request, where: str, tls: TolerantTls, progress: _Progress
) -> NoAnswer:
    stage = _stage(error, request.url.scheme, tls, progress)
    gap = unobserved_from(error, where=where)
    if progress.heard and gap.cause is Cause.UNREACHABLE:
        detail = f"{where} broke off in the middle of what is no valid HTTP answer; check which service listens there."
        return NoAnswer(stage=stage, gap=Unobserved(cause=Cause.MALFORMED, detail=detail))
    if tls.heard.wants_certificate and gap.cause in {Cause.UNREACHABLE, Cause.UNSUPPORTED}:
        # It asked for a certificate, got none, and hung up: with an alert, or as some servers do without a word.
        gap = client_certificate_demanded(where)
    return NoAnswer(stage=stage, gap=gap)


def _stage(error: BaseException, scheme: str, tls: TolerantTls, progress: _Progress) -> Stage:
    if progress.stream is None:
        return Stage.REFUSED if is_refusal(error) else Stage.CONNECT
    if scheme == "http" or progress.secured:
        return Stage.ANSWER
    if not tls.heard.tls and is_not_tls(error):
        return Stage.NOT_TLS
    return Stage.TLS if tls.heard.tls or is_tls_trouble(error) else Stage.SILENT
