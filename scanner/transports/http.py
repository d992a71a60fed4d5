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

import httpx

from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._endpoint import endpoint
from scanner.transports._errors import (
    broken_tls,
    client_certificate_demanded,
    is_not_tls,
    is_refusal,
    is_tls_trouble,
    is_unknown_name,
    unknown_name,
    unobserved_from,
)
from scanner.transports._http_body import LARGEST_BODY, Body, broke_off, too_large, unpacked
from scanner.transports._http_line import (
    FAILURES,
    USER_AGENT,
    Line,
    Progress,
    gap_of,
    pass_over,
    read_body,
    request_to,
    tls_version,
)
from scanner.transports._http_tls import tolerant_context
from scanner.transports._http_url import LONGEST_URL, port_of, server_name, wanted

__all__ = ["LARGEST_BODY", "LONGEST_URL", "USER_AGENT", "Answer", "Body", "Kept", "NoAnswer", "Stage", "get", "port_of"]

# A step is connecting, the TLS handshake or the answer; up to the end of the answer's head a request may take so many
# times the step's limit, and its body once the limit more.
_STEPS = 2

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
    NAME = "name"  # the peer speaks TLS, but does not serve the name
    ANSWER = "answer"  # all but the HTTP answer


@dataclass(frozen=True, kw_only=True)
class NoAnswer:
    """No HTTP came back: how far it got, and why."""

    stage: Stage
    gap: Unobserved


Peer = tuple[str, str, int, str]


@dataclass
class Kept:
    """Lines that wait for a next request, at most one per peer; `close` them in the end."""

    _idle: dict[Peer, Line] = field(default_factory=dict)

    def take(self, peer: Peer) -> Line:
        """The one that waits, or a new one; it is the caller's now."""
        return self._idle.pop(peer, None) or Line(tolerant_context())

    async def give(self, peer: Peer, line: Line) -> None:
        """Keeps a line, or hangs up where another one waits already."""
        if self._idle.setdefault(peer, line) is not line:
            await line.close()

    async def close(self) -> None:
        """Hangs up on everybody."""
        while self._idle:
            _, line = self._idle.popitem()
            await line.close()


def _never(answer: Answer) -> bool:
    return False


async def get(
    url: str, address: str, step: float, *, kept: Kept | None = None, reads: Callable[[Answer], bool] = _never
) -> Answer | NoAnswer:
    """Asks one address for a URL; Host and SNI are those of the URL.

    Args:
        url: http or https; a user name or fragment in it is not sent.
        address: the IPv4 or IPv6 literal that is connected to, and no other.
        step: seconds for each of connecting, handshake and answer; all up to the end of the head may take twice that,
            and the body once more, however slowly the peer drips.
        kept: where a connection is taken from and left for the next request; by default there is no next one.
        reads: whether the body behind this head is wanted.
    """
    try:
        asked = wanted(url)
    except httpx.InvalidURL as error:
        gap = unobserved_from(httpx.InvalidURL(str(error)), where=harmless(url, 200))  # without what stands behind it
        return NoAnswer(stage=Stage.CONNECT, gap=gap)
    asking = _Asking(asked, port_of(url), address, step, kept, reads)
    line = Line(tolerant_context()) if kept is None else kept.take(asking.peer)
    answer = await asking.over(line)
    if isinstance(answer, Answer) or not line.progress.again:
        return answer
    if line.progress.answered or answer.gap.cause is Cause.TIMEOUT:
        return answer
    # The peer had given that connection up meanwhile, which says nothing about it: ask anew.
    return await asking.over(Line(tolerant_context()))


@dataclass
class _Asking:
    """One request to one peer."""

    wanted: httpx.URL
    port: int
    address: str
    step: float
    kept: Kept | None
    reads: Callable[[Answer], bool]

    @property
    def where(self) -> str:
        """Who is asked, as people write it."""
        return endpoint(self.address, self.port)

    @property
    def peer(self) -> Peer:
        """Whose connections are the same to us."""
        return self.wanted.scheme, self.address, self.port, server_name(self.wanted)

    async def over(self, line: Line) -> Answer | NoAnswer:
        """Asks over a line, and then keeps it or hangs up."""
        request = request_to(self.wanted, self.address, self.step, accept="*/*", keep=self.kept is not None)
        left = False
        try:
            async with asyncio.timeout(_STEPS * self.step):
                response = await line.ask(request)
            answer, whole = await self._read(response)
            if self.kept is not None and whole:
                left = True
                await self.kept.give(self.peer, line)
        except FAILURES as error:
            return self._no_answer(error, line.progress)
        else:
            return answer
        finally:
            if not left:
                await line.close()

    async def _read(self, response: httpx.Response) -> tuple[Answer, bool]:
        """The answer, and whether the connection has nothing of it left to bring."""
        answer = answer_of(response.status_code, response.headers.raw, tls_version(response))
        if not self.reads(answer):
            return answer, await pass_over(response)
        read, gap = list[bytes](), None
        try:
            async with asyncio.timeout(self.step):
                gap = None if await read_body(response, read, LARGEST_BODY) else too_large(self.where)
        except FAILURES:
            gap = broke_off(self.where)
        return self._with_body(answer, b"".join(read)[:LARGEST_BODY], gap), gap is None

    def _with_body(self, answer: Answer, sent: bytes, gap: Unobserved | None) -> Answer:
        body = unpacked(sent, ", ".join(answer.values("content-encoding")), gap, where=self.where)
        digest = hashlib.sha256(answer.digest.encode() + sent).hexdigest()
        return replace(answer, body=body, digest=digest)

    def _no_answer(self, error: BaseException, progress: Progress) -> NoAnswer:
        stage, gap = self._stage(error, progress), self._gap(error, progress)
        if progress.heard.wants_certificate and gap.cause in {Cause.UNREACHABLE, Cause.UNSUPPORTED}:
            # It asked for a certificate, got none, and hung up: with an alert, or as some servers do without a word.
            gap = client_certificate_demanded(self.where)
        return NoAnswer(stage=stage, gap=gap)

    def _gap(self, error: BaseException, progress: Progress) -> Unobserved:
        """Why there is no answer, with what was heard of a handshake that did not succeed."""
        gap = gap_of(error, progress, where=self.where)
        if progress.secured:
            return gap
        if is_unknown_name(error):
            return unknown_name(self.where, server_name(self.wanted))
        if gap.cause is Cause.UNSUPPORTED and progress.heard.strange:
            return broken_tls(self.where, "its hello names a version that does not exist")
        if gap.cause is Cause.UNREACHABLE and progress.heard.began and not progress.heard.wants_certificate:
            return broken_tls(self.where, "it broke off in the middle of the handshake")
        return gap

    def _stage(self, error: BaseException, progress: Progress) -> Stage:
        if not progress.connected:
            return Stage.REFUSED if is_refusal(error) else Stage.CONNECT
        if self.wanted.scheme == "http" or progress.secured:
            return Stage.ANSWER
        if not progress.heard.tls and is_not_tls(error):
            return Stage.NOT_TLS
        if is_unknown_name(error):
            return Stage.NAME
        spoken = progress.heard.tls or progress.heard.began or is_tls_trouble(error)
        return Stage.TLS if spoken else Stage.SILENT


def answer_of(status: int, head: list[tuple[bytes, bytes]], version: str | None) -> Answer:
    """An answer of its raw head and the version of TLS as OpenSSL names it."""
    raw = [(name.lower(), value) for name, value in head]
    told = b"\r\n".join([str(status).encode(), *(name + b": " + value for name, value in raw)])
    return Answer(
        status=status,
        headers=tuple(_harmless(name, value) for name, value in _kept(raw)),
        tls_version=version,
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
