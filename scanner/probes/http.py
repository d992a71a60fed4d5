"""Asks a website's https endpoint and its plain twin, at every address of the site."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from scanner.model.asset import Asset, Website
from scanner.model.facts.base import Facts
from scanner.model.facts.http import (
    Answered,
    Hop,
    HttpFacts,
    HttpsEndpoint,
    NoTls,
    PlainEndpoint,
    Refused,
    Unseen,
)
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._old_tls import ask_in_the_old_way, is_too_old
from scanner.probes._plan import dns, peers
from scanner.probes._redirects import MOST_REDIRECTS, Chain, Sites, hop_of, host_of
from scanner.probes._site_addresses import to_ask
from scanner.probes.base import Reply, Step
from scanner.transports import Transports
from scanner.transports.addresses import endpoint
from scanner.transports.http import Answer, NoAnswer, Stage, get, port_of

EndpointT = TypeVar("EndpointT")

_AT_ONCE = 16

_GET = f"GET, and up to {MOST_REDIRECTS} redirects to this site or others of the inventory"

# What of the asset's budget the questions may take, so that what was seen is told before the budget is spent.
_SHARE_TO_FOLLOW, _SHARE_TO_ASK = 0.6, 0.8


class HttpProbe:
    """GET, from every address, of what a resident's browser would ask for first."""

    name = "http"
    about: type[Asset] = Website
    provides: tuple[type[Facts], ...] = (HttpFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-up, then one GET per endpoint and address; redirects lead on only to hosts of the inventory."""
        assert isinstance(asset, Website)  # noqa: S101 (the runner asks only for what `about` says)
        yield from dns((asset.address or host_of(each) for each in (asset.url, asset.http_url or "")), settings)
        yield Step(action=_GET, target=f"{asset.url} at {_where(asset, asset.url)}")
        spoken_plainly = _plainly(asset.url)
        yield Step(action="GET if no TLS is spoken", target=f"{spoken_plainly} at {_where(asset, asset.url)}")
        if asset.http_url is not None:
            yield Step(action=_GET, target=f"{asset.http_url} at {_where(asset, asset.http_url)}")

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks both endpoints at once; facts as soon as anything answered anywhere."""
        assert isinstance(asset, Website)  # noqa: S101
        asking = _Asking.of(asset, transports)
        https, plain = await asyncio.gather(asking.https(), asking.plain())
        facts = HttpFacts(url=asset.url, http_url=asset.http_url, https=https, plain=plain)
        told = hashlib.sha256("".join(asking.digests).encode()).hexdigest() if asking.digests else ""
        return {HttpFacts: Reply(outcome=_outcome(facts), digest=told)}


@dataclass(frozen=True)
class _Asking:
    """The questions to one site."""

    site: Website
    transports: Transports
    sites: Sites
    slots: asyncio.Semaphore
    started: float
    digests: list[str]

    @classmethod
    def of(cls, site: Website, transports: Transports) -> _Asking:
        """Begins with a site: the clock runs from here."""
        sites = Sites(transports.inventory, transports.addresses)
        now = asyncio.get_running_loop().time()
        return cls(site, transports, sites, asyncio.Semaphore(_AT_ONCE), now, [])

    async def https(self) -> tuple[HttpsEndpoint, ...]:
        """The https endpoint, address by address."""
        return await self._everywhere(self.site.url, self._https_at)

    async def plain(self) -> tuple[PlainEndpoint, ...]:
        """The plain endpoint, address by address; nothing where none is meant to exist."""
        url = self.site.http_url
        return () if url is None else await self._everywhere(url, partial(self._plain_at, url))

    async def _everywhere(self, url: str, ask: Callable[[str], Awaitable[EndpointT]]) -> tuple[EndpointT | Unseen, ...]:
        addresses, gaps = await self._addresses(url)
        asked = await asyncio.gather(*(self._within(partial(ask, address), address) for address in addresses))
        return (*asked, *gaps)

    async def _addresses(self, url: str) -> tuple[Sequence[str], tuple[Unseen, ...]]:
        """The addresses to ask, and what is not asked, each with the reason."""
        host = self.site.address or host_of(url)
        found, not_asked = await to_ask(host, self.transports.addresses)
        return found, tuple(Unseen(address=address, gap=gap) for address, gap in not_asked)

    async def _within(self, ask: Callable[[], Awaitable[EndpointT]], address: str) -> EndpointT | Unseen:
        """Asks as soon as a slot is free; what is not through before the asset's budget ends was not seen."""
        deadline = self.started + _SHARE_TO_ASK * self.transports.settings.asset_budget
        try:
            async with asyncio.timeout_at(deadline), self.slots:
                return await ask()
        except TimeoutError:
            detail = f"{address} was not asked to the end within settings.asset_budget; raise it, or ask it alone."
            return Unseen(address=address, gap=Unobserved(cause=Cause.TIMEOUT, detail=detail))

    async def _walk(self, url: str, address: str) -> Answered | NoAnswer:
        settings = self.transports.settings
        chain = Chain(sites=self.sites, url=url, address=address, step=settings.timeout)
        answered = await chain.walk(self.started + _SHARE_TO_FOLLOW * settings.asset_budget)
        self.digests.extend(chain.digests)
        return answered

    async def _https_at(self, address: str) -> HttpsEndpoint:
        answered = await self._walk(self.site.url, address)
        if isinstance(answered, Answered):
            return answered
        if is_too_old(answered):
            until = self.started + _SHARE_TO_FOLLOW * self.transports.settings.asset_budget
            endpoint_seen, digest = await ask_in_the_old_way(self.site.url, address, self.transports, until=until)
            self.digests.extend([digest] if digest else [])
            return endpoint_seen
        if answered.stage in {Stage.SILENT, Stage.NOT_TLS}:
            return await self._spoken_to_plainly(address, answered)
        if answered.stage is Stage.REFUSED:
            return Refused(address=address, gap=answered.gap)
        return Unseen(address=address, tls=answered.stage is Stage.ANSWER, gap=answered.gap)

    async def _spoken_to_plainly(self, address: str, without_tls: NoAnswer) -> HttpsEndpoint:
        """Whether a port that gave no sign of TLS answers plain HTTP: the one proof that it is not merely slow."""
        url = _plainly(self.site.url)
        answer = await get(url, address, self.transports.settings.timeout)
        plain = hop_of(url, answer) if isinstance(answer, Answer) else None
        if without_tls.stage is Stage.NOT_TLS:
            return NoTls(address=address, plain=plain, gap=without_tls.gap)
        if plain is not None and not _knows_tls(plain):
            return NoTls(address=address, plain=plain, gap=without_tls.gap)
        return Unseen(address=address, gap=without_tls.gap)

    async def _plain_at(self, url: str, address: str) -> PlainEndpoint:
        answered = await self._walk(url, address)
        if isinstance(answered, Answered):
            return answered
        if answered.stage is Stage.REFUSED:
            return Refused(address=address, gap=answered.gap)
        return Unseen(address=address, gap=answered.gap)


def _knows_tls(plain: Hop) -> bool:
    """Whether a plain answer on a port that stayed silent to TLS may be that of a TLS server (nginx, Apache, Go).

    They answer plain HTTP with 400; any other answer is one that residents could get without TLS.
    """
    return plain.status == 400


def _outcome(facts: HttpFacts) -> HttpFacts | Unobserved:
    """The facts, or the https endpoint's gap where nothing answered at any endpoint of any address."""
    answered = any(isinstance(each, Answered) for each in (*facts.https, *facts.plain))
    if answered or any(isinstance(each, NoTls) and each.plain is not None for each in facts.https):
        return facts
    gaps = [(_rank(each), each.gap) for each in facts.https if not isinstance(each, Answered)]
    return min(gaps, key=lambda ranked: ranked[0])[1]


_TOLD_BY_THE_PEER = (Cause.DENIED, Cause.UNSUPPORTED, Cause.MALFORMED)


def _rank(missing: Refused | NoTls | Unseen) -> int:
    """Lower says more: the peer's own words, a closed port, silence, then what kept us from asking."""
    if missing.gap.cause in _TOLD_BY_THE_PEER:
        return 0
    if isinstance(missing, Refused):
        return 1
    return 2 if missing.gap.cause is Cause.TIMEOUT else 3


def _plainly(url: str) -> str:
    """The same host, port and path over plain HTTP."""
    parts = urlsplit(url)
    return parts._replace(scheme="http", netloc=endpoint(parts.hostname or "", port_of(url))).geturl()


def _where(site: Website, url: str) -> str:
    """What is connected to, as `plan` says it: names are not resolved for it."""
    return peers(site.address or host_of(url), port_of(url))


PROBE = HttpProbe()
