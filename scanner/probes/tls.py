"""The certificates and the protocol versions of a website, at every address of its name.

Both kinds of facts come from the same handshakes: the enumeration collects the chains on its way.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scanner.model.asset import Asset, Website
from scanner.model.dns_names import a_labels, as_ip
from scanner.model.facts.base import Facts
from scanner.model.facts.tls import AddressCertificates, AddressTls, CertificateFacts, TlsFacts
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._plan import dns, peers
from scanner.probes._site_addresses import to_ask
from scanner.probes.base import Reply, Step
from scanner.transports import Transports
from scanner.transports.tls import TlsScan, TlsTarget

# A bundle beyond this is no list of a city's own authorities; Mozilla's whole store is a quarter of it.
_LARGEST_BUNDLE = 1_000_000

# The part of the asset's budget after which we stop of ourselves, so that what was seen by then is kept.
_OWN_SHARE = 0.85

# Addresses of one site that are asked at the same time; others wait, at the cost of this site alone.
_AT_ONCE = 4

# What can stand in SNI: RFC 6066 wants ASCII, DNS at most 253 characters.
_HOST = re.compile(r"[!-~]{1,253}")

_Scan = TlsScan | Unobserved


def read_bundle(path: Path | None) -> str | Unobserved | None:
    """The text of a site's `ca_bundle`; None where it has none."""
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BUNDLE + 1)
    except OSError as error:
        detail = f"The ca_bundle {path.name} cannot be read ({error.strerror or 'no reason given'})."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    if len(content) > _LARGEST_BUNDLE:
        detail = f"The ca_bundle {path.name} is larger than {_LARGEST_BUNDLE // 1_000_000} MB; list only your own."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    return content.decode("ascii", "replace")


def server_name(host: str) -> str | None:
    """What to send as SNI: the name as A-labels without its final dot, nothing for an IP literal (RFC 6066)."""
    return None if as_ip(host) else a_labels(host)


def certificate_facts(scans: Sequence[tuple[str, _Scan]]) -> CertificateFacts | Unobserved:
    """The certificates of all addresses; a gap where not one address showed any."""
    found: list[AddressCertificates | Unobserved] = []
    for address, scan in scans:
        deployments = scan if isinstance(scan, Unobserved) else scan.deployments
        if isinstance(deployments, Unobserved):
            found.append(deployments)
        else:
            found.append(AddressCertificates(address=address, deployments=deployments))
    gap = _only_gaps(found)
    return gap or CertificateFacts(addresses=tuple(found))


def tls_facts(scans: Sequence[tuple[str, _Scan]]) -> TlsFacts | Unobserved:
    """The versions at all addresses; a gap where not one address showed any."""
    found: list[AddressTls | Unobserved] = [
        scan if isinstance(scan, Unobserved) else AddressTls(address=address, versions=scan.versions)
        for address, scan in scans
    ]
    gap = _only_gaps(found)
    return gap or TlsFacts(addresses=tuple(found))


def _only_gaps(found: Sequence[object]) -> Unobserved | None:
    gaps = [each for each in found if isinstance(each, Unobserved)]
    return gaps[0] if gaps and len(gaps) == len(found) else None


def _reply(outcome: Facts | Unobserved, scans: Iterable[tuple[str, _Scan]]) -> Reply:
    digests = "".join(scan.digest for _, scan in scans if isinstance(scan, TlsScan))
    return Reply(outcome=outcome, digest=hashlib.sha256(digests.encode()).hexdigest() if digests else "")


class TlsProbe:
    """Enumerates a website's TLS at each address of its name, or at the address that the inventory gives."""

    name = "tls"
    about: type[Asset] = Website
    provides: tuple[type[Facts], ...] = (CertificateFacts, TlsFacts)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-up of the name, and the handshakes."""
        assert isinstance(asset, Website)  # noqa: S101 (the runner goes by `about`)
        where = asset.address or asset.host
        yield from dns((where,), settings)
        yield Step(action="TLS handshakes", target=peers(where, asset.port))

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Scans every address at once."""
        assert isinstance(asset, Website)  # noqa: S101 (the runner goes by `about`)
        if not _HOST.fullmatch(a_labels(asset.host)):
            gap = Unobserved(cause=Cause.NOT_DECLARED, detail="The url names no valid host; write https://HOST/.")
            return {kind: Reply(outcome=gap) for kind in self.provides}
        until = asyncio.get_running_loop().time() + transports.settings.asset_budget * _OWN_SHARE
        addresses, not_asked = await to_ask(asset.address or asset.host, transports.addresses)
        bundle = await asyncio.to_thread(read_bundle, asset.ca_bundle)
        slots = asyncio.Semaphore(_AT_ONCE)
        targets = [_target(asset, address, bundle, transports) for address in addresses]
        asked = [_scan(target, transports, slots, until) for target in targets]
        scans = [*zip(addresses, await asyncio.gather(*asked), strict=True), *not_asked]
        return {
            CertificateFacts: _reply(certificate_facts(scans), scans),
            TlsFacts: _reply(tls_facts(scans), scans),
        }


def _target(site: Website, address: str, bundle: str | Unobserved | None, transports: Transports) -> TlsTarget:
    return TlsTarget(
        address=address,
        port=site.port,
        server_name=server_name(site.host),
        timeout=transports.settings.timeout,
        ca_bundle=bundle,
    )


async def _scan(target: TlsTarget, transports: Transports, slots: asyncio.Semaphore, until: float) -> _Scan:
    """Scans one address as soon as there is a slot for it."""
    try:
        async with asyncio.timeout_at(until):
            await slots.acquire()
    except TimeoutError:
        detail = f"The other addresses of the site took all of settings.asset_budget, so {target.peer} was not asked."
        return Unobserved(cause=Cause.TIMEOUT, detail=detail)
    try:
        return await transports.tls.scan(target, until=until)
    finally:
        slots.release()


PROBE = TlsProbe()
