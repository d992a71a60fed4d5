"""Asks a website's https endpoint and its plain twin, at every address of the site, and its other name at one."""

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
    OtherName,
    PlainEndpoint,
    Refused,
    Unseen,
    host_of,
)
from scanner.model.facts.page import SecurityTxt
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes import _other_name, _security_txt
from scanner.probes._asker import Asker
from scanner.probes._old_tls import ask_in_the_old_way, is_too_old, missing
from scanner.probes._plan import dns, peers
from scanner.probes._preload import preload_of
from scanner.probes._redirects import MOST_REDIRECTS, Chain, Sites, hop_of
from scanner.probes._site_addresses import to_ask
from scanner.probes.base import Reply, Step
from scanner.transports.addresses import endpoint
from scanner.transports.http import NoAnswer, Stage, port_of
from scanner.transports.shared import Transports

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
        """The look-ups, then one GET per endpoint and address; redirects lead on only to hosts of the inventory."""
        assert isinstance(asset, Website)  # noqa: S101 (the runner asks only for what `about` says)
        other = _other_name.other_name(asset)
        named = [asset.address or host_of(each) for each in (asset.url, asset.http_url or "")]
        yield from dns([*named, other], settings)
        yield Step(action=_GET, target=f"{asset.url} at {_where(asset, asset.url)}")
        yield Step(action="GET if no TLS is spoken", target=f"{_plainly(asset.url)} at {_where(asset, asset.url)}")
        yield Step(action="GET", target=f"{_security_txt.address_of(asset.url)} at one of these addresses")
        if asset.http_url is not None:
            yield Step(action=_GET, target=f"{asset.http_url} at {_where(asset, asset.http_url)}")
        for url in (asset.url, asset.http_url) if other else ():
            if url is not None:
                target = f"{_other_name.at(other or '', url)} at one public address of {other}"
                yield Step(action="GET where DNS has the name, and redirects as above", target=target)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks everything at once; facts as soon as anything answered anywhere."""
        assert isinstance(asset, Website)  # noqa: S101
        asking = _Asking.of(asset, transports)
        try:
            (https, file), plain, other = await asyncio.gather(asking.https(), asking.plain(), asking.other())
        finally:
            await asking.asker.close()
        facts = HttpFacts(
            url=asset.url,
            http_url=asset.http_url,
            https=https,
            plain=plain,
            other=other,
            security_txt=file,
            preload=preload_of(host_of(asset.url)),
        )
        told = hashlib.sha256("".join(asking.digests).encode()).hexdigest() if asking.digests else ""
        return {HttpFacts: Reply(outcome=_outcome(facts), digest=told)}


@dataclass(frozen=True)
class _Asking:
    """The questions to one site; times are those of the event loop."""

    site: Website
    transports: Transports
    sites: Sites
    asker: Asker
    slots: asyncio.Semaphore
    last_redirect: float
    end: float
    digests: list[str]

    @classmethod
    def of(cls, site: Website, transports: Transports) -> _Asking:
        """Begins with a site: the clock runs from here."""
        sites = Sites(transports.inventory, transports.addresses)
        now, budget = asyncio.get_running_loop().time(), transports.settings.asset_budget
        last_redirect = now + _SHARE_TO_FOLLOW * budget
        asker = Asker(transports, last_redirect)
        end = now + _SHARE_TO_ASK * budget
        return cls(site, transports, sites, asker, asyncio.Semaphore(_AT_ONCE), last_redirect, end, [])

    async def https(self) -> tuple[tuple[HttpsEndpoint, ...], SecurityTxt | Unobserved | None]:
        """The https endpoint, address by address, and the file beside the first that answers."""
        found = await self._everywhere(self.site.url, self._https_at)
        answered = [each.address for each in found if isinstance(each, Answered) and each.open]
        quick = next((each for each in answered if not self.asker.stalls(self.site.url, each)), None)
        if answered and quick is None:
            detail = (
                f"{self.site.url} sends its pages too slowly to be asked for its security.txt; scan it again later."
            )
            return found, Unobserved(cause=Cause.TIMEOUT, detail=detail)
        return found, None if quick is None else await self._security_txt(quick)

    async def plain(self) -> tuple[PlainEndpoint, ...]:
        """The plain endpoint, address by address; nothing where none is meant to exist."""
        url = self.site.http_url
        return () if url is None else await self._everywhere(url, partial(self._plain_at, url))

    async def other(self) -> OtherName | Unobserved | None:
        """The other name of the site, at one address, without looking further into its TLS."""
        host = _other_name.other_name(self.site)
        if host is None:
            return None
        address = await _other_name.address_of(host, self.transports.addresses)
        if isinstance(address, Unobserved):
            return address
        if address is None:
            return OtherName(host=host)
        url, plainly = self.site.url, self.site.http_url
        ask_https = self._within(partial(self._endpoint, _other_name.at(host, url)), address)
        if plainly is None or host_of(plainly) != host_of(url):
            return OtherName(host=host, https=await ask_https)
        ask_plain = self._within(partial(self._endpoint, _other_name.at(host, plainly)), address)
        https, plain = await asyncio.gather(ask_https, ask_plain)
        return OtherName(host=host, https=https, plain=plain)

    async def _everywhere(self, url: str, ask: Callable[[str], Awaitable[EndpointT]]) -> tuple[EndpointT | Unseen, ...]:
        addresses, gaps = await self._addresses(url)
        asked = await asyncio.gather(*(self._within(ask, address) for address in addresses))
        return (*asked, *gaps)

    async def _addresses(self, url: str) -> tuple[Sequence[str], tuple[Unseen, ...]]:
        """The addresses to ask, and what is not asked, each with the reason."""
        host = self.site.address or host_of(url)
        found, not_asked = await to_ask(host, self.transports.addresses)
        return found, tuple(Unseen(address=address, gap=gap) for address, gap in not_asked)

    async def _within(self, ask: Callable[[str], Awaitable[EndpointT]], address: str) -> EndpointT | Unseen:
        """Asks as soon as a slot is free; what is not through before the asset's budget ends was not seen."""
        try:
            async with asyncio.timeout_at(self.end), self.slots:
                return await ask(address)
        except TimeoutError:
            detail = f"{address} was not asked to the end within settings.asset_budget; raise it, or ask it alone."
            return Unseen(address=address, gap=Unobserved(cause=Cause.TIMEOUT, detail=detail))

    async def _walk(self, url: str, address: str) -> Answered | NoAnswer:
        chain = Chain(sites=self.sites, asker=self.asker, url=url, address=address)
        answered = await chain.walk(self.last_redirect)
        self.digests.extend(chain.digests)
        return answered

    async def _https_at(self, address: str) -> HttpsEndpoint:
        answered = await self._walk(self.site.url, address)
        if isinstance(answered, Answered):
            return answered
        if is_too_old(answered):
            seen, digest = await ask_in_the_old_way(self.site.url, address, self.transports, until=self.last_redirect)
            self.digests.extend([digest] if digest else [])
            return seen
        if answered.stage in {Stage.SILENT, Stage.NOT_TLS}:
            return await self._spoken_to_plainly(address, answered)
        return _missing(answered, address, secured=True)

    async def _spoken_to_plainly(self, address: str, without_tls: NoAnswer) -> HttpsEndpoint:
        """Whether a port that gave no sign of TLS answers plain HTTP: the one proof that it is not merely slow."""
        url = _plainly(self.site.url)
        asked = await self.asker.page(url, address)
        plain = None if isinstance(asked.answer, NoAnswer) else hop_of(url, asked.answer)
        if without_tls.stage is Stage.NOT_TLS:
            return NoTls(address=address, plain=plain, gap=without_tls.gap)
        if plain is not None and not _may_know_tls(plain, self.site.url):
            return NoTls(address=address, plain=plain, gap=without_tls.gap)
        return Unseen(address=address, gap=without_tls.gap)

    async def _plain_at(self, url: str, address: str) -> PlainEndpoint:
        return await self._endpoint(url, address)

    async def _endpoint(self, url: str, address: str) -> Answered | Refused | Unseen:
        answered = await self._walk(url, address)
        secured = url.startswith("https:")
        return answered if isinstance(answered, Answered) else _missing(answered, address, secured=secured)

    async def _security_txt(self, address: str) -> SecurityTxt | Unobserved:
        """The file at one address; asked when the pages have been, over the same connection if it is still there."""
        url = _security_txt.address_of(self.site.url)
        try:
            async with asyncio.timeout_at(self.end):
                answer = await self.asker.get(url, address, _security_txt.is_there)
        except TimeoutError:
            return Unobserved(cause=Cause.TIMEOUT, detail=f"{url} did not answer before the asset's budget was spent.")
        if isinstance(answer, NoAnswer):
            return answer.gap
        self.digests.append(answer.digest)
        return _security_txt.security_txt_of(url, answer)


def _missing(answered: NoAnswer, address: str, *, secured: bool) -> Refused | Unseen:
    if answered.stage is Stage.REFUSED:
        return Refused(address=address, gap=answered.gap)
    return missing(answered, address) if secured else Unseen(address=address, gap=answered.gap)


def _may_know_tls(plain: Hop, url: str) -> bool:
    """Whether a plain answer on a port that stayed silent to TLS may be that of a TLS server (nginx, Apache, Go).

    They answer plain HTTP with 400, or where they are told so (nginx: error_page 497) with a redirect to https on the
    very same host and port; any other answer is one that residents could get without TLS.
    """
    if plain.status == 400:
        return True
    target = plain.target or ""
    return plain.leads_to_https and (host_of(target), port_of(target)) == (host_of(url), port_of(url))


def _outcome(facts: HttpFacts) -> HttpFacts | Unobserved:
    """The facts, or the https endpoint's gap where nothing was seen at any endpoint of any address."""
    answered = any(isinstance(each, Answered) for each in (*facts.https, *facts.plain))
    if answered or any(_tells_of_itself(each) for each in facts.https):
        return facts
    gaps = [(_rank(each), each.gap) for each in facts.https if not isinstance(each, Answered)]
    return min(gaps, key=lambda ranked: ranked[0])[1]


def _tells_of_itself(missing: HttpsEndpoint) -> bool:
    """Whether an endpoint without an answer shows something all the same: plain HTTP, or TLS that we do not speak."""
    if isinstance(missing, NoTls):
        return missing.plain is not None
    return isinstance(missing, Unseen) and missing.declined


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
