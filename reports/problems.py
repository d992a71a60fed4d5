"""What fails, and what could not be seen, gathered so that one repair for many assets is told once.

Everything kept here is bounded: counts are exact, examples are few and short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from reports.text import cut
from scanner.model.finding import Finding, SeenEvidence, Severity
from scanner.model.unobserved import Cause

FIXES_PER_CHECK = 100
EXAMPLES_PER_FIX = 100
EXAMPLES_PER_CHECK = 300
EXAMPLES_PER_CAUSE = 300
_TEXT = 1_000
_VALUE = 300
_EVIDENCE = 6


@dataclass
class Fix:
    """One repair: its sentence, how many assets need it, and some of the failures it ends."""

    text: str
    assets: int = 0
    examples: list[Finding] = field(default_factory=list)
    _last_asset: str | None = None

    def add(self, finding: Finding, keep: bool) -> None:
        """Counts a failure and keeps it as an example while there is room."""
        if finding.asset != self._last_asset:
            self.assets += 1
            self._last_asset = finding.asset
        if keep and len(self.examples) < EXAMPLES_PER_FIX:
            self.examples.append(finding)

    def beyond(self, shown: int) -> int:
        """How many assets need this repair besides those of the first `shown` examples."""
        return self.assets - len({finding.asset for finding in self.examples[:shown]})


@dataclass
class Problem:
    """One check that fails without a waiver somewhere.

    Attributes:
        failures: findings that fail.
        assets: assets that they stand on.
        unlisted: failures whose fix is not in `fixes`, because there are too many different ones.
    """

    check: str
    severity: Severity
    failures: int = 0
    assets: int = 0
    unlisted: int = 0
    _fixes: dict[str, Fix] = field(default_factory=dict)
    _kept: int = 0
    _last_asset: str | None = None

    def add(self, finding: Finding) -> None:
        """Counts one failure under its fix."""
        self.failures += 1
        self.severity = min(self.severity, finding.severity, key=lambda severity: severity.rank)
        if finding.asset != self._last_asset:
            self.assets += 1
            self._last_asset = finding.asset
        fix = self._fix(cut(finding.fix or "", _TEXT))
        if fix is None:
            self.unlisted += 1
            return
        keep = self._kept < EXAMPLES_PER_CHECK
        self._kept += keep
        fix.add(shortened(finding) if keep else finding, keep)

    def _fix(self, text: str) -> Fix | None:
        if text not in self._fixes and len(self._fixes) >= FIXES_PER_CHECK:
            return None
        return self._fixes.setdefault(text, Fix(text=text))

    @property
    def fixes(self) -> list[Fix]:
        """The repairs, those that help most assets first."""
        return sorted(self._fixes.values(), key=lambda fix: (-fix.assets, fix.text))


class Problems:
    """Every failure without a valid waiver, by check."""

    def __init__(self) -> None:
        self._by_check: dict[str, Problem] = {}

    def add(self, finding: Finding) -> None:
        """Takes in one failure."""
        problem = self._by_check.setdefault(finding.check, Problem(check=finding.check, severity=finding.severity))
        problem.add(finding)

    def worst_first(self) -> list[Problem]:
        """By severity, then by how many assets share it, then by check."""
        return sorted(self._by_check.values(), key=lambda each: (each.severity.rank, -each.assets, each.check))


@dataclass
class Gap:
    """One asset and one reason for not seeing, with the number of questions that it left open."""

    asset: str
    detail: str
    questions: int = 0


@dataclass
class Unseen:
    """All questions that one cause left open."""

    cause: Cause
    questions: int = 0
    assets: int = 0
    gaps: list[Gap] = field(default_factory=list)
    _by_detail: dict[tuple[str, str], Gap] = field(default_factory=dict)
    _last_asset: str | None = None

    def add(self, finding: Finding) -> None:
        """Counts one open question."""
        self.questions += 1
        if finding.asset != self._last_asset:
            self.assets += 1
            self._last_asset = finding.asset
        key = (finding.asset, cut(finding.reason, _TEXT))
        if key not in self._by_detail:
            if len(self.gaps) >= EXAMPLES_PER_CAUSE:
                return
            self._by_detail[key] = Gap(asset=key[0], detail=key[1])
            self.gaps.append(self._by_detail[key])
        self._by_detail[key].questions += 1


class UnseenByCause:
    """Every unknown and error, by cause."""

    def __init__(self) -> None:
        self._by_cause: dict[Cause, Unseen] = {}

    def add(self, finding: Finding) -> None:
        """Takes in one unknown or error; one without a cause (no such is made) counts as our own fault."""
        cause = finding.cause or Cause.PROBE_CRASHED
        self._by_cause.setdefault(cause, Unseen(cause=cause)).add(finding)

    def most_first(self) -> list[Unseen]:
        """By the number of open questions."""
        return sorted(self._by_cause.values(), key=lambda each: (-each.questions, each.cause))


def shortened(finding: Finding) -> Finding:
    """The finding with long texts cut, so that keeping it as an example costs little."""
    return replace(
        finding,
        reason=cut(finding.reason, _TEXT),
        evidence=tuple(_short(finding.evidence[:_EVIDENCE])),
    )


def _short(evidence: Iterable[SeenEvidence]) -> Iterable[SeenEvidence]:
    return (replace(item, fact=cut(item.fact, _VALUE), value=cut(item.value, _VALUE)) for item in evidence)
