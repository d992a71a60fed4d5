"""The dashboard shows how a finding ends under each policy pack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scanner.model.finding import PackVerdict, Status
from scanner.model.unobserved import Cause


def packs(bod: Status, mozilla: Status) -> tuple[PackVerdict, ...]:
    return (
        PackVerdict(pack="bod-18-01", clause="II.1.b.i", status=bod),
        PackVerdict(pack="mozilla-intermediate", clause="hsts_min_age", status=mozilla),
    )


def test_a_failure_has_one_line_its_clauses_and_a_word_on_disagreement(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    failing = replace(finding("https-hsts", "www", Status.FAIL), packs=packs(Status.PASS, Status.FAIL))
    [article] = write_site(make_report([failing])).page("assets/www.html").root.with_class("finding")
    lines, apart = article.with_class("packs")
    [summary] = lines.all("summary")
    assert summary.text == "Other rules: BOD 18-01 met · Mozilla intermediate not met"
    assert [each.text for each in lines.all("li")] == [
        "BOD 18-01: clause II.1.b.i",
        "Mozilla intermediate: clause hsts_min_age",
    ]
    assert apart.text == "They do not all agree with this finding, which follows the default policy."
    assert not list(apart.all("strong"))


def test_a_pass_tells_packs_in_one_line_and_an_unknown_not_at_all(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    alike = replace(finding("https-hsts", "www", Status.PASS), packs=packs(Status.PASS, Status.PASS))
    apart = replace(finding("tls-versions", "www", Status.PASS), packs=packs(Status.PASS, Status.FAIL))
    blind = finding("https-served", "www", Status.UNKNOWN, cause=Cause.TIMEOUT)
    blind = replace(blind, packs=packs(Status.UNKNOWN, Status.UNKNOWN))
    page = write_site(make_report([alike, apart, blind])).page("assets/www.html").root
    assert [each.text for each in page.with_class("packs")] == [
        "Other rules: BOD 18-01 met · Mozilla intermediate met",
        "Other rules: BOD 18-01 met · Mozilla intermediate not met",
        "They do not all agree with this finding, which follows the default policy.",
    ]


def test_a_finding_without_packs_says_nothing_of_them(make_report: Any, finding: Any, write_site: Any) -> None:
    page = write_site(make_report([finding("https-hsts", "www", Status.FAIL)])).page("assets/www.html").root
    assert page.with_class("packs") == []


def test_the_first_page_counts_what_each_pack_says_and_leads_to_what_a_pack_is(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    apart = replace(finding("https-hsts", "www"), packs=packs(Status.PASS, Status.FAIL))
    blind = replace(finding("https-hsts", "permits"), packs=packs(Status.UNKNOWN, Status.PASS))
    site = write_site(make_report([apart, blind]))
    section = site.index.by_id("packs").parent
    assert [row.text for row in section.all("tr")][1:] == [
        "BOD 18-01 1 of 1 0 1",
        "Mozilla intermediate 1 of 2 1 0",
    ]
    assert [each.attributes["href"] for each in section.all("a")] == ["checks.html#packs"]
    assert "A policy pack is a set of rules" in site.page("checks.html").root.text


def test_without_packs_the_first_page_has_no_table_of_them(city: Any, write_site: Any) -> None:
    assert "Under other rules" not in write_site(city).index.text


def test_the_help_on_a_check_names_the_clauses(city: Any, write_site: Any) -> None:
    text = write_site(city).page("checks.html").root.text
    assert "Mozilla intermediate (6.0), clause hsts_min_age: HSTS with a max-age of two years at least." in text
