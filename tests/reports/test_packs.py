"""What a finding says under each pack, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.packs import clauses, disagreement, pack_lines, packs_in_short
from scanner.model.finding import Finding, PackVerdict, Status


def under(finding: Any, status: Status, **packs: Status) -> Finding:
    """A finding with one verdict per pack, `bod_18_01` for bod-18-01."""
    told = (PackVerdict(pack=name.replace("_", "-"), clause="1.2", status=each) for name, each in packs.items())
    made: Finding = replace(finding("https-hsts", "www", status), packs=tuple(told))
    return made


def test_one_line_per_pack_says_clause_and_outcome_in_words(finding: Any) -> None:
    statuses = dict(
        zip(
            ("bod_18_01", "mozilla_intermediate", "ncsc_nl_2025", "gone", "city"),
            (Status.PASS, Status.FAIL, Status.UNKNOWN, Status.ERROR, Status.NOT_APPLICABLE),
            strict=True,
        )
    )
    assert pack_lines(under(finding, Status.PASS, **statuses)) == [
        "BOD 18-01, clause 1.2: met",
        "Mozilla intermediate, clause 1.2: not met",
        "NCSC-NL, clause 1.2: could not be seen",
        "gone, clause 1.2: could not be judged, because civicseal failed",
        "the city’s own policy, 1.2: does not apply",
    ]


def test_packs_that_agree_are_told_in_one_line_and_nothing_is_said_of_disagreement(finding: Any) -> None:
    alike = under(finding, Status.PASS, bod_18_01=Status.PASS, ncsc_nl_2025=Status.PASS)
    assert packs_in_short(alike) == "Met: BOD 18-01, NCSC-NL"
    assert disagreement(alike) == ""
    assert packs_in_short(finding("https-hsts", "www")) == disagreement(finding("https-hsts", "www")) == ""


def test_disagreement_names_who_says_what_and_which_policy_the_finding_follows(finding: Any) -> None:
    apart = under(
        finding, Status.PASS, bod_18_01=Status.PASS, mozilla_intermediate=Status.FAIL, ncsc_nl_2025=Status.FAIL
    )
    assert disagreement(apart) == (
        "The rules do not agree: met under BOD 18-01; not met under Mozilla intermediate and NCSC-NL. The finding"
        " follows the default policy."
    )
    assert "does not apply under BOD 18-01" in disagreement(
        under(finding, Status.FAIL, bod_18_01=Status.NOT_APPLICABLE)
    )
    own = under(finding, Status.PASS, bod_18_01=Status.FAIL, city=Status.PASS)
    assert disagreement(own).endswith("The finding follows the city’s own policy.")


def test_packs_that_agree_with_each_other_but_not_with_the_finding_disagree(finding: Any) -> None:
    assert disagreement(under(finding, Status.FAIL, bod_18_01=Status.PASS))


def test_the_clauses_of_a_check() -> None:
    assert [pack.id for pack, _ in clauses("https-hsts")] == ["bod-18-01", "mozilla-intermediate"]
    assert clauses("disk-encrypted") == []
