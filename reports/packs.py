"""What a finding says under each policy pack, in words: met or not, and where the packs do not agree."""

from __future__ import annotations

from scanner.model.finding import Finding, PackVerdict, Status
from scanner.model.packs import BY_ID, CITY, PACKS, Clause, Pack

_WORDS: dict[Status, str] = {
    Status.PASS: "met",
    Status.FAIL: "not met",
    Status.UNKNOWN: "could not be seen",
    Status.ERROR: "could not be judged, because civicseal failed",
    Status.NOT_APPLICABLE: "does not apply",
}


def pack_lines(finding: Finding) -> list[str]:
    """One line per pack, e.g. `BOD 18-01, clause II.1.b.i: not met`."""
    return [f"{_name(each)}, {_clause(each)}: {_WORDS[each.status]}" for each in finding.packs]


def packs_in_short(finding: Finding) -> str:
    """All packs in one line, for where they agree, e.g. `Met: BOD 18-01, NCSC-NL`; empty without any pack."""
    if not finding.packs:
        return ""
    said = _WORDS[finding.packs[0].status]
    return f"{said[:1].upper()}{said[1:]}: {', '.join(map(_name, finding.packs))}"


def disagreement(finding: Finding) -> str:
    """One sentence where the packs do not end alike or not as the finding itself does; empty where all do."""
    by_status: dict[Status, list[str]] = {}
    for each in finding.packs:
        by_status.setdefault(each.status, []).append(_name(each))
    if set(by_status) <= {finding.status}:
        return ""
    told = "; ".join(f"{_WORDS[status]} under {_list(names)}" for status, names in by_status.items())
    followed = "city’s own" if any(each.pack == CITY for each in finding.packs) else "default"
    return f"The rules do not agree: {told}. The finding follows the {followed} policy."


def clauses(check: str) -> list[tuple[Pack, Clause]]:
    """Every pack that has a clause for a check, with the clause."""
    return [(pack, clause) for pack in PACKS if (clause := pack.clause(check)) is not None]


def _name(verdict: PackVerdict) -> str:
    """The name of a pack; the id of one that this version no longer has."""
    if verdict.pack == CITY:
        return "the city’s own policy"
    pack = BY_ID.get(verdict.pack)
    return pack.name if pack else verdict.pack


def _clause(verdict: PackVerdict) -> str:
    return verdict.clause if verdict.pack == CITY else f"clause {verdict.clause}"


def _list(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
