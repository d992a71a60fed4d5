"""One verdict for an asset that was asked in several places: the worst place decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from scanner.model.finding import Evidence, Failed, NotApplicable, Passed, Undecided, Verdict

_WORST_FIRST: tuple[type[Verdict], ...] = (Failed, Undecided, Passed, NotApplicable)


def worst(verdicts: Sequence[Verdict], *, otherwise: Verdict) -> Verdict:
    """The worst verdict: a failure that was seen beats what was not seen, which beats a pass.

    Of equally bad ones the first counts. The evidence of all comes along, the worst first, so that a reader sees every
    place that was asked. Without any verdict it is `otherwise`.
    """
    ranked = sorted(verdicts, key=lambda verdict: _WORST_FIRST.index(type(verdict)))
    return replace(ranked[0], evidence=_evidence(ranked)) if ranked else otherwise


def _evidence(verdicts: Sequence[Verdict]) -> tuple[Evidence, ...]:
    return tuple(chain.from_iterable(verdict.evidence for verdict in verdicts))
