"""One repair for many assets is told once; counts are exact and examples few."""

from __future__ import annotations

from typing import Any

from reports.problems import (
    EXAMPLES_PER_CAUSE,
    EXAMPLES_PER_CHECK,
    EXAMPLES_PER_FIX,
    FIXES_PER_CHECK,
    Problems,
    UnseenByCause,
    shortened,
)
from scanner.model.finding import Severity, Status
from scanner.model.unobserved import Cause


def test_problems_come_by_severity_then_by_assets_then_by_check(finding: Any) -> None:
    problems = Problems()
    for name in "abc":
        problems.add(finding("https-hsts", name))
        problems.add(finding("https-enforced", name))
    problems.add(finding("tls-versions", "a"))
    problems.add(finding("certificate-trusted", "a"))
    problems.add(finding("disk-encrypted", "a"))
    assert [problem.check for problem in problems.worst_first()] == [
        "disk-encrypted",
        "https-enforced",
        "certificate-trusted",
        "tls-versions",
        "https-hsts",
    ]


def test_several_findings_on_one_asset_are_one_asset(finding: Any) -> None:
    problems = Problems()
    for subject in ("/a", "/b"):
        problems.add(finding("disk-encrypted", "db1", subject=subject))
    [problem] = problems.worst_first()
    assert (problem.failures, problem.assets) == (2, 1)
    assert problem.fixes[0].assets == 1


def test_the_fix_that_helps_most_comes_first(finding: Any) -> None:
    problems = Problems()
    for name, fix in (("a", "One."), ("b", "Two."), ("c", "Two.")):
        problems.add(finding("https-hsts", name, fix=fix))
    [problem] = problems.worst_first()
    assert [(fix.text, fix.assets) for fix in problem.fixes] == [("Two.", 2), ("One.", 1)]


def test_a_problem_is_as_severe_as_its_worst_finding(finding: Any) -> None:
    problems = Problems()
    for severity in (Severity.LOW, Severity.CRITICAL, Severity.HIGH):
        problems.add(finding("https-hsts", "a", severity=severity))
    assert problems.worst_first()[0].severity is Severity.CRITICAL


def test_what_is_kept_is_bounded_and_what_is_counted_is_exact(finding: Any) -> None:
    problems = Problems()
    for number in range(1000):
        problems.add(finding("https-hsts", f"site-{number:04}", fix="Same."))
        problems.add(finding("tls-versions", f"site-{number:04}", fix=f"Fix {number}."))
    same, single = sorted(problems.worst_first(), key=lambda problem: problem.check)
    assert same.assets == same.fixes[0].assets == 1000
    assert len(same.fixes[0].examples) == EXAMPLES_PER_FIX
    assert same.fixes[0].beyond(4) == 996
    assert len(single.fixes) == FIXES_PER_CHECK
    assert single.unlisted == 1000 - FIXES_PER_CHECK
    assert sum(len(fix.examples) for fix in single.fixes) <= EXAMPLES_PER_CHECK


def test_unseen_questions_are_counted_per_cause_and_told_per_asset(finding: Any) -> None:
    unseen = UnseenByCause()
    for name in ("a", "b"):
        for check in ("https-hsts", "https-enforced"):
            unseen.add(finding(check, name, Status.UNKNOWN, cause=Cause.TIMEOUT, reason="Silence."))
    unseen.add(finding("disk-encrypted", "c", Status.UNKNOWN, cause=Cause.DENIED))
    timeout, denied = unseen.most_first()
    assert (timeout.cause, timeout.questions, timeout.assets) == (Cause.TIMEOUT, 4, 2)
    assert [(gap.asset, gap.detail, gap.questions) for gap in timeout.gaps] == [
        ("a", "Silence.", 2),
        ("b", "Silence.", 2),
    ]
    assert (denied.cause, denied.questions) == (Cause.DENIED, 1)


def test_the_gaps_that_are_kept_are_bounded(finding: Any) -> None:
    unseen = UnseenByCause()
    for number in range(1000):
        unseen.add(finding("https-hsts", f"s{number}", Status.UNKNOWN, cause=Cause.TIMEOUT))
    [group] = unseen.most_first()
    assert (group.questions, group.assets, len(group.gaps)) == (1000, 1000, EXAMPLES_PER_CAUSE)


def test_an_unknown_without_a_cause_is_our_own_fault(finding: Any) -> None:
    unseen = UnseenByCause()
    unseen.add(finding("https-hsts", "a", Status.ERROR))
    assert unseen.most_first()[0].cause is Cause.PROBE_CRASHED


def test_an_example_costs_little(finding: Any) -> None:
    long = finding("https-hsts", "a", reason="r" * 1_000_000, evidence=[("f" * 9999, "v" * 1_000_000)] * 1000)
    short = shortened(long)
    assert len(short.reason) + sum(len(item.fact) + len(item.value) for item in short.evidence) < 10_000
