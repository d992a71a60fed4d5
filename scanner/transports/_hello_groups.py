"""Which key exchange groups a server accepts: offer all, take out what was chosen, offer the rest again.

TLS 1.3 names the group in its ServerHello, or in a HelloRetryRequest where it got no key for it; older versions name
the curve in the ServerKeyExchange.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._hello_heard import Taken
from scanner.transports._hello_interview import Interview
from scanner.transports._hello_numbers import CURVES, GROUP_NAMES, GROUPS, VERSION_CODES
from scanner.transports._hello_scan import VersionScan
from scanner.transports._hello_suites import MOST_SUITES, exchange_of, identity_of
from scanner.transports._hello_versions import Versions

_ORDER = list(GROUP_NAMES)


async def groups(versions: Versions) -> tuple[str, ...] | Unobserved:
    """The names of all groups that are accepted in any version, in the order of asking."""
    found = set[int]()
    newest = versions.scans["TLSv1.3"]
    if newest.accepted:
        modern = await _modern(versions, newest)
        if isinstance(modern, Unobserved):
            return modern
        found |= modern
    scan = next((scan for scan in versions.spoken if scan.shape.extends and _elliptic(scan)), None)
    if scan is not None:
        older = await _curves(versions, scan, frozenset(found))
        if isinstance(older, Unobserved):
            return older
        found |= older
    return tuple(GROUP_NAMES[group] for group in sorted(found, key=_ORDER.index))


async def _modern(versions: Versions, scan: VersionScan) -> set[int] | Unobserved:
    if scan.shape.shares:
        return versions.interview.gap(
            Cause.UNSUPPORTED, "answers TLS 1.3 only to who sends a key at once, so its groups cannot be told apart."
        )
    return await _remove(versions, scan, scan.accepted, tuple(GROUPS), lambda taken: taken.hello.group)


def _elliptic(scan: VersionScan) -> list[int]:
    return [suite for suite in scan.accepted if exchange_of(suite) == "ECDHE"]


async def _curves(versions: Versions, scan: VersionScan, known: frozenset[int]) -> set[int] | Unobserved:
    """The curves up to TLS 1.2, `known` being those that are known of TLS 1.3.

    OpenSSL accepts an ECDSA suite only while the curve of the certificate is on offer as well. So, where such suites
    are all there is, what was taken out is offered again, last.
    """
    suites = _elliptic(scan)[:MOST_SUITES]
    if any(identity_of(suite) != "ECDSA" for suite in suites):
        return await _remove(versions, scan, suites, tuple(group for group in CURVES if group not in known), _curve)
    shared = {group for group in CURVES if group in known}  # one library as a rule uses the same in all versions
    found = shared or await _remove(versions, scan, suites, tuple(CURVES), _curve)
    while found and not isinstance(found, Unobserved):
        order = [group for group in CURVES if group not in found] + sorted(found)
        answer = await versions.interview.ask(replace(scan.shape, groups=tuple(order), plain=False), suites)
        curve = _curve(answer) if isinstance(answer, Taken) else None
        if curve is None or curve in found or curve not in CURVES:
            return found
        found.add(curve)
    return found


def _curve(taken: Taken) -> int | None:
    return taken.key.curve if taken.key is not None else None


async def _remove(
    versions: Versions,
    scan: VersionScan,
    suites: Sequence[int],
    offered: tuple[int, ...],
    named: Callable[[Taken], int | None],
) -> set[int] | Unobserved:
    """Offers groups until the server refuses what is left of them."""
    interview, found = versions.interview, set[int]()
    while left := tuple(group for group in offered if group not in found):
        answer = await interview.ask(replace(scan.shape, groups=left, plain=False), suites)
        if isinstance(answer, Unobserved):
            return answer
        if not isinstance(answer, Taken) or answer.hello.version != VERSION_CODES[scan.version]:
            return await _believed(versions, found, closed=not isinstance(answer, Taken) and answer.closed)
        group = named(answer)
        if group not in left:
            return _unoffered(interview, scan, group)
        found.add(group)
    return found


async def _believed(versions: Versions, found: set[int], *, closed: bool) -> set[int] | Unobserved:
    """A closed connection is a refusal only from a server that still accepts others."""
    if not closed or await versions.still_there():
        return found
    said = "closed the connection when asked for its key exchange groups, and afterwards also when asked for what it "
    return versions.interview.gap(Cause.RATE_LIMITED, said + "had accepted; scan it again later.")


def _unoffered(interview: Interview, scan: VersionScan, group: int | None) -> Unobserved:
    told = "no key exchange group" if group is None else f"a key exchange group that was not offered (0x{group:04X})"
    return interview.gap(Cause.MALFORMED, f"answers a hello for {scan.version} with {told}.")
