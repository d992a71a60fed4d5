"""The dashboard shows how a finding ends under each policy pack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scanner.model.finding import PackVerdict, Status


def packs(bod: Status, mozilla: Status) -> tuple[PackVerdict, ...]:
    return (
        PackVerdict(pack="bod-18-01", clause="II.1.b.i", status=bod),
        PackVerdict(pack="mozilla-intermediate", clause="hsts_min_age", status=mozilla),
    )


def test_a_failure_has_a_line_per_pack_and_a_word_on_disagreement(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    failing = replace(finding("https-hsts", "www", Status.FAIL), packs=packs(Status.PASS, Status.FAIL))
    [article] = write_site(make_report([failing])).page("assets/www.html").root.with_class("finding")
    [lines] = article.with_class("packs")
    assert [each.text for each in lines.all("li")] == [
        "BOD 18-01, clause II.1.b.i: met",
        "Mozilla intermediate, clause hsts_min_age: not met",
    ]
    assert "The rules do not agree: met under BOD 18-01; not met under Mozilla intermediate." in article.text


def test_a_pass_tells_packs_that_agree_in_one_line_and_others_one_by_one(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    alike = replace(finding("https-hsts", "www", Status.PASS), packs=packs(Status.PASS, Status.PASS))
    apart = replace(finding("tls-versions", "www", Status.PASS), packs=packs(Status.PASS, Status.FAIL))
    page = write_site(make_report([alike, apart])).page("assets/www.html").root
    assert "Met: BOD 18-01, Mozilla intermediate" in page.text
    [lines] = page.with_class("packs")
    assert "Mozilla intermediate, clause hsts_min_age: not met" in lines.text


def test_a_finding_without_packs_says_nothing_of_them(make_report: Any, finding: Any, write_site: Any) -> None:
    page = write_site(make_report([finding("https-hsts", "www", Status.FAIL)])).page("assets/www.html").root
    assert page.with_class("packs") == []


def test_the_help_on_a_check_names_the_clauses(city: Any, write_site: Any) -> None:
    text = write_site(city).page("checks.html").root.text
    assert "Mozilla intermediate (6.0), clause hsts_min_age: HSTS with a max-age of two years at least." in text
