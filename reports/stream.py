"""Findings read asset by asset, and sorted for the reader of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.counting import is_note, is_waived
from reports.plan import FINDINGS_PER_PAGE, Piece
from scanner.model.finding import Finding, Status, ValidWaiver
from scanner.model.unobserved import Cause


@dataclass(frozen=True, kw_only=True)
class Blank:
    """One reason for not seeing, and the questions about an asset that it leaves open.

    Attributes:
        reason: what stood in the way, as the findings tell it.
        waiver: the one that covers them all, if any.
        status: unknown, or error where it is our own fault.
    """

    cause: Cause | None
    reason: str
    waiver: ValidWaiver | None
    status: Status
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A piece with its findings, by how they ended: failures worst first, waived ones after the others.

    Those for information alone stand under `notes`, however they ended.
    """

    piece: Piece
    failed: Sequence[Finding]
    unseen: Sequence[Blank]
    passed: Sequence[Finding]
    not_applicable: Sequence[Finding]
    notes: Sequence[Finding]


class FindingStream:
    """Reads findings in their order, a piece at a time."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._rest = iter(findings)
        self._next = next(self._rest, None)

    def take(self, asset: str, most: int) -> list[Finding]:
        """The next findings, as long as they are about `asset`, at most `most`."""
        taken: list[Finding] = []
        while self._next is not None and self._next.asset == asset and len(taken) < most:
            taken.append(self._next)
            self._next = next(self._rest, None)
        return taken

    def expect_end(self) -> None:
        """Makes sure that nothing was left out.

        Raises:
            RuntimeError: if findings are left: they came in another order than before.
        """
        if self._next is not None:
            raise RuntimeError("the findings changed while the report was written; write it again")


def told(piece: Piece, stream: FindingStream) -> Told:
    """Reads what a piece tells."""
    taken = stream.take(piece.line.id, FINDINGS_PER_PAGE)
    findings = [finding for finding in taken if not is_note(finding)]
    failed = [finding for finding in findings if finding.status is Status.FAIL]
    return Told(
        piece=piece,
        failed=sorted(failed, key=lambda finding: (is_waived(finding), finding.severity.rank)),
        unseen=_blanks(finding for finding in findings if finding.status in (Status.UNKNOWN, Status.ERROR)),
        passed=[finding for finding in findings if finding.status is Status.PASS],
        not_applicable=[finding for finding in findings if finding.status is Status.NOT_APPLICABLE],
        notes=[finding for finding in taken if is_note(finding)],
    )


def _blanks(findings: Iterable[Finding]) -> list[Blank]:
    """By what stood in the way, the one that leaves most questions open first."""
    groups: dict[tuple[Cause | None, str, ValidWaiver | None, Status], list[Finding]] = {}
    for finding in findings:
        key = (finding.cause, finding.reason, finding.waiver, finding.status)
        groups.setdefault(key, []).append(finding)
    blanks = [
        Blank(
            cause=cause,
            reason=reason,
            waiver=waiver,
            status=status,
            findings=sorted(found, key=lambda finding: finding.severity.rank),
        )
        for (cause, reason, waiver, status), found in groups.items()
    ]
    return sorted(blanks, key=lambda blank: -len(blank.findings))
