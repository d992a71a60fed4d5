"""One address of a TLS server: the look at its hellos first, and then what that look makes worth asking."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from scanner.model.facts.tls import AddressCertificates, AddressTls
from scanner.model.facts.tls_tests import AddressHoles
from scanner.model.observation import Depth
from scanner.model.unobserved import Unobserved
from scanner.probes._tls_cross_check import cross_checked
from scanner.probes._tls_questions import early_data, holes
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsTarget
from scanner.transports.tls_enumerator import look
from scanner.transports.tls_sight import TlsSight


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one address showed; `digest` is the SHA-256 of its hellos in hex, empty where there were none."""

    certificates: AddressCertificates | Unobserved
    tls: AddressTls | Unobserved
    holes: AddressHoles | Unobserved
    digest: str = ""


def nothing(gap: Unobserved) -> Seen:
    """An address that showed nothing, with the reason."""
    return Seen(certificates=gap, tls=gap, holes=gap)


async def see(
    target: TlsTarget, bundle: str | Unobserved | None, transports: Transports, *, web: bool, until: float
) -> Seen:
    """Looks at one address.

    Args:
        target: the server at this address.
        bundle: its own trust anchors, as `TlsWorkers.judge` takes them.
        transports: those of the run.
        web: whether the server speaks HTTP, so that an HTTP request may be sent.
        until: hard deadline in the event loop's time.
    """
    transports.tls.warm_up()
    sight = await look(target, transports.pace, until=until)
    if isinstance(sight, Unobserved):
        return nothing(sight)
    deployments, (tls, tested) = await asyncio.gather(
        transports.tls.judge(sight.chains, bundle, peer=target.peer, until=until),
        _ask(target, sight, transports, web=web, until=until),
    )
    certificates: AddressCertificates | Unobserved
    if isinstance(deployments, Unobserved):
        certificates = deployments
    else:
        certificates = AddressCertificates(
            address=target.address, deployments=deployments, without_name=sight.without_name
        )
    return Seen(certificates=certificates, tls=tls, holes=tested, digest=sight.digest)


async def _ask(
    target: TlsTarget, sight: TlsSight, transports: Transports, *, web: bool, until: float
) -> tuple[AddressTls, AddressHoles]:
    """What is asked over further connections, one question after the other: no server is in a hurry."""
    tls = sight.tls
    if sight.tls.answer("TLSv1.3") != ():
        early = await early_data(target, sight.tls, transports, web=web, until=until)
        tls = replace(tls, traits=replace(tls.traits, early_data=early))
    tested = await holes(target, tls, transports, until=until)
    if transports.depth is Depth.DEEP:
        return await cross_checked(target, tls, tested, transports, until=until)
    return tls, tested
