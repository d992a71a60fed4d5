"""Judging a stored run and making the read model of its report; neither needs a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from checks import all_checks
from reports.view import CheckInfo, Report, SeenLeaf
from scanner import __version__
from scanner.evaluation import Case, evaluate, judged_kinds
from scanner.model.facts.tls import CertificateFacts
from scanner.model.finding import Finding, Severity, Status
from scanner.model.inventory import Inventory
from scanner.model.leaves import leaves
from scanner.model.policy import Policy
from scanner.model.run import Run
from scanner.store import Judgement, Store


def judge(store: Store, run: Run, inventory: Inventory, policy: Policy) -> Judgement:
    """Judges what a run saw with today's checks and stores the judgement; `now` stays the run's start."""
    case = Case(
        inventory=inventory,
        policy=policy,
        now=run.started_at,
        observations=store.observations(run),
        finished=run.complete,
    )
    checks = [check for check in all_checks() if run.scope.has_check(check.id)]
    assets = sorted((a for a in inventory.assets if run.scope.has_asset(a.id)), key=lambda asset: asset.id)
    found = evaluate(case, checks, assets)
    return store.judge(run, policy, found, at=datetime.now(UTC), version=__version__)


def report_of(store: Store, run: Run, inventory: Inventory, judgement: Judgement) -> Report:
    """The read model that every report is made from."""
    catalogue = {
        check.id: CheckInfo(
            id=check.id,
            title=check.title,
            principle=check.principle.id,
            severity=check.severity,
            doc=check.doc,
        )
        for check in all_checks()
    }
    return Report(
        run=run,
        inventory=inventory,
        judged_kinds=judged_kinds(all_checks()),
        findings=store.findings(judgement),
        checks=catalogue,
        tool_version=__version__,
        certificates=_SeenLeaves(store, run),
    )


class _SeenLeaves:
    """The certificates that the servers of a run present; each iteration reads them anew, asset by asset."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store = store
        self._run = run

    def __iter__(self) -> Iterator[SeenLeaf]:
        for seen in self._store.observations(self._run).of_kind(CertificateFacts.kind()):
            if isinstance(seen.outcome, CertificateFacts):
                for leaf in leaves(seen.outcome):
                    yield SeenLeaf(asset=seen.asset, certificate=leaf.certificate, public=leaf.public, host=leaf.host)


def exit_code(findings: Iterable[Finding], fail_on: Severity | None) -> int:
    """The exit code of a judgement: 4 our bug, 3 something could not be tested, 1 findings, 0 none.

    Unknowns of severity info or under a valid waiver do not count; nor do failures below `fail_on` (None: all).
    """
    code = 0
    for finding in findings:
        if finding.status is Status.ERROR:
            return 4
        if finding.waiver is not None:
            continue
        if finding.status is Status.UNKNOWN and finding.severity is not Severity.INFO:
            code = 3
        elif finding.status is Status.FAIL and fail_on is not None and finding.severity.rank <= fail_on.rank:
            code = max(code, 1)
    return code
