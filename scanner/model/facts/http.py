"""What a website's https endpoint and its plain twin answered, at every address of the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from scanner.model.facts.base import Facts
from scanner.model.facts.page import Cookie, Page, Preload, SecurityTxt
from scanner.model.unobserved import Cause, Unobserved

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The answers that a browser follows to their Location (RFC 9110, section 15.4)."""

PERMANENT = frozenset({301, 308})
"""Those that a browser may remember (RFC 9110, sections 15.4.2 and 15.4.9)."""

SECURITY_HEADERS = (
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
)
"""Headers that a site may protect its visitors with, beside HSTS."""


def host_of(url: str) -> str:
    """The host of a URL as hosts are compared: lower case, without the final dot; empty where it is no URL."""
    try:
        return (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""


@dataclass(frozen=True, kw_only=True)
class Header:
    """One header line of an answer, name in lower case."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One answer in a chain of redirects.

    Attributes:
        url: what was asked for.
        location: where the answer points to, as it stood there; None without one, or with several that differ.
        hsts: values of Strict-Transport-Security in the order of their lines.
        headers: those other headers that tell who answered or protect visitors (`SECURITY_HEADERS`).
        tls_version: as OpenSSL names it (`TLSv1.3`); None over plain HTTP.
        cookies: those that the answer sets, the ones without Secure first, at most a few dozen.
        wall: set where the answer is a 403 or 429 to the scanner, which may hide what residents see.
    """

    url: str
    status: int
    location: str | None = None
    hsts: tuple[str, ...] = ()
    headers: tuple[Header, ...] = ()
    tls_version: str | None = None
    cookies: tuple[Cookie, ...] = ()
    wall: Unobserved | None = None

    @property
    def target(self) -> str | None:
        """The absolute http or https URL that this answer sends a browser to; None if it sends it nowhere."""
        if self.status not in REDIRECTS or not self.location:
            return None
        target = _split(self.url, self.location)
        if target is None or target.scheme not in {"http", "https"} or not target.hostname:
            return None
        return target._replace(fragment="").geturl()

    @property
    def host(self) -> str:
        """The host that was asked."""
        return host_of(self.url)

    @property
    def plain(self) -> bool:
        """Whether it was asked for over plain HTTP."""
        return self.url.startswith("http:")

    @property
    def leads_to_https(self) -> bool:
        """Whether this answer is a redirect to https, at whatever host."""
        return (self.target or "").startswith("https:")


def _split(base: str, location: str) -> SplitResult | None:
    """The parts of a Location seen from the page that sent it; None where it is no URL at all."""
    try:
        target = urlsplit(location)
        if not target.scheme:  # urljoin would lend the page's host to an absolute URL that has none
            target = urlsplit(urljoin(base, location))
        target.port  # noqa: B018 (reading it is what checks it)
    except ValueError:
        return None
    return target


class ChainEnd(StrEnum):
    """How a chain of redirects ended."""

    ANSWER = "answer"  # an answer that sends nobody on
    LOOP = "loop"  # back to a URL that was asked before
    TOO_LONG = "too_long"
    ELSEWHERE = "elsewhere"  # to a host that is not in the inventory; not followed
    GAP = "gap"  # the next answer could not be had, or may not be asked for


@dataclass(frozen=True, kw_only=True)
class Answered:
    """HTTP answered at this address: the first answer, and those behind its redirects in order.

    Attributes:
        gap: why the chain was not followed further, where `end` is `gap`.
        page: what the last answer holds, or why it could not be read; None where it was not asked for, as in chains
            that begin or end over plain HTTP, or where the chain does not end in an answer.
    """

    kind: Literal["answered"] = "answered"
    address: str
    first: Hop
    further: tuple[Hop, ...] = ()
    end: ChainEnd = ChainEnd.ANSWER
    gap: Unobserved | None = None
    page: Page | Unobserved | None = None

    @property
    def open(self) -> bool:
        """Whether the first answer is no wall against the scanner."""
        return self.first.wall is None

    @property
    def last(self) -> Hop:
        """The answer that the chain got to."""
        return self.further[-1] if self.further else self.first

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Every answer in order."""
        return (self.first, *self.further)

    @property
    def never_ends(self) -> bool:
        """Whether no browser gets to a page: a loop, or too many redirects.

        A chain that hands out cookies is left out: a browser that sends them back may well get through.
        """
        return self.end in {ChainEnd.LOOP, ChainEnd.TOO_LONG} and not any(hop.cookies for hop in self.hops)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The port is closed at this address."""

    kind: Literal["refused"] = "refused"
    address: str
    gap: Unobserved


@dataclass(frozen=True, kw_only=True)
class NoTls:
    """The https port speaks no TLS at this address; `plain` is its answer to plain HTTP, if it gave one."""

    kind: Literal["no_tls"] = "no_tls"
    address: str
    plain: Hop | None = None
    gap: Unobserved


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Nothing that can be judged came from this address (its host name, where even that was not found).

    Attributes:
        tls: whether TLS was completed before it broke off.
        declined: whether the peer speaks TLS, and no version or suite that our libraries can offer suits it.
    """

    kind: Literal["unseen"] = "unseen"
    address: str
    tls: bool = False
    declined: bool = False
    gap: Unobserved


HttpsEndpoint = Answered | Refused | NoTls | Unseen
PlainEndpoint = Answered | Refused | Unseen


@dataclass(frozen=True, kw_only=True)
class OtherName:
    """The site's name with `www.`, or without it, asked at one of its addresses.

    Attributes:
        https, plain: its two endpoints; None where they were not asked, as where DNS has no such name.
    """

    host: str
    https: HttpsEndpoint | None = None
    plain: PlainEndpoint | None = None


@dataclass(frozen=True, kw_only=True)
class HttpFacts(Facts):
    """The answers of a website, address by address.

    Attributes:
        url: the https URL that was asked for.
        http_url: the plain one; None where none is meant to exist, and then `plain` is empty.
        other: the other name of the site, or why it could not be looked at; None where a site has none (an IP
            address, a host of one label) or where the inventory declares an address, for which DNS says nothing.
        security_txt: None where no https endpoint answered, or only a wall did.
        preload: None for an IP address.
    """

    revision: ClassVar[int] = 2
    url: str
    http_url: str | None
    https: tuple[HttpsEndpoint, ...]
    plain: tuple[PlainEndpoint, ...]
    other: OtherName | Unobserved | None = None
    security_txt: SecurityTxt | Unobserved | None = None
    preload: Preload | None = None

    @property
    def lacks_tls(self) -> bool:
        """Whether the site is there, but only without TLS.

        At every address that may be asked the https port is closed or speaks something else, and plain HTTP answered.
        Certificates, TLS versions and HSTS are then no question. An address that was not seen may have TLS.
        """
        asked = [each for each in self.https if not (isinstance(each, Unseen) and each.gap.cause is Cause.NOT_DECLARED)]
        lacking = bool(asked) and all(isinstance(each, Refused | NoTls) for each in asked)
        on_tls_port = any(isinstance(each, NoTls) and each.plain is not None for each in asked)
        return lacking and (on_tls_port or _answers(self.plain))

    def plain_answers_at(self, address: str) -> bool:
        """Whether the plain endpoint answers at this address (anywhere, if it lives at other addresses)."""
        here = [each for each in self.plain if each.address == address]
        return _answers(here or self.plain)

    def https_at(self, address: str) -> tuple[HttpsEndpoint, ...]:
        """The https endpoint at this address (everywhere, if the plain one lives at other addresses)."""
        return tuple(each for each in self.https if each.address == address) or self.https


def _answers(endpoints: Sequence[PlainEndpoint]) -> bool:
    return any(isinstance(each, Answered) for each in endpoints)
