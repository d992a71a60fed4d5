"""One scan as a user sees it: progress while it runs, reports and a summary when it ends."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checks import all_checks
from reports.view import Report
from scanner.app.judging import exit_code, judge, report_of
from scanner.app.outputs import Output
from scanner.app.scanning import Scan, begin, perform, questions, resume
from scanner.cli.console import console
from scanner.cli.history import store_address, write_outputs
from scanner.cli.options import Trouble
from scanner.cli.progress import progress_for, working
from scanner.cli.summary import show_summary
from scanner.model.finding import Severity
from scanner.model.inventory import Inventory
from scanner.model.policy import Policy
from scanner.model.run import Run, Scope, matches
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
    _require_scope(inventory, scope)
    _require_other_files(inventory, wishes.outputs)
    opened = Store(store_address(store, inventory.path), create=True)
    try:
        current = _begin(opened, inventory, scope, identity, wishes)
        run, interrupted = _ask(opened, current, wishes)
        policy = Policy().with_overrides(current.inventory.policy)
        with working("Judging and writing reports", quiet=wishes.quiet, no_color=wishes.no_color):
            judgement = judge(opened, run, current.inventory, policy)
            report = report_of(opened, run, current.inventory, judgement)
            paths = tuple(write_outputs(report, wishes.outputs, inventory.folder))
        if not wishes.quiet:
            show_summary(report, paths, console(no_color=wishes.no_color, stderr=wishes.data_on_stdout))
        code = INTERRUPTED if interrupted else exit_code(report.findings, wishes.threshold)
        return Ended(report=report, paths=paths, code=code)
    finally:
        opened.close()


def _require_scope(inventory: Inventory, scope: Scope) -> None:
    """A glob that matches nothing is a mistake, and a scan of nothing would look like a clean one."""
    if not inventory.assets:
        raise Trouble(f"{inventory.path.name} declares no asset, so there is nothing to scan.")
    _require_match("--only", scope.only, [asset.id for asset in inventory.assets], "asset")
    _require_match("--check", scope.check, [check.id for check in all_checks()], "check")


def _require_match(option: str, wanted: Sequence[str], known: Sequence[str], what: str) -> None:
    for glob in wanted:
        if not any(matches(name, glob) for name in known):
            near = difflib.get_close_matches(glob, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise Trouble(f"{option} {glob} matches no {what}.{hint}")


def _require_other_files(inventory: Inventory, outputs: Sequence[Output]) -> None:
    """A slip of the pen in `-o` must not cost a city its inventory."""
    for output in outputs:
        if not output.to_stdout and Path(output.path).resolve() == inventory.path.resolve():
            raise Trouble(f"-o {output.format}={output.path} would replace the inventory; name another file.")


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
