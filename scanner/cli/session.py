"""One scan as a user sees it: progress while it runs, reports and a summary when it ends."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from reports.view import Report
from scanner.app.judging import exit_code, judge, report_of
from scanner.app.outputs import Output, OutputError
from scanner.app.scanning import Scan, begin, perform, questions, resume
from scanner.cli.console import console
from scanner.cli.history import require_other_files, store_address, write_outputs
from scanner.cli.progress import progress_for, working
from scanner.cli.selection import require_match
from scanner.cli.summary import show_summary
from scanner.model.finding import Severity
from scanner.model.inventory import Inventory
from scanner.model.policy import Policy
from scanner.model.run import Run, Scope
from scanner.store import Store

INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How the user wants a scan to end and to be told of."""

    outputs: tuple[Output, ...] = ()
    fail_on: str = "high"
    resume: bool = False
    quiet: bool = False
    no_color: bool = False

    @property
    def threshold(self) -> Severity | None:
        """The severity from which on a failure counts; None for none."""
        return None if self.fail_on == "none" else Severity(self.fail_on)

    @property
    def data_on_stdout(self) -> bool:
        """Whether standard output belongs to a report, so that the summary must keep off it."""
        return any(output.to_stdout for output in self.outputs)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a scan ended: its report, the files written, and the exit code."""

    report: Report
    paths: tuple[Path, ...]
    code: int


def run_scan(inventory: Inventory, scope: Scope, identity: str, store: str | None, wishes: Wishes) -> Ended:
    """Scans an inventory, stores and judges the run, writes its reports and shows the summary.

    Args:
        identity: what the store knows the inventory by: see `history.identity`; for `--url` the URL.

    Raises:
        Trouble: nothing is in scope, or a report would replace the inventory.
        StoreError, OutputError: the store or a report cannot be written.
    """
    require_match(inventory, scope)
    require_other_files(wishes.outputs, inventory.path)
    opened = Store(store_address(store, inventory.path), create=True)
    try:
        current = _begin(opened, inventory, scope, identity, wishes)
        run, interrupted = _ask(opened, current, wishes)
        policy = Policy().with_overrides(current.inventory.policy)
        with working("Judging", quiet=wishes.quiet, no_color=wishes.no_color):
            judgement = judge(opened, run, current.inventory, policy)
        report = report_of(opened, run, current.inventory, judgement)
        paths = _tell_all(report, inventory, wishes)
        code = INTERRUPTED if interrupted else exit_code(report.findings, wishes.threshold)
        return Ended(report=report, paths=paths, code=code)
    finally:
        opened.close()


def _tell_all(report: Report, inventory: Inventory, wishes: Wishes) -> tuple[Path, ...]:
    """Writes the reports and shows the summary; the summary also where a report cannot be written."""
    paths: tuple[Path, ...] = ()
    try:
        with working("Writing reports", quiet=wishes.quiet, no_color=wishes.no_color):
            paths = tuple(write_outputs(report, wishes.outputs, inventory.folder))
    except OutputError as error:
        raise OutputError(f"{error} The scan is stored; `civicseal report` renders it again.") from error
    finally:
        if not wishes.quiet:
            show_summary(report, paths, console(no_color=wishes.no_color, stderr=wishes.data_on_stdout))
    return paths


def _begin(store: Store, inventory: Inventory, scope: Scope, identity: str, wishes: Wishes) -> Scan:
    found = resume(store, inventory, identity) if wishes.resume else None
    if wishes.resume and not wishes.quiet:
        _tell(_resume_message(found, inventory))
    return found or begin(store, inventory, scope, identity)


def _resume_message(found: Scan | None, inventory: Inventory) -> str:
    if found is None:
        return "No unfinished run of this inventory; starting a new one."
    changed = found.run.inventory_sha256 != inventory.sha256
    edited = " The inventory has changed since; this run keeps the one that it read." if changed else ""
    return f"Going on with run {found.run.id}.{edited}"


def _tell(message: str) -> None:
    print(f"civicseal: {message}", file=sys.stderr)


def _ask(store: Store, current: Scan, wishes: Wishes) -> tuple[Run, bool]:
    counted = [question.asset for question in questions(store, current)]
    with progress_for(counted, quiet=wishes.quiet, no_color=wishes.no_color) as progress:
        return perform(store, current, progress)
