"""What else a server says in its hellos, asked of the newest version whose answers can be read: up to TLS 1.2."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from scanner.model.facts.tls import TlsTraits, Trait
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._hello_heard import Refused, Taken
from scanner.transports._hello_scan import VersionScan
from scanner.transports._hello_suites import MOST_SUITES, identity_of
from scanner.transports._hello_versions import Versions

REFUSED = "refused"
"""What `without_name` says of a server that breaks off with an alert."""

_ALPN = ("h2", "http/1.1")

_STATUS, _HEARTBEAT, _MASTER_SECRET, _RENEGOTIATION = 5, 15, 23, 0xFF01


def _suites(scan: VersionScan) -> list[int]:
    """Accepted suites that fit into a hello, those that come with a certificate first."""
    return sorted(scan.accepted, key=lambda suite: identity_of(suite) is None)[:MOST_SUITES]


async def optional(versions: Versions, traits: TlsTraits) -> TlsTraits:
    """Adds what one hello shows that offers everything optional: heartbeat, compression, a stapled answer and so on."""
    scan = versions.newest_open
    if scan is None:
        return _with(traits, None, None, None)
    shape = replace(scan.shape, heartbeat=True, compression=True, status=True, plain=False)
    answer = await versions.interview.ask(shape, _suites(scan))
    if not isinstance(answer, Taken):
        gap = answer if isinstance(answer, Unobserved) else versions.interview.fickle(answer, scan.version)
        return _with(traits, gap, _seen(scan, _MASTER_SECRET, gap), _seen(scan, _RENEGOTIATION, gap))
    said = answer.hello.extensions
    return replace(
        traits,
        heartbeat=_HEARTBEAT in said,
        compression=answer.hello.compression != 0,
        stapled=answer.stapled,
        extended_master_secret=_MASTER_SECRET in said,
        secure_renegotiation=_RENEGOTIATION in said,
    )


def _with(traits: TlsTraits, others: Trait, master_secret: Trait, renegotiation: Trait) -> TlsTraits:
    return replace(
        traits,
        heartbeat=others,
        compression=others,
        stapled=others,
        extended_master_secret=master_secret,
        secure_renegotiation=renegotiation,
    )


def _seen(scan: VersionScan, extension: int, gap: Unobserved) -> Trait:
    """An extension that came with another hello of the version is certain."""
    return True if extension in scan.extensions else gap


async def alpn(versions: Versions) -> tuple[str, ...] | Unobserved | None:
    """The protocols that are agreed on, asked together and then without the one that was chosen."""
    scan = versions.newest_open
    if versions.interview.target.starttls is not None or not versions.any:
        return None
    if scan is None:
        said = "speaks only TLS 1.3, which hides what it agrees on."
        return versions.interview.gap(Cause.UNSUPPORTED, said)
    if not scan.shape.extends:
        return ()
    agreed: list[str] = []
    while left := tuple(name for name in _ALPN if name not in agreed):
        answer = await versions.interview.ask(replace(scan.shape, alpn=left, plain=False), _suites(scan))
        if isinstance(answer, Unobserved):
            return answer
        if isinstance(answer, Refused) or answer.hello.alpn is None:
            break
        name = answer.hello.alpn.decode("ascii", "replace")
        if name not in left:
            said = f"agrees on a protocol that was not offered ({harmless(name, 40)})."
            return versions.interview.gap(Cause.MALFORMED, said)
        agreed.append(name)
    return tuple(name for name in _ALPN if name in agreed)


async def fallback_refused(versions: Versions) -> Trait:
    """Whether a hello is refused that says it is a fallback, at the newest version but one up to TLS 1.2."""
    older = [scan for scan in versions.spoken if scan.version != "TLSv1.3"]
    if len(older) < 2:
        return None
    scan = older[1]
    answer = await versions.interview.ask(replace(scan.shape, fallback=True), _suites(scan))
    if isinstance(answer, Unobserved):
        return answer
    if isinstance(answer, Taken):
        return False
    if not answer.closed:
        return True
    again = await versions.interview.ask(scan.shape, _suites(scan))
    if isinstance(again, Taken):
        return True
    return again if isinstance(again, Unobserved) else versions.interview.fickle(again, scan.version)


async def without_name(versions: Versions) -> str | Unobserved | None:
    """The leaf that is presented to who names no host, asked up to TLS 1.2; see `AddressCertificates.without_name`."""
    interview, scan = versions.interview, versions.newest_open
    if interview.target.server_name is None or scan is None:
        return None
    suites = [suite for suite in _suites(scan) if identity_of(suite) is not None]
    if not suites:
        return None
    answer = await interview.ask(replace(scan.shape, server_name=None), suites)
    if isinstance(answer, Unobserved):
        return answer
    if isinstance(answer, Refused):
        return interview.fickle(answer, scan.version) if answer.closed else REFUSED
    if not answer.chain:
        return interview.gap(Cause.MALFORMED, "presents no certificate to who names no host.")
    return hashlib.sha256(answer.chain[0]).hexdigest()
