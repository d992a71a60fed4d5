"""What every format asks of a report."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.counting import Counts
from reports.overview import overview
from reports.view import NO_DEPARTMENT, Report, scores_by_principle, worst
from scanner.model.asset import Department
from scanner.model.finding import Finding, Severity, Status, Tally, ValidWaiver, tally
from scanner.model.principle import Assessment
from scanner.model.run import Scope


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(Status), st.sampled_from(Severity), st.booleans())))
def test_counting_one_by_one_agrees_with_the_model(parts: list[tuple[Status, Severity, bool]]) -> None:
    def made(status: Status, severity: Severity, waived: bool) -> Finding:
        waiver = ValidWaiver(reason="r", owner="o", expires=date(2027, 1, 1)) if waived else None
        return Finding(
            check="c",
            asset="a",
            subject=None,
            principle="P6",
            severity=severity,
            status=status,
            reason="",
            waiver=waiver,
        )

    findings = [made(*part) for part in parts]
    counts = Counts()
    for finding in findings:
        counts.add(finding)
    assert counts.tally() == tally(findings)


def test_a_principle_that_nobody_assesses_is_never_met(city: Report) -> None:
    scores = {score.principle.id: score for score in scores_by_principle(city)}
    assert len(scores) == 10
    unassessed = {name for name, score in scores.items() if not score.assessed}
    assert unassessed == {"P1", "P2", "P4", "P7", "P8", "P9", "P10"}
    assert all(scores[name].principle.assessment is Assessment.NOT_YET for name in unassessed)
    assert scores["P3"].assessed
    assert scores["P3"].tally.score_high is None


def test_the_principles_add_up_to_all_findings(city: Report) -> None:
    total = tally(city.findings)
    assert sum(score.tally.asked for score in scores_by_principle(city)) == total.asked
    assert sum(score.tally.asked for score in overview(city).departments) == total.asked


def test_assets_without_a_department_stand_under_none(city: Report) -> None:
    scores = overview(city).departments
    assert [score.name for score in scores] == ["City Clerk", "Information Technology", "Public Library", NO_DEPARTMENT]
    assert scores[-1].tally == Tally(passed=4, failed=1, unknown=3, not_applicable=1)


def test_a_department_without_findings_is_listed_with_none(city: Report) -> None:
    more = replace(city, inventory=replace(city.inventory, departments=(Department(id="x", name="Empty"),)))
    assert overview(more).departments[0].tally == Tally()


def test_the_worst_come_by_severity_then_by_how_many_assets_share_them(city: Report) -> None:
    found = [(each.check, each.asset) for each in worst(city, 5)]
    assert found == [
        ("disk-encrypted", "db1"),
        ("storage-private", "photos"),
        ("vendor-contract", "acme-permits"),
        ("certificate-trusted", "library"),
        ("https-enforced", "permits"),
    ]


def test_a_problem_that_many_share_comes_before_a_single_one(make_report: Any, finding: Any) -> None:
    one = finding("tls-versions", "a")
    many = [finding("https-enforced", name) for name in "bcd"]
    assert [each.asset for each in worst(make_report([one, *many]), 4)] == ["b", "c", "d", "a"]


def test_waived_failures_come_last_and_only_failures_come(city: Report) -> None:
    found = worst(city, 1000)
    assert {each.status for each in found} == {Status.FAIL}
    assert found[-1].subject == "/boot/extra"
    assert worst(city, 0) == []


def test_what_is_for_information_is_never_among_the_worst(make_report: Any, finding: Any) -> None:
    assert worst(make_report([finding("tls-post-quantum", "www")]), 5) == []


def test_the_worst_do_not_hang_on_the_order_of_equals(make_report: Any, finding: Any) -> None:
    findings = [finding("tls-versions", f"s{number}") for number in range(50)]
    expected = worst(make_report(findings), 10)
    random.Random(1).shuffle(findings)
    assert worst(make_report(findings), 10) == expected


def test_only_a_few_findings_are_held_at_a_time(make_report: Any, finding: Any) -> None:
    class Endless:
        """Gives each finding a reason of 100 kB: 200 MB, were they all kept."""

        def __iter__(self) -> Iterator[Finding]:
            return (finding("tls-versions", f"s{number:04}", reason="r" * 100_000) for number in range(2_000))

    report = replace(make_report([]), findings=Endless())
    tracemalloc.start()
    worst(report, 5)
    scores_by_principle(report)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_assets_out_of_scope_are_left_out(city: Report) -> None:
    scoped = replace(city, run=replace(city.run, scope=Scope(only=("w*", "db1"))))
    assert [asset.id for asset in scoped.assets()] == ["db1", "www"]


def test_a_check_that_is_gone_is_told_by_its_id(city: Report) -> None:
    assert city.title("https-hsts") == "Browsers are told to stay on HTTPS"
    assert city.title("gone-check") == "gone-check"
