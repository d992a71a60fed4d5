"""What a finding says under each policy pack, in words: met or not, and where the packs do not agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scanner.model.finding import Finding, PackVerdict, Status
from scanner.model.packs import BY_ID, CITY, PACKS, Clause, Pack

_WORDS: dict[Status, str] = {
    Status.PASS: "met",
    Status.FAIL: "not met",
    Status.UNKNOWN: "could not be seen",
    Status.ERROR: "could not be judged, because civicseal failed",
    Status.NOT_APPLICABLE: "does not apply",
}


@dataclass(frozen=True, kw_only=True)
class PackScore:
    """How the findings of a run end under one pack; those to which it does not apply are left out."""

    name: str
    met: int
    not_met: int
    unseen: int

    @property
    def answered(self) -> int:
        """Questions that could be answered."""
        return self.met + self.not_met


class PackCounts:
    """Counts the outcomes of every pack, finding by finding."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Status]] = {}

    def add(self, finding: Finding) -> None:
        """Counts one finding under each pack that judges it; the city's own policy is no pack."""
        for verdict in finding.packs:
            if verdict.pack != CITY:
                self._counts.setdefault(verdict.pack, Counter())[verdict.status] += 1

    def scores(self) -> list[PackScore]:
        """The packs that judged anything, in their order; those that this version no longer has come last."""
        known = [pack.id for pack in PACKS if pack.id in self._counts]
        gone = sorted(set(self._counts) - set(known))
        return [_score(pack, self._counts[pack]) for pack in (*known, *gone)]


def _score(pack: str, counts: Counter[Status]) -> PackScore:
    return PackScore(
        name=_pack_name(pack),
        met=counts[Status.PASS],
        not_met=counts[Status.FAIL],
        unseen=counts[Status.UNKNOWN] + counts[Status.ERROR],
    )


def pack_lines(finding: Finding) -> list[str]:
    """One line per pack that says which clause it is, e.g. `BOD 18-01: clause II.1.b.i`."""
    return [f"{_name(each)}: {_clause(each)}" for each in finding.packs]


def packs_in_short(finding: Finding) -> str:
    """All packs in one line, e.g. `Other rules: BOD 18-01 met · Mozilla intermediate not met`.

    Empty where no pack judges the check, and where the question has no answer: no pack has one either.
    """
    others = _others(finding)
    if not finding.packs or finding.status not in (Status.PASS, Status.FAIL):
        return ""
    if not others:
        return "Judged with the city’s own policy"
    return f"Other rules: {' · '.join(f'{_name(each)} {_WORDS[each.status]}' for each in others)}"


def disagreement(finding: Finding) -> str:
    """One sentence where some pack does not end as the finding itself does; empty where all do."""
    if {each.status for each in _others(finding)} <= {finding.status}:
        return ""
    followed = "city’s own" if any(each.pack == CITY for each in finding.packs) else "default"
    return f"They do not all agree with this finding, which follows the {followed} policy."


def clauses(check: str) -> list[tuple[Pack, Clause]]:
    """Every pack that has a clause for a check, with the clause."""
    return [(pack, clause) for pack in PACKS if (clause := pack.clause(check)) is not None]


def _others(finding: Finding) -> Sequence[PackVerdict]:
    """What the packs say, without the city's own policy, which the finding itself follows."""
    return [each for each in finding.packs if each.pack != CITY]


def _name(verdict: PackVerdict) -> str:
    return "The city’s own policy" if verdict.pack == CITY else _pack_name(verdict.pack)


def _pack_name(pack: str) -> str:
    """The name of a pack; the id of one that this version no longer has."""
    known = BY_ID.get(pack)
    return known.name if known else pack


def _clause(verdict: PackVerdict) -> str:
    return verdict.clause if verdict.pack == CITY else f"clause {verdict.clause}"
