"""How requests of the AWS SDK leave this machine: to checked addresses only, and reading a bounded reply.

The SDK signs and parses; this handler of its `before-send` event sends. The SDK's own sender would resolve names by
itself and read a reply of any size. Imported lazily, since urllib3 and botocore are slow to load.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProtocolError
from urllib3.util.connection import create_connection

from scanner.model.unobserved import Unobserved
from scanner.transports._aws_errors import NotSent, Redirected, TooLarge, valid_region

LIMIT = 4 * 1024 * 1024  # bytes; S3 answers to configuration questions are under 1 MiB

Lookup = Callable[[str], tuple[str, ...] | Unobserved]


@dataclass
class Call:
    """One API call: the connection it uses now, and what the last reply said."""

    addresses: tuple[str, ...] = ()
    connection: http.client.HTTPConnection | None = None
    region: str | None = None
    body: bytes = field(default=b"", repr=False)
    given_up: bool = False

    def give_up(self) -> None:
        """Ends the connection in use, so that a thread that waits on it goes on and fails. Never blocks."""
        self.given_up = True
        sock = self.connection.sock if self.connection is not None else None
        if sock is not None:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                sock.shutdown(socket.SHUT_RDWR)


CALL: ContextVar[Call] = ContextVar("CALL")


def _connected(connection: HTTPConnection) -> socket.socket:
    """A socket to the first of the call's checked addresses that answers; no name is resolved here.

    Raises:
        ConnectTimeoutError, NewConnectionError: the last address's fault.
    """
    fault: Exception = NewConnectionError(connection, "no address")
    for address in CALL.get().addresses:
        try:
            return create_connection((address, connection.port), connection.timeout)
        except TimeoutError as error:
            fault = ConnectTimeoutError(connection, f"timed out: {error}")
        except OSError as error:
            fault = NewConnectionError(connection, f"not connected: {error}")
    raise fault


class _Plain(HTTPConnection):
    """A plain connection to a checked address."""

    def _new_conn(self) -> socket.socket:
        return _connected(self)

    def getresponse(self) -> Any:
        """The reply; makes the connection known to its call, which may have to end it."""
        CALL.get().connection = self
        return super().getresponse()


class _Tls(HTTPSConnection):
    """A TLS connection to a checked address."""

    def _new_conn(self) -> socket.socket:
        return _connected(self)

    def getresponse(self) -> Any:
        """The reply; makes the connection known to its call, which may have to end it."""
        CALL.get().connection = self
        return super().getresponse()


class _PlainPool(urllib3.HTTPConnectionPool):
    """Plain connections to one host and port."""

    ConnectionCls = _Plain


class _TlsPool(urllib3.HTTPSConnectionPool):
    """TLS connections to one host and port."""

    ConnectionCls = _Tls


class _Body(io.BytesIO):
    """A reply that was read, in the form in which the SDK wants to read it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """All of it at once."""
        yield self.read()


class BoundedSender:
    """Sends one request of the SDK. Made once per client; keeps its connections alive between calls.

    Args:
        lookup: turns a host into the addresses that may be asked; runs in the calling thread.
        trust: what TLS is verified with.
        timeout: seconds for connecting, and for each silence of the peer.
    """

    def __init__(self, *, lookup: Lookup, trust: ssl.SSLContext, timeout: float) -> None:
        self._lookup = lookup
        self._trust = trust
        self._timeout = urllib3.Timeout(connect=timeout, read=timeout)
        self._pools: dict[tuple[str, str, int], urllib3.HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Any, **_: object) -> AWSResponse:
        """The handler of `before-send`.

        Raises:
            NotSent: nothing may be sent to the host, or it has no address.
            TimeoutError: nobody waits any more, so no further attempt is made.
            Redirected: for every redirect; none is followed.
            TooLarge: the reply is beyond `LIMIT`.
            ConnectionClosedError: the peer hung up; the SDK tries again.
            urllib3.exceptions.HTTPError: everything else that goes wrong on the way.
        """
        call = CALL.get()
        if call.given_up:
            raise TimeoutError
        parts = urlsplit(request.url)
        found = self._lookup(parts.hostname or "")
        if isinstance(found, Unobserved):
            raise NotSent(found)
        call.addresses, call.body, call.region = found, b"", None
        pool = self._pool(parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            return self._exchange(pool, path, request, call)
        except ProtocolError as error:
            if any(isinstance(each, ConnectionError) for each in error.args):
                raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
            raise

    def _exchange(self, pool: urllib3.HTTPConnectionPool, path: str, request: Any, call: Call) -> AWSResponse:
        raw = pool.urlopen(
            request.method,
            path,
            body=request.body,
            headers=dict(request.headers.items()),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            call.region = valid_region(raw.headers.get("x-amz-bucket-region"))
            if 300 <= raw.status < 400:
                raise Redirected(call.region)
            body = raw.read(LIMIT + 1, decode_content=False)
            if len(body) > LIMIT:
                raise TooLarge
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        call.body = body
        headers: Any = raw.headers
        return AWSResponse(request.url, raw.status, headers, _Body(body))

    def _pool(self, scheme: str, host: str, port: int) -> urllib3.HTTPConnectionPool:
        with self._lock:
            known = self._pools.get((scheme, host, port))
            if known is None:
                known = self._new_pool(scheme, host, port)
                self._pools[(scheme, host, port)] = known
            return known

    def _new_pool(self, scheme: str, host: str, port: int) -> urllib3.HTTPConnectionPool:
        if scheme == "https":
            return _TlsPool(host, port, timeout=self._timeout, maxsize=8, ssl_context=self._trust)
        return _PlainPool(host, port, timeout=self._timeout, maxsize=8)


_FLAGS = rb"(?:BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets|IsPublic)"
_FLAG = re.compile(rb"(<(?:[\w.-]+:)?" + _FLAGS + rb"(?:\s[^>/]*)?)(?:/>|>([^<]*)<)")
_TRUTH = {b"true": b"true", b"1": b"true", b"false": b"false", b"0": b"false"}


def strict_flags(response_dict: dict[str, Any], **_: object) -> None:
    """The handler of `before-parse`: the SDK reads every flag but `true` as false, and that would be a guess.

    Raises:
        ValueError: for a flag that is neither true nor false.
    """
    body = response_dict.get("body")
    if isinstance(body, bytes) and response_dict.get("status_code") == 200:
        response_dict["body"] = _FLAG.sub(_flag, body)


def _flag(found: re.Match[bytes]) -> bytes:
    value = _TRUTH.get((found[2] or b"").strip().lower())
    if value is None:
        raise ValueError("a flag is neither true nor false")
    return found[1] + b">" + value + b"<"
