"""What a finding says under each pack, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.packs import PackCounts, clauses, disagreement, pack_lines, packs_in_short
from scanner.model.finding import Finding, PackVerdict, Status


def under(finding: Any, status: Status, **packs: Status) -> Finding:
    """A finding with one verdict per pack, `bod_18_01` for bod-18-01."""
    told = (PackVerdict(pack=name.replace("_", "-"), clause="1.2", status=each) for name, each in packs.items())
    made: Finding = replace(finding("https-hsts", "www", status), packs=tuple(told))
    return made


def test_packs_are_told_in_one_line_and_their_clauses_one_by_one(finding: Any) -> None:
    statuses = dict(
        zip(
            ("bod_18_01", "mozilla_intermediate", "ncsc_nl_2025", "gone", "city"),
            (Status.PASS, Status.FAIL, Status.UNKNOWN, Status.ERROR, Status.NOT_APPLICABLE),
            strict=True,
        )
    )
    assert packs_in_short(under(finding, Status.PASS, **statuses)) == (
        "Other rules: BOD 18-01 met · Mozilla intermediate not met · NCSC-NL could not be seen"
        " · gone could not be judged, because civicseal failed"
    )
    assert pack_lines(under(finding, Status.PASS, **statuses)) == [
        "BOD 18-01: clause 1.2",
        "Mozilla intermediate: clause 1.2",
        "NCSC-NL: clause 1.2",
        "gone: clause 1.2",
        "The city’s own policy: 1.2",
    ]


def test_without_an_answer_or_without_packs_nothing_is_said(finding: Any) -> None:
    for status in (Status.UNKNOWN, Status.ERROR, Status.NOT_APPLICABLE):
        assert packs_in_short(under(finding, status, bod_18_01=status)) == ""
    assert packs_in_short(finding("https-hsts", "www")) == ""
    assert packs_in_short(under(finding, Status.PASS, city=Status.PASS)) == "Judged with the city’s own policy"


def test_outcomes_are_counted_by_pack_in_the_order_of_the_packs(finding: Any) -> None:
    counts = PackCounts()
    for statuses in (
        {"gone": Status.PASS, "mozilla_intermediate": Status.FAIL},
        {"bod_18_01": Status.PASS, "mozilla_intermediate": Status.UNKNOWN, "city": Status.PASS},
        {"bod_18_01": Status.NOT_APPLICABLE, "mozilla_intermediate": Status.ERROR},
        {"bod_18_01": Status.PASS, "mozilla_intermediate": Status.PASS},
    ):
        counts.add(under(finding, Status.PASS, **statuses))
    assert [(each.name, each.met, each.answered, each.unseen) for each in counts.scores()] == [
        ("BOD 18-01", 2, 2, 0),
        ("Mozilla intermediate", 1, 2, 2),
        ("gone", 1, 1, 0),
    ]


def test_packs_that_agree_are_told_in_one_line_and_nothing_is_said_of_disagreement(finding: Any) -> None:
    alike = under(finding, Status.PASS, bod_18_01=Status.PASS, ncsc_nl_2025=Status.PASS)
    assert packs_in_short(alike) == "Other rules: BOD 18-01 met · NCSC-NL met"
    assert disagreement(alike) == disagreement(finding("https-hsts", "www")) == ""


def test_disagreement_says_which_policy_the_finding_follows(finding: Any) -> None:
    apart = under(
        finding, Status.PASS, bod_18_01=Status.PASS, mozilla_intermediate=Status.FAIL, ncsc_nl_2025=Status.FAIL
    )
    assert disagreement(apart) == "They do not all agree with this finding, which follows the default policy."
    assert disagreement(under(finding, Status.FAIL, bod_18_01=Status.NOT_APPLICABLE))
    own = under(finding, Status.PASS, bod_18_01=Status.FAIL, city=Status.PASS)
    assert disagreement(own).endswith("which follows the city’s own policy.")


def test_packs_that_agree_with_each_other_but_not_with_the_finding_disagree(finding: Any) -> None:
    assert disagreement(under(finding, Status.FAIL, bod_18_01=Status.PASS))


def test_the_clauses_of_a_check() -> None:
    assert [pack.id for pack, _ in clauses("https-hsts")] == ["bod-18-01", "mozilla-intermediate"]
    assert clauses("disk-encrypted") == []
