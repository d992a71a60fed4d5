"""Whose preference decides: the server's own or the client's, and the server's order where several hellos showed it."""

from __future__ import annotations

import asyncio

from scanner.model.facts.tls import Trait
from scanner.model.unobserved import Unobserved
from scanner.transports._hello_heard import Taken
from scanner.transports._hello_interview import Interview
from scanner.transports._hello_scan import VersionScan
from scanner.transports._hello_suites import MOST_SUITES
from scanner.transports._hello_versions import Versions


async def own_order(versions: Versions) -> Trait:
    """Whether the server chooses by its own preference; asked at the newest version up to TLS 1.2 that has a choice."""
    open_first = sorted(versions.spoken, key=lambda scan: scan.version == "TLSv1.3")
    scan = next((scan for scan in open_first if len(scan.accepted) > 1), None)
    if scan is None:
        return None
    run = max(scan.runs, key=len)
    suites = (run if len(run) > 1 else scan.accepted)[:MOST_SUITES]
    first = run[0] if len(run) > 1 else await _choice(versions.interview, scan, suites)
    if isinstance(first, Unobserved):
        return first
    second = await _choice(versions.interview, scan, suites[::-1])
    return second if isinstance(second, Unobserved) else (first, second) != (suites[0], suites[-1])


async def _choice(interview: Interview, scan: VersionScan, suites: list[int]) -> int | Unobserved:
    """What the server chooses from suites that it has accepted."""
    answer = await interview.ask(scan.shape, suites)
    if isinstance(answer, Taken):
        return answer.hello.suite
    return answer if isinstance(answer, Unobserved) else interview.fickle(answer, scan.version)


async def put_in_order(versions: Versions) -> None:
    """Joins the suites that were accepted in different hellos, for a server that has an order of its own.

    Where the client's preference decides they are in order already: that of asking.
    """
    async with asyncio.TaskGroup() as tasks:
        for scan in versions.spoken:
            if sum(bool(run) for run in scan.runs) > 1:
                tasks.create_task(_join(versions.interview, scan))


async def _join(interview: Interview, scan: VersionScan) -> None:
    whole, *others = sorted(scan.runs, key=len, reverse=True)
    for run in others:
        whole = await _merge(interview, scan, whole, run)
    scan.runs = [whole]


async def _merge(interview: Interview, scan: VersionScan, whole: list[int], run: list[int]) -> list[int]:
    """Inserts a few suites into many, both in the server's order; where it does not tell, the rest is put last."""
    merged, place = list(whole), 0
    for at, suite in enumerate(run):
        found = await _place(interview, scan, merged, suite, place)
        if isinstance(found, Unobserved):
            return merged + run[at:]
        merged.insert(found, suite)
        place = found + 1
    return merged


async def _place(interview: Interview, scan: VersionScan, whole: list[int], suite: int, low: int) -> int | Unobserved:
    """Where a suite stands among others, not before `low`: next to the one before it, or found by halving."""
    high, middle = len(whole), low
    while low < high:
        chosen = await _choice(interview, scan, [whole[middle], suite])
        if isinstance(chosen, Unobserved):
            return chosen
        low, high = (low, middle) if chosen == suite else (middle + 1, high)
        middle = (low + high) // 2
    return low
