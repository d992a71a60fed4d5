"""Findings read asset by asset, and sorted for the reader of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.counting import is_waived
from reports.plan import FINDINGS_PER_PAGE, Piece
from scanner.model.finding import Finding, Status


@dataclass(frozen=True, kw_only=True)
class Told:
    """A piece with its findings, by how they ended: failures worst first, waived ones after the others."""

    piece: Piece
    failed: Sequence[Finding]
    unseen: Sequence[Finding]
    passed: Sequence[Finding]
    not_applicable: Sequence[Finding]


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
    findings = stream.take(piece.line.id, FINDINGS_PER_PAGE)
    failed = [finding for finding in findings if finding.status is Status.FAIL]
    return Told(
        piece=piece,
        failed=sorted(failed, key=lambda finding: (is_waived(finding), finding.severity.rank)),
        unseen=[finding for finding in findings if finding.status in (Status.UNKNOWN, Status.ERROR)],
        passed=[finding for finding in findings if finding.status is Status.PASS],
        not_applicable=[finding for finding in findings if finding.status is Status.NOT_APPLICABLE],
    )
