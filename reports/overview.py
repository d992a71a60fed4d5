"""Everything that the first page of a dashboard says, gathered in one pass over the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.counting import is_note, is_waived
from reports.packs import PackCounts, PackScore
from reports.problems import Problem, Problems, Unseen, UnseenByCause
from reports.view import DepartmentCounts, DepartmentScore, PrincipleCounts, PrincipleScore, Report
from scanner.model.asset import Asset
from scanner.model.finding import Finding, Severity, Status, Tally
from scanner.model.inventory import Waiver

_NAMED_CHECKS = 6


@dataclass
class AssetLine:
    """One asset and how its questions ended.

    Attributes:
        asset: None where the findings name an asset that the inventory no longer has.
        counts: findings by status, those of severity info left out.
        failures: failures without a waiver.
        open_questions: unknowns and errors.
        notes: findings of severity info, however they ended; they count in none of the others.
        failed: some of the checks that `failures` come from; `unseen` likewise for `open_questions`.
        worst: the worst severity among `failures`.
    """

    id: str
    asset: Asset | None
    judged: bool
    counts: Counter[Status] = field(default_factory=Counter)
    waived: int = 0
    failures: int = 0
    open_questions: int = 0
    notes: int = 0
    failed: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    worst: Severity | None = None

    @property
    def findings(self) -> int:
        """How many findings there are."""
        return self.counts.total() + self.notes

    def add(self, finding: Finding) -> None:
        """Counts one finding."""
        if is_note(finding):
            self.notes += 1
            return
        self.counts[finding.status] += 1
        if is_waived(finding):
            self.waived += 1
        elif finding.status in (Status.PASS, Status.NOT_APPLICABLE):
            return
        elif finding.status is Status.FAIL:
            self.failures += 1
            _name(self.failed, finding.check)
            self.worst = min(self.worst or finding.severity, finding.severity, key=lambda each: each.rank)
        else:
            self.open_questions += 1
            _name(self.unseen, finding.check)

    def rest(self) -> list[str]:
        """What is left to say in small print, e.g. `12 passed`; what did not occur is left out."""
        told = {
            "passed": self.counts[Status.PASS],
            "failed under a waiver": self.waived,
            "for information": self.notes,
            "not applicable": self.counts[Status.NOT_APPLICABLE],
        }
        return [f"{count:,} {words}" for words, count in told.items() if count]


def _name(checks: list[str], check: str) -> None:
    if check not in checks and len(checks) < _NAMED_CHECKS:
        checks.append(check)


@dataclass
class WaiverLine:
    """One waiver of the inventory.

    Attributes:
        in_force: whether it is valid on the day of the run.
        covers: failures and unknowns that it is about, whether or not it still holds.
    """

    waiver: Waiver
    in_force: bool
    covers: int = 0


class _Waivers:
    """The inventory's waivers, and what each of them is about."""

    def __init__(self, report: Report) -> None:
        today = report.run.started_at.date()
        waivers = sorted(report.inventory.waivers, key=lambda each: (each.expires, each.check, each.asset))
        self.lines = [WaiverLine(waiver=each, in_force=today <= each.expires) for each in waivers]
        self._by_target: dict[tuple[str, str], list[WaiverLine]] = {}
        for line in self.lines:
            self._by_target.setdefault((line.waiver.check, line.waiver.asset), []).append(line)

    def add(self, finding: Finding) -> None:
        """Counts a failure or unknown under the waivers that are about it."""
        if finding.status not in (Status.FAIL, Status.UNKNOWN):
            return
        for line in self._by_target.get((finding.check, finding.asset), ()):
            line.covers += line.waiver.covers(finding.check, finding.asset, finding.subject)


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the first page says.

    Attributes:
        assets: in the order in which the findings name them, then those that have none, by id.
        checks: number of findings per check and status, those of severity info left out.
        notes: what is for information and not as one might wish, by check.
        unseen_notes: how many questions for information could not be answered.
        noted: number of findings of severity info per check, however they ended.
        packs: how the findings end under each policy pack.
    """

    tally: Tally
    principles: Sequence[PrincipleScore]
    departments: Sequence[DepartmentScore]
    problems: Sequence[Problem]
    unseen: Sequence[Unseen]
    waivers: Sequence[WaiverLine]
    assets: Sequence[AssetLine]
    checks: Counter[tuple[str, Status]]
    notes: Sequence[Problem]
    unseen_notes: int
    noted: Counter[str]
    packs: Sequence[PackScore]


def overview(report: Report) -> Overview:
    """Reads the findings once. Memory grows with assets, checks and waivers, not with findings."""
    principles, departments = PrincipleCounts(), DepartmentCounts(report)
    problems, unseen, waivers = Problems(), UnseenByCause(), _Waivers(report)
    lines, notes, packs = _Lines(report), _Notes(), PackCounts()
    checks: Counter[tuple[str, Status]] = Counter()
    for finding in report.findings:
        for counts in (principles, departments, waivers, lines):
            counts.add(finding)
        if is_note(finding):
            notes.add(finding)
            continue
        packs.add(finding)
        checks[finding.check, finding.status] += 1
        if finding.status is Status.FAIL and not is_waived(finding):
            problems.add(finding)
        elif finding.status in (Status.UNKNOWN, Status.ERROR):
            unseen.add(finding)
    scores = principles.scores()
    return Overview(
        tally=_sum([score.tally for score in scores]),
        principles=scores,
        departments=departments.scores(),
        problems=problems.worst_first(),
        unseen=unseen.most_first(),
        waivers=waivers.lines,
        assets=lines.all(),
        checks=checks,
        notes=notes.open.worst_first(),
        unseen_notes=notes.unseen,
        noted=notes.by_check,
        packs=packs.scores(),
    )


class _Notes:
    """What is for information alone."""

    def __init__(self) -> None:
        self.open = Problems()
        self.unseen = 0
        self.by_check: Counter[str] = Counter()

    def add(self, finding: Finding) -> None:
        """Takes in one finding of severity info."""
        self.by_check[finding.check] += 1
        self.unseen += finding.status in (Status.UNKNOWN, Status.ERROR)
        if finding.status is Status.FAIL and not is_waived(finding):
            self.open.add(finding)


class _Lines:
    """One line per asset."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lines: dict[str, AssetLine] = {}

    def add(self, finding: Finding) -> None:
        """Counts one finding on its asset's line."""
        line = self._lines.get(finding.asset)
        if line is None:
            line = self._line(finding.asset)
        line.add(finding)

    def _line(self, asset_id: str) -> AssetLine:
        asset = self._report.inventory.assets_by_id.get(asset_id)
        judged = asset is None or self._report.is_judged(asset)
        return self._lines.setdefault(asset_id, AssetLine(id=asset_id, asset=asset, judged=judged))

    def all(self) -> list[AssetLine]:
        """Lines with findings in their order, then the assets in scope that have none."""
        for asset in self._report.assets():
            if asset.id not in self._lines:
                self._line(asset.id)
        return list(self._lines.values())


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        passed=sum(each.passed for each in tallies),
        failed=sum(each.failed for each in tallies),
        unknown=sum(each.unknown for each in tallies),
        error=sum(each.error for each in tallies),
        not_applicable=sum(each.not_applicable for each in tallies),
        waived=sum(each.waived for each in tallies),
    )
