"""What a report is made of, and the read-only questions that every format asks of it.

A report holds no findings: it knows where to read them, again and again, in the order of asset, check and subject.
Everything here reads them as a stream and keeps counts, so that memory does not grow with their number.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from reports.counting import Counts, is_note, is_waived
from scanner.model.asset import Asset
from scanner.model.facts.tls import Certificate
from scanner.model.finding import Finding, Severity, Status, Tally
from scanner.model.inventory import Inventory
from scanner.model.principle import PRINCIPLES, Assessment, Principle
from scanner.model.run import Run

NO_DEPARTMENT = "No department"


class FindingsSource(Protocol):
    """The findings of one judgement; each iteration reads them anew, sorted by asset, check and subject."""

    def __iter__(self) -> Iterator[Finding]:
        """All findings, from the first."""


@dataclass(frozen=True, kw_only=True)
class CheckInfo:
    """What a report says about a check.

    Attributes:
        principle: id of the principle that it serves, `P1` to `P10`.
        severity: of a failure.
        doc: the check's docstring: a summary, then sections under underlined headings.
    """

    id: str
    title: str
    principle: str
    severity: Severity
    doc: str


@dataclass(frozen=True, kw_only=True)
class SeenLeaf:
    """A certificate of its own that one asset presents.

    Attributes:
        public: whether a public root store accepts it.
        host: the first name that it is for; empty where it names none.
    """

    asset: str
    certificate: Certificate
    public: bool
    host: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One judged run, ready to be told in any format.

    Attributes:
        judged_kinds: kinds of assets that some check covers.
        checks: by id; a check that a stored run knew and this version does not may be missing.
        tool_version: the version that renders; the version that scanned stands in the run.
        certificates: what servers present, asset by asset; each iteration reads them anew.
    """

    run: Run
    inventory: Inventory
    judged_kinds: frozenset[str]
    findings: FindingsSource
    checks: Mapping[str, CheckInfo]
    tool_version: str
    certificates: Iterable[SeenLeaf] = ()

    def assets(self) -> list[Asset]:
        """The assets in the run's scope, by id."""
        scoped = (asset for asset in self.inventory.assets if self.run.scope.has_asset(asset.id))
        return sorted(scoped, key=lambda asset: asset.id)

    def is_judged(self, asset: Asset) -> bool:
        """Whether any check covers this kind of asset."""
        return asset.kind in self.judged_kinds

    def title(self, check: str) -> str:
        """A check's title; its id where this version no longer has it."""
        info = self.checks.get(check)
        return info.title if info else check

    def covers(self, principle: str) -> bool:
        """Whether this version has a check of a principle, given by its id."""
        return any(info.principle == principle for info in self.checks.values())

    def department_names(self) -> Mapping[str, str]:
        """Department names by id."""
        return {department.id: department.name for department in self.inventory.departments}


@dataclass(frozen=True, kw_only=True)
class PrincipleScore:
    """One principle and how the run judged it."""

    principle: Principle
    tally: Tally

    @property
    def assessed(self) -> bool:
        """Whether anything was judged; where not, the principle is neither met nor unmet."""
        return self.principle.assessment is not Assessment.NOT_YET or self.tally != Tally()


@dataclass(frozen=True, kw_only=True)
class DepartmentScore:
    """One department by name, and how its assets were judged."""

    name: str
    tally: Tally


class PrincipleCounts:
    """Counts per principle. All ten are there, in their order; findings of any other id are not counted."""

    def __init__(self) -> None:
        self._counts = {principle.id: Counts() for principle in PRINCIPLES}

    def add(self, finding: Finding) -> None:
        """Counts one finding under its principle."""
        counts = self._counts.get(finding.principle)
        if counts is not None:
            counts.add(finding)

    def scores(self) -> list[PrincipleScore]:
        """The ten principles with their counts so far."""
        return [PrincipleScore(principle=each, tally=self._counts[each.id].tally()) for each in PRINCIPLES]


class DepartmentCounts:
    """Counts per department: those of the inventory in its order, then assets that have none."""

    def __init__(self, report: Report) -> None:
        self._of_asset = {asset.id: asset.department for asset in report.inventory.assets}
        self._names = report.department_names()
        self._counts: dict[str | None, Counts] = {name: Counts() for name in self._names}

    def add(self, finding: Finding) -> None:
        """Counts one finding under its asset's department."""
        department = self._of_asset.get(finding.asset)
        self._counts.setdefault(department if department in self._names else None, Counts()).add(finding)

    def scores(self) -> list[DepartmentScore]:
        """The departments with their counts so far; `NO_DEPARTMENT` last, and only if it has any finding."""
        named = [(self._names[key], each) for key, each in self._counts.items() if key is not None]
        orphans = [(NO_DEPARTMENT, each) for key, each in self._counts.items() if key is None]
        return [DepartmentScore(name=name, tally=counts.tally()) for name, counts in (*named, *orphans)]


def scores_by_principle(report: Report) -> list[PrincipleScore]:
    """All ten principles with their counts. One pass over the findings."""
    counts = PrincipleCounts()
    for finding in report.findings:
        counts.add(finding)
    return counts.scores()


def worst(report: Report, n: int) -> list[Finding]:
    """The `n` worst failures, worst first.

    Those without a valid waiver come first, then by severity, then by how many assets fail the same check, then by
    asset, check and subject. What is for information is no failure. Two passes over the findings; at most `n` of them
    are held.
    """
    shared = _assets_per_check(report.findings)

    def order(finding: Finding) -> tuple[bool, int, int, str, str, str]:
        """The key by which the worst comes first."""
        return (
            is_waived(finding),
            finding.severity.rank,
            -shared[finding.check],
            finding.asset,
            finding.check,
            finding.subject or "",
        )

    failures = (each for each in report.findings if each.status is Status.FAIL and not is_note(each))
    return heapq.nsmallest(n, failures, key=order)


def _assets_per_check(findings: FindingsSource) -> Mapping[str, int]:
    """How many assets fail each check without a waiver; relies on one asset's findings being together."""
    shared: dict[str, int] = {}
    last: dict[str, str] = {}
    for finding in findings:
        if finding.status is not Status.FAIL:
            continue
        shared.setdefault(finding.check, 0)
        if not is_waived(finding) and last.get(finding.check) != finding.asset:
            shared[finding.check] += 1
            last[finding.check] = finding.asset
    return shared
