"""GET from one address: exactly the first answer's status and headers, or how far the connection got.

No cookie and no login is ever sent, nothing is carried from one request to the next but the connection itself, and no
redirect is followed here. A body is read only for who asks for it, and within bounds.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

import h11

from scanner import __version__
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._endpoint import endpoint
from scanner.transports._errors import (
    client_certificate_demanded,
    is_not_tls,
    is_refusal,
    is_tls_trouble,
    unobserved_from,
)
from scanner.transports._http_body import LARGEST_BODY, Body, broke_off, too_large, unpacked
from scanner.transports._http_connection import FAILURES, Connection, Progress, open_connection
from scanner.transports._http_url import LONGEST_URL, InvalidUrl, Wanted, port_of, wanted

__all__ = ["LARGEST_BODY", "LONGEST_URL", "USER_AGENT", "Answer", "Body", "Kept", "NoAnswer", "Stage", "get", "port_of"]

USER_AGENT = f"civicseal/{__version__} (+security scan of the city's own services)"

# A step is connecting, the TLS handshake or the answer; all of one request may take so many times the step's limit.
_STEPS = 3

# Header lines that are kept; those that set cookies are all kept, for each one is judged. The largest head bounds them.
_MOST_HEADERS = 200

# A policy may end in the one directive that matters here, so it is kept to the end.
_LONG = frozenset({b"content-security-policy"})
_LONGEST_POLICY = 100_000


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The first answer to one GET.

    Attributes:
        headers: names in lower case with their values, in order; bounded in number and length, harmless to show.
        tls_version: as OpenSSL names it; None over plain HTTP.
        digest: SHA-256 of status, raw headers and what was read of the body, in hex.
        body: None where it was not asked for.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    tls_version: str | None
    digest: str
    body: Body | None = None

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


Peer = tuple[str, str, int, str]


@dataclass
class Kept:
    """Connections that wait for a next request, at most one per peer; `close` them in the end."""

    _idle: dict[Peer, Connection] = field(default_factory=dict)

    def take(self, peer: Peer) -> Connection | None:
        """The one that waits, if any; it is the caller's now."""
        return self._idle.pop(peer, None)

    def give(self, peer: Peer, connection: Connection) -> None:
        """Keeps a connection if it may be used again, else closes it."""
        if connection.may_be_used_again() and peer not in self._idle:
            self._idle[peer] = connection
        else:
            connection.close()

    def close(self) -> None:
        """Hangs up on everybody."""
        for connection in self._idle.values():
            connection.close()
        self._idle.clear()


def _never(answer: Answer) -> bool:
    return False


async def get(
    url: str, address: str, step: float, *, kept: Kept | None = None, reads: Callable[[Answer], bool] = _never
) -> Answer | NoAnswer:
    """Asks one address for a URL; Host and SNI are those of the URL.

    Args:
        url: http or https; a user name or fragment in it is not sent.
        address: the IPv4 or IPv6 literal that is connected to, and no other.
        step: seconds for each of connecting, handshake and answer; the whole may take three times that, however
            slowly the peer drips.
        kept: where a connection is taken from and left for the next request; by default there is no next one.
        reads: whether the body behind this head is wanted.
    """
    try:
        asked = wanted(url)
    except InvalidUrl as error:
        gap = unobserved_from(InvalidUrl(str(error)), where=harmless(url, 200))  # without what stands behind it
        return NoAnswer(stage=Stage.CONNECT, gap=gap)
    asking = _Asking(asked, address, step, kept, reads)
    waiting = None if kept is None else kept.take(asking.peer)
    if waiting is not None:
        answer = await asking.over(waiting)
        if isinstance(answer, Answer) or asking.progress.answered or answer.gap.cause is Cause.TIMEOUT:
            return answer
        # The peer had given that connection up meanwhile, which says nothing about it: ask anew.
    asking.progress = Progress()
    return await asking.over(None)


@dataclass
class _Asking:
    """One request to one peer."""

    wanted: Wanted
    address: str
    step: float
    kept: Kept | None
    reads: Callable[[Answer], bool]
    progress: Progress = field(default_factory=Progress)

    @property
    def where(self) -> str:
        """Who is asked, as people write it."""
        return endpoint(self.address, self.wanted.port)

    @property
    def peer(self) -> Peer:
        """Whose connections are the same to us."""
        return self.wanted.scheme, self.address, self.wanted.port, self.wanted.server_name

    async def over(self, waiting: Connection | None) -> Answer | NoAnswer:
        """Asks over a connection that waits, or over a new one."""
        connection, left = waiting, False
        end = asyncio.get_running_loop().time() + _STEPS * self.step
        try:
            async with asyncio.timeout_at(end):
                if connection is None:
                    connection = await open_connection(self.wanted, self.address, self.step, self.progress)
                else:
                    self.progress.connected = self.progress.secured = True
                head = await connection.ask(self._request(), self.progress)
            answer = _answer(head, connection.tls_version)
            if self.reads(answer):
                answer = await self._with_body(answer, connection, end)
            left = self._leave(connection)
        except FAILURES as error:
            return self._no_answer(error)
        else:
            return answer
        finally:
            if connection is not None and not left:
                connection.close()

    def _request(self) -> h11.Request:
        headers = [
            ("Host", self.wanted.netloc),
            ("User-Agent", USER_AGENT),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
        ]
        if self.kept is None:
            headers.append(("Connection", "close"))
        return h11.Request(method="GET", target=self.wanted.target, headers=headers)

    async def _with_body(self, answer: Answer, connection: Connection, end: float) -> Answer:
        """The answer with as much of its body as comes in time."""
        read, gap = list[bytes](), None
        try:
            async with asyncio.timeout_at(end):
                whole = await connection.body(read, LARGEST_BODY)
        except FAILURES:
            gap = broke_off(self.where)
        else:
            gap = None if whole else too_large(self.where)
        sent = b"".join(read)[:LARGEST_BODY]
        body = unpacked(sent, ", ".join(answer.values("content-encoding")), gap, where=self.where)
        digest = hashlib.sha256(answer.digest.encode() + sent).hexdigest()
        return replace(answer, body=body, digest=digest)

    def _leave(self, connection: Connection) -> bool:
        if self.kept is not None:
            self.kept.give(self.peer, connection)
        return self.kept is not None

    def _no_answer(self, error: BaseException) -> NoAnswer:
        stage, gap = self._stage(error), unobserved_from(error, where=self.where)
        heard = self.progress.heard
        if self.progress.answered and gap.cause is Cause.UNREACHABLE:
            detail = f"{self.where} broke off in the middle of what is no valid HTTP answer; check what listens there."
            return NoAnswer(stage=stage, gap=Unobserved(cause=Cause.MALFORMED, detail=detail))
        if heard.wants_certificate and gap.cause in {Cause.UNREACHABLE, Cause.UNSUPPORTED}:
            # It asked for a certificate, got none, and hung up: with an alert, or as some servers do without a word.
            gap = client_certificate_demanded(self.where)
        return NoAnswer(stage=stage, gap=gap)

    def _stage(self, error: BaseException) -> Stage:
        progress = self.progress
        if not progress.connected:
            return Stage.REFUSED if is_refusal(error) else Stage.CONNECT
        if self.wanted.scheme == "http" or progress.secured:
            return Stage.ANSWER
        if not progress.heard.tls and is_not_tls(error):
            return Stage.NOT_TLS
        return Stage.TLS if progress.heard.tls or is_tls_trouble(error) else Stage.SILENT


def _answer(head: h11.Response, tls_version: str | None) -> Answer:
    return answer_of(head.status_code, list(head.headers), tls_version)


def answer_of(status: int, raw: list[tuple[bytes, bytes]], tls_version: str | None) -> Answer:
    """An answer of its raw head; names in lower case."""
    told = b"\r\n".join([str(status).encode(), *(name + b": " + value for name, value in raw)])
    return Answer(
        status=status,
        headers=tuple(_harmless(name, value) for name, value in _kept(raw)),
        tls_version=tls_version,
        digest=hashlib.sha256(told).hexdigest(),
    )


def _kept(raw: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    left = _MOST_HEADERS
    for name, value in raw:
        left -= name != b"set-cookie"
        if left >= 0 or name == b"set-cookie":
            yield name, value


def _harmless(name: bytes, value: bytes) -> tuple[str, str]:
    return harmless(name, 100), harmless(value, _LONGEST_POLICY if name in _LONG else LONGEST_URL)
