"""Following redirects the careful way: only to the same site or to one in the inventory, one checked address each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scanner.model.asset import Website
from scanner.model.facts.http import SECURITY_HEADERS, Answered, ChainEnd, Header, Hop, host_of
from scanner.model.facts.page import Page
from scanner.model.foreign import harmless
from scanner.model.inventory import Inventory
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._asker import Asker
from scanner.probes._cookies import cookies_of
from scanner.transports.addresses import Addresses
from scanner.transports.http import LONGEST_URL, Answer, NoAnswer

MOST_REDIRECTS = 20
"""As many as browsers follow (Chrome and Firefox: 20)."""

_MOST_HSTS = 10
_TELLING = frozenset(("server", "via", "content-type", "retry-after", *SECURITY_HEADERS))
_MOST_TELLING = 20
_LONGEST_TELLING = 400


@dataclass(frozen=True)
class Sites:
    """Which hosts a redirect may lead to: those of the inventory's websites, with their declared addresses."""

    inventory: Inventory
    addresses: Addresses

    async def address_of(self, host: str) -> str | Unobserved | None:
        """The address to connect to; None for a host that is no website of the inventory."""
        declared = _websites(self.inventory)
        if host not in declared:
            return None
        found = await self.addresses.of(declared[host] or host)
        if isinstance(found, Unobserved):
            return found
        allowed = next((address for address in found if self.addresses.may_redirect_to(host, address)), None)
        if allowed is not None:
            return allowed
        detail = f"A redirect leads to {host} at {found[0]}, which no redirect may reach; no packet was sent to it."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)


@dataclass
class Chain:
    """One chain of redirects from one URL at one address.

    Attributes:
        hops: the answers so far.
        digests: SHA-256 of each raw answer, in hex.
        page: what the last answer so far holds.
    """

    sites: Sites
    asker: Asker
    url: str
    address: str
    hops: list[Hop] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    page: Page | None = None
    _reached: dict[str, str] = field(default_factory=dict)

    async def walk(self, deadline: float) -> Answered | NoAnswer:
        """Asks, and follows what it is told until an end.

        Args:
            deadline: time of the event loop at which the chain is cut; what was seen until then counts.
        """
        missing = await self._ask(self.url, self.address)
        if missing is not None:
            return missing
        self._reached[host_of(self.url)] = self.address
        try:
            async with asyncio.timeout_at(deadline):
                end, gap = await self._follow()
        except TimeoutError:
            detail = f"The redirects of {harmless(self.url, 200)} took too long to follow to their end."
            end, gap = ChainEnd.GAP, Unobserved(cause=Cause.TIMEOUT, detail=detail)
        return Answered(
            address=self.address,
            first=self.hops[0],
            further=tuple(self.hops[1:]),
            end=end,
            gap=gap,
            page=self.page if end is ChainEnd.ANSWER and self.url.startswith("https:") else None,
        )

    async def _follow(self) -> tuple[ChainEnd, Unobserved | None]:
        seen = {_same(self.url)}
        while (target := self.hops[-1].target) is not None:
            if len(self.hops[-1].location or "") >= LONGEST_URL:  # cut: following it would be asking for another URL
                detail = f"A redirect of {harmless(self.url, 200)} is longer than civicseal follows."
                return ChainEnd.GAP, Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
            if _same(target) in seen:
                return ChainEnd.LOOP, None
            if len(self.hops) > MOST_REDIRECTS:
                return ChainEnd.TOO_LONG, None
            seen.add(_same(target))
            address = await self._address_of(host_of(target))
            if address is None:
                return ChainEnd.ELSEWHERE, None
            if isinstance(address, Unobserved):
                return ChainEnd.GAP, address
            missing = await self._ask(target, address)
            if missing is not None:
                return ChainEnd.GAP, missing.gap
        return ChainEnd.ANSWER, None

    async def _address_of(self, host: str) -> str | Unobserved | None:
        """One address per host and chain: the one that is being asked, for the site's own name."""
        if host not in self._reached:
            found = await self.sites.address_of(host)
            if not isinstance(found, str):
                return found
            self._reached[host] = found
        return self._reached[host]

    async def _ask(self, url: str, address: str) -> NoAnswer | None:
        """Adds one answer to the chain; gives what came instead of one."""
        asked = await self.asker.page(url, address)
        if isinstance(asked.answer, NoAnswer):
            return asked.answer
        self.hops.append(hop_of(url, asked.answer))
        self.digests.append(asked.answer.digest)
        self.page = asked.page
        return None


def hop_of(url: str, answer: Answer) -> Hop:
    """An answer as a fact."""
    shown = harmless(url, LONGEST_URL)
    locations = set(answer.values("location"))
    return Hop(
        url=shown,
        status=answer.status,
        location=locations.pop() if len(locations) == 1 else None,
        hsts=answer.values("strict-transport-security")[:_MOST_HSTS],
        headers=tuple(_header(name, value) for name, value in answer.headers if name in _TELLING)[:_MOST_TELLING],
        tls_version=answer.tls_version,
        cookies=cookies_of(answer.values("set-cookie")),
        wall=_wall(answer.status, shown),
    )


def _header(name: str, value: str) -> Header:
    return Header(name=name, value=harmless(value, _LONGEST_TELLING))


def _wall(status: int, url: str) -> Unobserved | None:
    """A 403 or 429 may be an answer to the scanner alone: it proves nothing about what residents get."""
    if status == 403:
        detail = f"{url} answered 403 to the scanner; let this machine's address through, then scan again."
        return Unobserved(cause=Cause.BLOCKED, detail=detail)
    if status == 429:
        detail = f"{url} answered 429 (too many requests) to the scanner; scan again later."
        return Unobserved(cause=Cause.RATE_LIMITED, detail=detail)
    return None


def _same(url: str) -> str:
    """A URL in the form in which a loop is recognised."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{host_of(url)}:{port}{parts.path or '/'}?{parts.query}"


def _websites(inventory: Inventory) -> Mapping[str, str | None]:
    """Hosts of the inventory's websites, each with its declared address; the first entry of a host counts."""
    found: dict[str, str | None] = {}
    for site in (asset for asset in inventory.assets if isinstance(asset, Website)):
        for url in (site.url, site.http_url or ""):
            if host_of(url):
                found.setdefault(host_of(url), site.address)
    return found
