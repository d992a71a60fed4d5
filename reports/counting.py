"""Counting findings one by one, so that no report has to hold them all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from scanner.model.finding import Finding, Severity, Status, Tally


@dataclass
class Counts:
    """A tally that grows: the same rules as `scanner.model.finding.tally`, fed finding by finding."""

    _by_status: Counter[Status] = field(default_factory=Counter)
    _waived: int = 0

    def add(self, finding: Finding) -> None:
        """Counts one finding; those of severity info are left out."""
        if is_note(finding):
            return
        self._by_status[finding.status] += 1
        self._waived += is_waived(finding)

    def tally(self) -> Tally:
        """The counts so far."""
        return Tally(
            passed=self._by_status[Status.PASS],
            failed=self._by_status[Status.FAIL],
            unknown=self._by_status[Status.UNKNOWN],
            error=self._by_status[Status.ERROR],
            not_applicable=self._by_status[Status.NOT_APPLICABLE],
            waived=self._waived,
        )


def is_note(finding: Finding) -> bool:
    """Whether this is told for information alone: it counts nowhere, however it ended."""
    return finding.severity is Severity.INFO


def is_waived(finding: Finding) -> bool:
    """Whether this is a failure that a valid waiver covers."""
    return finding.status is Status.FAIL and finding.waiver is not None
