"""The overview is gathered in one pass, and leaves nothing out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.overview import overview
from reports.view import Report
from scanner.model.finding import Severity, Status, tally
from scanner.model.run import Scope
from scanner.model.unobserved import Cause


def test_the_findings_are_read_once(city: Report) -> None:
    class Once:
        reads = 0

        def __iter__(self) -> Any:
            self.reads += 1
            return iter(city.findings)

    once = Once()
    overview(replace(city, findings=once))
    assert once.reads == 1


def test_its_total_is_that_of_all_findings(city: Report) -> None:
    assert overview(city).tally == tally(city.findings)


def test_each_asset_has_one_line_also_those_that_nobody_judged(city: Report) -> None:
    lines = {line.id: line for line in overview(city).assets}
    assert set(lines) == {asset.id for asset in city.inventory.assets}
    assert not lines["laptops"].judged
    assert lines["db1"].counts == {Status.PASS: 1, Status.FAIL: 2, Status.NOT_APPLICABLE: 1}
    assert (lines["db1"].failures, lines["db1"].waived, lines["db1"].worst) == (1, 1, Severity.CRITICAL)
    assert lines["old-archive"].unseen == ["https-enforced", "https-served", "tls-versions"]


def test_what_is_for_information_is_no_failure_of_an_asset(make_report: Any, finding: Any) -> None:
    notes = [
        finding("tls-post-quantum", "www"),
        finding("https-hsts", "www", Status.UNKNOWN, cause=Cause.TIMEOUT, severity=Severity.INFO),
    ]
    told = overview(make_report(notes))
    [line] = [line for line in told.assets if line.id == "www"]
    assert (line.failures, line.open_questions, line.notes, line.worst) == (0, 0, 2, None)
    assert (line.findings, line.counts.total()) == (2, 0)
    assert (list(told.problems), list(told.unseen), dict(told.checks)) == ([], [], {})
    assert [each.check for each in told.notes] == ["tls-post-quantum"]
    assert told.unseen_notes == 1
    assert told.noted == {"tls-post-quantum": 1, "https-hsts": 1}


def test_only_a_few_checks_are_named_in_a_line(make_report: Any, finding: Any) -> None:
    report = make_report([finding(f"check-{number}", "www") for number in range(50)])
    [line] = [line for line in overview(report).assets if line.id == "www"]
    assert line.failures == 50
    assert len(line.failed) == 6


def test_waivers_know_what_they_are_about(city: Report) -> None:
    lines = {line.waiver.asset: line for line in overview(city).waivers}
    assert (lines["parks"].in_force, lines["parks"].covers) == (False, 1)
    assert (lines["db1"].in_force, lines["db1"].covers) == (True, 1)
    assert (lines["photos"].in_force, lines["photos"].covers) == (True, 1)


def test_a_waiver_holds_on_its_last_day(city: Report) -> None:
    [waiver] = [each for each in city.inventory.waivers if each.asset == "db1"]
    today = city.run.started_at.date()
    last = replace(city, inventory=replace(city.inventory, waivers=(replace(waiver, expires=today),)))
    assert overview(last).waivers[0].in_force


def test_assets_out_of_scope_are_not_listed(city: Report) -> None:
    scoped = replace(city, findings=(), run=replace(city.run, scope=Scope(only=("www",))))
    assert [line.id for line in overview(scoped).assets] == ["www"]
