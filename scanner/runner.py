"""The runner: every planned (asset, kind of facts) ends as exactly one observation, stored as it comes.

A crash, a hang or a hostile peer costs that observation and never the run. Assets are taken from the plan one by one,
so that memory grows with the number asked at once and not with the number of assets.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Protocol

from scanner.model.asset import Asset, Host, LocalAccess, Vendor
from scanner.model.check import Check, NeedsAcross, NeedsFacts, NeedsRelated
from scanner.model.facts.base import Facts
from scanner.model.inventory import Authorization, Inventory
from scanner.model.observation import Observation, Outcome
from scanner.model.run import Scope
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.base import Probe, Reply
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

# Seconds that a cancelled probe has to let go of what it holds, before it is left to itself.
_GRACE = 2.0

Kinds = frozenset[type[Facts]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one asset is asked: the probes to run, each with the kinds of facts that are wanted of it."""

    asset: Asset
    probes: tuple[tuple[Probe, Kinds], ...]
    unserved: Kinds = frozenset()


class Progress(Protocol):
    """Whom the runner tells how far it is."""

    def started(self, asset: Asset) -> None:
        """An asset is being asked."""

    def finished(self, asset: Asset) -> None:
        """All questions about an asset are answered and stored."""


Record = Callable[[Sequence[Observation]], None]


def kinds_wanted(asset: Asset, checks: Iterable[Check]) -> Kinds:
    """The kinds of facts about an asset that some check reads, be it for this asset or for a related one."""
    own: set[type[Facts]] = set()
    for check in checks:
        for need in check.needs:
            if isinstance(need, NeedsRelated) or (isinstance(need, NeedsFacts) and isinstance(asset, check.about)):
                own.add(need.facts)
            elif isinstance(need, NeedsAcross):
                own.add(need.projection.source)
    return frozenset(own)


def plan(
    inventory: Inventory,
    scope: Scope,
    checks: Sequence[Check],
    probes: Sequence[Probe],
    asked: frozenset[tuple[str, str]] = frozenset(),
) -> Iterator[Question]:
    """The questions of a scan, asset by asset; what is `asked` already is left out.

    A kind of facts that a check about the asset reads but no probe brings is `unserved`: it ends as unknown.
    """
    chosen = [check for check in checks if scope.has_check(check.id)]
    for asset in inventory.assets:
        if not scope.has_asset(asset.id):
            continue
        wanted = {kind for kind in kinds_wanted(asset, chosen) if (asset.id, kind.kind()) not in asked}
        serving = tuple(
            (probe, frozenset(probe.provides) & wanted)
            for probe in probes
            if isinstance(asset, probe.about) and wanted.intersection(probe.provides)
        )
        required = {
            need.facts
            for check in chosen
            if isinstance(asset, check.about)
            for need in check.needs
            if isinstance(need, NeedsFacts) and not need.optional
        }
        unserved = frozenset((required & wanted).difference(*(kinds for _, kinds in serving)))
        if serving or unserved:
            yield Question(asset=asset, probes=serving, unserved=unserved)


async def scan(
    inventory: Inventory, scope: Scope, questions: Iterable[Question], record: Record, progress: Progress
) -> None:
    """Asks all questions, `settings.concurrency` assets at once, and hands each asset's answers to `record`.

    Cancelling it keeps what was recorded; what was in flight is not recorded and can be asked again.
    """
    source = iter(questions)
    settings = inventory.settings
    async with TlsWorkers() as tls:
        transports = Transports(inventory=inventory, addresses=Addresses(inventory), tls=tls, depth=scope.depth)
        async with asyncio.TaskGroup() as group:
            for _ in range(settings.concurrency):
                group.create_task(_worker(source, transports, record, progress))


async def _worker(source: Iterator[Question], transports: Transports, record: Record, progress: Progress) -> None:
    """Takes assets from the shared plan until it is empty."""
    for question in source:
        progress.started(question.asset)
        await _ask(question, transports, record)
        progress.finished(question.asset)


async def _ask(question: Question, transports: Transports, record: Record) -> None:
    """Asks one asset all its questions within its budget."""
    asset = question.asset
    for kind in question.unserved:
        gap = Unobserved(cause=Cause.UNSUPPORTED, detail=f"This version of civicseal cannot ask a {asset.kind} for it.")
        record([_observation(asset, kind, "none", Reply(outcome=gap))])
    refusal = _refusal(transports.inventory.authorization, asset, datetime.now().astimezone())
    if refusal is not None:
        for probe, kinds in question.probes:
            record(_observations(asset, probe, kinds, dict.fromkeys(kinds, Reply(outcome=refusal))))
        return
    tasks = {
        asyncio.create_task(_run(probe, kinds, asset, transports)): (probe, kinds) for probe, kinds in question.probes
    }
    try:
        await _collect(asset, tasks, transports.settings.asset_budget, record)
    finally:
        await _let_go(tasks)


Asked = Mapping["asyncio.Task[Mapping[type[Facts], Reply]]", tuple[Probe, Kinds]]


async def _collect(asset: Asset, tasks: Asked, budget: float, record: Record) -> None:
    """Records each probe's answer as it comes; when the budget is spent the rest is a timeout."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + budget
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(
            pending, timeout=max(0.0, deadline - loop.time()), return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            probe, kinds = tasks[task]
            record(_observations(asset, probe, kinds, task.result()))
        if not done:
            break
    for task in pending:
        probe, kinds = tasks[task]
        overdue = Unobserved(
            cause=Cause.TIMEOUT, detail=f"No complete answer came within the asset's budget of {budget:g} s."
        )
        record(_observations(asset, probe, kinds, dict.fromkeys(kinds, Reply(outcome=overdue))))


async def _let_go(tasks: Iterable[asyncio.Task[Mapping[type[Facts], Reply]]]) -> None:
    """Cancels what still runs and waits a moment for it; a probe that will not stop cannot hold up the others."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=_GRACE)


async def _run(probe: Probe, kinds: Kinds, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
    """One probe's answer; what it raises is a bug of ours and becomes the observation of that bug."""
    try:
        replies = await probe.run(asset, transports)
        return {kind: replies[kind] for kind in kinds}
    except Exception as error:  # whatever it is, it must cost this observation only
        return dict.fromkeys(kinds, Reply(outcome=_crash(probe, error)))


def _crash(probe: Probe, error: Exception) -> Unobserved:
    """Says where our code broke; never what the exception says, for that may be a peer's words or a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return Unobserved(
        cause=Cause.PROBE_CRASHED,
        detail=f"The probe {probe.name} crashed ({type(error).__name__}{where}), a bug in civicseal; please report it.",
    )


def _observations(asset: Asset, probe: Probe, kinds: Kinds, replies: Mapping[type[Facts], Reply]) -> list[Observation]:
    return [
        _observation(asset, kind, probe.name, replies[kind]) for kind in sorted(kinds, key=lambda kind: kind.kind())
    ]


def _observation(asset: Asset, kind: type[Facts], probe: str, reply: Reply) -> Observation:
    outcome: Outcome = reply.outcome
    return Observation(
        asset=asset.id,
        kind=kind.kind(),
        probe=probe,
        observed_at=datetime.now(UTC),
        outcome=outcome,
        digest=reply.digest,
    )


def _refusal(authorization: Authorization | None, asset: Asset, now: datetime) -> Unobserved | None:
    """Why nothing may be sent to an asset at this moment; None where the authorization allows it or is not declared.

    What is read on the scanning machine itself needs no leave. Excluded addresses are kept by `Addresses`.
    """
    local = isinstance(asset, Vendor) or (isinstance(asset, Host) and isinstance(asset.access, LocalAccess))
    if authorization is None or local:
        return None
    if authorization.expires is not None and now.date() > authorization.expires:
        return Unobserved(
            cause=Cause.NOT_DECLARED,
            detail=f"The authorization to scan ended on {authorization.expires}, so nothing was sent; renew it.",
        )
    if authorization.window is not None and not _within(authorization.window, now):
        start, end = authorization.window
        return Unobserved(
            cause=Cause.NOT_DECLARED,
            detail=f"Outside the authorized hours, {start:%H:%M} to {end:%H:%M}, nothing is sent; scan in them.",
        )
    return None


def _within(window: tuple[time, time], now: datetime) -> bool:
    """Whether a time of day lies in a window that may pass midnight."""
    start, end = window
    moment = now.time()
    return start <= moment < end if start <= end else moment >= start or moment < end
