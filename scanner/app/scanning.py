"""Scanning: begin or resume a run, ask its questions, and record how it ended."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks import all_checks
from scanner import __version__
from scanner.inventory import from_snapshot
from scanner.model.inventory import Inventory
from scanner.model.run import Run, Scope
from scanner.probes.base import all_probes
from scanner.runner import Progress, Question, plan, scan
from scanner.store import Store


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A run in hand: the inventory that it reads, and whether it goes on with an earlier start."""

    run: Run
    inventory: Inventory
    resumed: bool


def begin(store: Store, inventory: Inventory, scope: Scope, identity: str) -> Scan:
    """Starts a new run. `identity` names the inventory in the store: its absolute path, or the URL of `--url`."""
    started_at = datetime.now(UTC)
    run = Run(
        id=f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        started_at=started_at,
        finished_at=None,
        tool_version=__version__,
        inventory_path=identity,
        inventory_sha256=inventory.sha256,
        complete=False,
        scope=scope,
    )
    store.begin(run, inventory)
    return Scan(run=run, inventory=inventory, resumed=False)


def resume(store: Store, inventory: Inventory, identity: str) -> Scan | None:
    """The newest unfinished run of an inventory, with the inventory as that run read it; None if there is none."""
    run = store.unfinished(identity)
    if run is None:
        return None
    read = inventory if inventory.sha256 == run.inventory_sha256 else stored_inventory(store, run, inventory.path)
    return Scan(run=run, inventory=read, resumed=True)


def stored_inventory(store: Store, run: Run, path: Path) -> Inventory:
    """The inventory as a run read it, rebuilt from the store alone; `path` says where reports belong."""
    return from_snapshot(store.snapshot(run), path=path, sha256=run.inventory_sha256)


def questions(store: Store, current: Scan) -> Iterator[Question]:
    """What is still to be asked."""
    asked = store.asked(current.run) if current.resumed else frozenset()
    return plan(current.inventory, current.run.scope, all_checks(), all_probes(), asked)


def perform(store: Store, current: Scan, progress: Progress) -> tuple[Run, bool]:
    """Asks the questions until done or interrupted; returns the run as it ended and whether it was interrupted.

    Ctrl-C and SIGTERM end it early: what is answered is kept, and `resume` goes on.
    """
    run, interrupted = current.run, False
    asking = scan(
        current.inventory,
        run.scope,
        questions(store, current),
        lambda seen: store.record(run, seen),
        progress,
    )
    try:
        asyncio.run(_until_terminated(asking))
    except (KeyboardInterrupt, asyncio.CancelledError):
        interrupted = True
    return store.finish(run.id, finished_at=datetime.now(UTC), complete=not interrupted), interrupted


async def _until_terminated(asking: Coroutine[Any, Any, None]) -> None:
    """Lets SIGTERM, with which a service manager stops us, end the scan as Ctrl-C does."""
    task = asyncio.ensure_future(asking)
    with suppress(NotImplementedError):  # Windows has no such signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await task
