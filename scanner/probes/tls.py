"""The certificates, the versions and suites, and the known holes of a TLS server, at every address of its name.

All three kinds of facts come from the same look: the hellos collect the chains on their way, and show which holes are
worth a test.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from scanner.model.asset import Asset, TlsServer, TlsService, Website
from scanner.model.dns_names import a_labels
from scanner.model.facts.base import Facts
from scanner.model.facts.tls import CertificateFacts, TlsFacts
from scanner.model.facts.tls_tests import TlsTestFacts
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._plan import dns, peers
from scanner.probes._site_addresses import to_ask
from scanner.probes._tls_address import Seen, nothing, see
from scanner.probes._tls_target import read_bundle, target_at
from scanner.probes.base import Reply, Step
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsTarget

# The part of the asset's budget after which we stop of ourselves, so that what was seen by then is kept.
_OWN_SHARE = 0.85

# Addresses of one server that are asked at the same time; others wait, at the cost of this asset alone.
_AT_ONCE = 4

# What can stand in SNI: RFC 6066 wants ASCII, DNS at most 253 characters.
_HOST = re.compile(r"[!-~]{1,253}")

_HOLES = "Heartbleed, early ChangeCipherSpec, ROBOT and insecure renegotiation"

Item = TypeVar("Item")


def _server(asset: Asset) -> TlsServer:
    assert isinstance(asset, TlsServer)  # noqa: S101 (the runner goes by `about`)
    return asset


def _steps(server: TlsServer, settings: Settings) -> Iterable[Step]:
    """Every kind of connection to the server."""
    target = peers(*server.reached_at)
    command = server.starttls if isinstance(server, TlsService) else None
    yield Step(action=f"{command.value} up to TLS, then handshakes" if command else "TLS handshakes", target=target)
    if isinstance(server, Website):
        yield Step(action="GET / over TLS 1.3, for a session to try early data with", target=target)
    if settings.active_tests:
        yield Step(action=f"TLS tests for {_HOLES}, each where it can be", target=target)
    tests = " and every test for a known hole" if settings.active_tests else ""
    yield Step(action=f"TLS handshakes by sslyze{tests}, only with --depth deep", target=target)


class TlsProbe:
    """Asks a TLS server at each address of its name, or at the address that the inventory gives."""

    name = "tls"
    about: type[Asset] = TlsServer
    provides: tuple[type[Facts], ...] = (CertificateFacts, TlsFacts, TlsTestFacts)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-up of the name, and the connections."""
        server = _server(asset)
        yield from dns((server.reached_at[0],), settings)
        yield from _steps(server, settings)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks every address at once."""
        server = _server(asset)
        host = server.reached_at[0]
        if not all(_HOST.fullmatch(a_labels(name)) for name in (host, server.known_as)):
            gap = Unobserved(cause=Cause.NOT_DECLARED, detail="The inventory names no valid host for this server.")
            return {kind: Reply(outcome=gap) for kind in self.provides}
        until = asyncio.get_running_loop().time() + transports.settings.asset_budget * _OWN_SHARE
        addresses, not_asked = await to_ask(host, transports.addresses)
        bundle = await asyncio.to_thread(read_bundle, server.ca_bundle)
        slots = asyncio.Semaphore(_AT_ONCE)
        targets = [target_at(server, address, transports.settings.timeout) for address in addresses]
        web = isinstance(server, Website)
        asked = [_see(target, bundle, transports, slots, web=web, until=until) for target in targets]
        seen = [*await asyncio.gather(*asked), *(nothing(gap) for _, gap in not_asked)]
        return replies(seen)


async def _see(
    target: TlsTarget,
    bundle: str | Unobserved | None,
    transports: Transports,
    slots: asyncio.Semaphore,
    *,
    web: bool,
    until: float,
) -> Seen:
    """Asks one address as soon as there is a slot for it."""
    try:
        async with asyncio.timeout_at(until):
            await slots.acquire()
    except TimeoutError:
        detail = f"The other addresses of the server took all of settings.asset_budget; {target.peer} was not asked."
        return nothing(Unobserved(cause=Cause.TIMEOUT, detail=detail))
    try:
        return await see(target, bundle, transports, web=web, until=until)
    finally:
        slots.release()


def replies(seen: Sequence[Seen]) -> Mapping[type[Facts], Reply]:
    """The facts of all addresses; a gap of a whole kind where not one address showed any."""
    certificates = tuple(each.certificates for each in seen)
    tls = tuple(each.tls for each in seen)
    holes = tuple(each.holes for each in seen)
    digests = "".join(each.digest for each in seen)
    digest = hashlib.sha256(digests.encode()).hexdigest() if digests else ""
    return {
        CertificateFacts: Reply(
            outcome=_only_gap(certificates) or CertificateFacts(addresses=certificates), digest=digest
        ),
        TlsFacts: Reply(outcome=_only_gap(tls) or TlsFacts(addresses=tls), digest=digest),
        TlsTestFacts: Reply(outcome=_only_gap(holes) or TlsTestFacts(addresses=holes), digest=digest),
    }


def _only_gap(found: Sequence[Item | Unobserved]) -> Unobserved | None:
    """The first gap, where there is nothing else."""
    gaps = [each for each in found if isinstance(each, Unobserved)]
    return gaps[0] if gaps and len(gaps) == len(found) else None


PROBE = TlsProbe()
