"""How one address of a server speaks TLS, learned by hellos of our own: no handshake is finished but one of TLS 1.3.

The first hello tells silence, refusal and other protocols from TLS. Then all versions are asked at once, each for its
suites; then whatever depends on them. What was certain stays certain when the rest is not.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Iterator
from dataclasses import replace

from scanner.model.facts.tls import VERSIONS, AddressTls, DhKey, TlsTraits
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._hello_first import FirstLook, look_first
from scanner.transports._hello_groups import groups
from scanner.transports._hello_interview import Interview
from scanner.transports._hello_numbers import UNRECOGNIZED_NAME
from scanner.transports._hello_order import own_order, put_in_order
from scanner.transports._hello_traits import REFUSED, alpn, fallback_refused, optional, without_name
from scanner.transports._hello_versions import Versions
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.pace import Pace
from scanner.transports.starttls import at_once
from scanner.transports.tls_handshake import Handshake, shake_hands
from scanner.transports.tls_sight import TlsSight

_TLS13 = "TLSv1.3"

# A server has one chain per kind of key; more are a peer that makes them up as it goes.
_MOST_CHAINS = 8


async def look(target: TlsTarget, pace: Pace, *, until: float) -> TlsSight | Unobserved:
    """Asks one address for everything that hellos can show, in as few connections as possible.

    Args:
        target: the server.
        pace: where every connection waits for its turn.
        until: hard deadline in the event loop's time; what is known by then is kept, the rest becomes gaps.

    Returns:
        What was seen, or why nothing was: refused, silent, not TLS. `early_data` is not for hellos to show.
    """
    course = _Course(Interview(target, pace, until))
    try:
        async with asyncio.timeout_at(until):
            await course.run()
    except TimeoutError:
        return course.result(over=True)
    return course.result()


class _Course:
    """The phases of looking at one server, and what they have brought so far."""

    def __init__(self, interview: Interview) -> None:
        self._interview = interview
        said = "answers too slowly: the time for this asset ended during TLS handshakes."
        late = self._late = interview.gap(Cause.TIMEOUT, said)
        self._first: FirstLook | None = None
        self._versions: Versions | None = None
        self._groups: tuple[str, ...] | Unobserved = late
        self._traits = TlsTraits(
            own_order=late,
            alpn=late,
            heartbeat=late,
            extended_master_secret=late,
            secure_renegotiation=late,
            compression=late,
            fallback_refused=late,
            stapled=late,
        )
        self._without_name: str | Unobserved | None = late
        self._handshake: Handshake | None = None

    async def run(self) -> None:
        """Asks everything."""
        self._first = await look_first(self._interview)
        if self._first.gap is not None:
            return
        self._versions = versions = Versions(self._interview, self._first.accepted)
        await versions.ask()
        if not versions.any:
            return
        async with asyncio.TaskGroup() as tasks:
            for work in (self._order, self._ask_groups, self._ask_optional, self._alpn, self._fallback, self._chains):
                tasks.create_task(work(versions))

    async def _order(self, versions: Versions) -> None:
        own = await own_order(versions)
        self._traits = replace(self._traits, own_order=own)
        if own is True:
            await put_in_order(versions)

    async def _ask_groups(self, versions: Versions) -> None:
        self._groups = await groups(versions)

    async def _ask_optional(self, versions: Versions) -> None:
        shown = await optional(versions, TlsTraits())
        self._traits = replace(
            self._traits,
            heartbeat=shown.heartbeat,
            compression=shown.compression,
            stapled=shown.stapled,
            extended_master_secret=shown.extended_master_secret,
            secure_renegotiation=shown.secure_renegotiation,
        )

    async def _alpn(self, versions: Versions) -> None:
        agreed = await alpn(versions)
        self._traits = replace(self._traits, alpn=agreed)

    async def _fallback(self, versions: Versions) -> None:
        refused = await fallback_refused(versions)
        self._traits = replace(self._traits, fallback_refused=refused)

    async def _chains(self, versions: Versions) -> None:
        """The chain of TLS 1.3, which encrypts it; and what is presented to who names no host."""
        target = self._interview.target
        found: Handshake | Unobserved | None = None
        if versions.scans[_TLS13].accepted:
            found = await self._shake_hands(target)
            self._handshake = found if isinstance(found, Handshake) else None
        if versions.newest_open is not None or found is None or target.server_name is None:
            self._without_name = await without_name(versions)
        elif isinstance(found, Unobserved):
            self._without_name = found
        else:
            self._without_name = _leaf(await self._shake_hands(replace(target, server_name=None)))

    async def _shake_hands(self, target: TlsTarget) -> Handshake | Unobserved:
        async with self._interview.pace.turn(target.peer, at_once=at_once(target.starttls)):
            gap = self._interview.over()
            return gap or await shake_hands(target, until=self._interview.until, versions=(_TLS13, _TLS13))

    # What it has all brought

    def result(self, *, over: bool = False) -> TlsSight | Unobserved:
        """What was seen; `over` if the time ended before everything was asked."""
        if self._versions is None:
            gap = self._first.gap if self._first is not None else None
            return gap or self._late
        if not self._versions.any:
            return self._nothing_seen(self._versions, over)
        tls = AddressTls(
            address=self._interview.target.address,
            versions=tuple(self._versions.scans[version].answer(self._late) for version in VERSIONS),
            groups=self._groups,
            dh_keys=tuple(_dh_keys(self._versions)),
            traits=self._traits,
        )
        chains = tuple(dict.fromkeys(self._all_chains(self._versions)))[:_MOST_CHAINS]
        seen = repr((tls, chains, self._without_name))
        return TlsSight(
            tls=tls,
            chains=chains,
            without_name=self._without_name,
            digest=hashlib.sha256(seen.encode()).hexdigest(),
        )

    def _all_chains(self, versions: Versions) -> Iterator[tuple[str, ...]]:
        for version in reversed(VERSIONS):
            scan = versions.scans[version]
            for chain in scan.chains:
                yield tuple(ssl.DER_cert_to_PEM_cert(der) for der in chain)
            if scan.ssl2 is not None and scan.ssl2.certificate:
                yield (ssl.DER_cert_to_PEM_cert(scan.ssl2.certificate),)
        if self._handshake is not None and self._handshake.chain:
            yield self._handshake.chain

    def _nothing_seen(self, versions: Versions, over: bool) -> Unobserved:
        """Why no version was accepted."""
        scans = [versions.scans[version] for version in reversed(VERSIONS)]
        gap = next((scan.gap for scan in scans if scan.gap is not None), self._late if over else None)
        if gap is not None:
            return gap
        if any(scan.shut for scan in scans if scan.version != "SSLv2"):
            # Every server closes the connection on SSL 2 that does not speak it; that alone says nothing.
            return self._interview.gap(Cause.UNREACHABLE, "closes TLS connections before the handshake ends.")
        if self._first is not None and self._first.alert == UNRECOGNIZED_NAME:
            name = self._interview.target.server_name
            said = f"does not serve the name {name} over TLS; check the name and the server."
            return self._interview.gap(Cause.UNSUPPORTED, said)
        said = "speaks TLS but refuses every version and cipher suite that we know."
        return self._interview.gap(Cause.UNSUPPORTED, said)


def _dh_keys(versions: Versions) -> Iterator[DhKey]:
    for version in reversed(VERSIONS):
        key = versions.scans[version].key
        if key is not None:
            yield DhKey(version=version, bits=key.prime_bits, group=key.prime_name)


def _leaf(found: Handshake | Unobserved) -> str | Unobserved | None:
    """The fingerprint of a leaf; a server that breaks the handshake off with an alert refuses."""
    if isinstance(found, Unobserved):
        return REFUSED if found.cause is Cause.UNSUPPORTED else found
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found.chain[0])).hexdigest() if found.chain else None
