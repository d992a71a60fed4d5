"""The dashboard tells what the run found, in words, with evidence and with what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.view import Report
from scanner.model.finding import Status
from scanner.model.run import Scope
from scanner.model.unobserved import Cause


def test_the_head_names_the_city_and_how_far_the_scan_could_see(site: Any) -> None:
    head = next(site.index.all("header")).text
    assert "City of Riverton" in head
    assert "Complete scan of November 22, 2026, 16:41 to 16:44 UTC." in head
    assert "82 % of 38 questions could be answered" in head


def test_the_scan_is_described_with_its_leave_and_its_inventory(site: Any, city: Report) -> None:
    facts = site.index.by_id("about").parent.text
    assert city.run.inventory_sha256 in facts
    assert (
        "by City Manager, scan-letter.pdf, valid until June 30, 2027, from 22:00 to 05:00, without 10.1.9.0/24" in facts
    )
    assert "civicseal 0.1.0" in facts


def test_each_judged_principle_has_a_range_in_words_and_as_a_bar(site: Any) -> None:
    [_, p5, p6] = site.index.with_class("score")
    assert "20–60 %" in p5.text
    assert "Between 20 % and 60 %, 60 % of the questions could be answered." in p5.text
    [bar] = p6.all("svg")
    widths = {
        each.attributes["class"]: float(each.attributes["width"]) for each in bar.children if "class" in each.attributes
    }
    assert widths["b-fail"] == 1000
    assert 0 < widths["b-pass"] < 1000
    assert "P6: between" in next(bar.all("title")).text


def test_principles_that_are_not_assessed_are_never_shown_as_met(site: Any) -> None:
    rows = {row.text[:3]: row for row in site.index.by_id("principles-caption").parent.all("tr")}
    for name in ("P1:", "P2:", "P4:", "P7:", "P8:", "P9:", "P10"):
        assert "Not assessed yet" in rows[name].text
        assert "%" not in rows[name].text
    assert "Not assessed yet" not in rows["P6:"].text


def test_departments_are_scored_and_assets_without_one_are_kept(site: Any) -> None:
    table = site.index.by_id("departments-caption").parent.text
    assert "City Clerk" in table
    assert "No department" in table


def test_the_worst_problems_come_first_with_evidence_fix_and_assets(site: Any) -> None:
    problems = [each.text for each in site.index.with_class("problem")]
    assert problems[0].startswith("Not met: Every disk is encrypted ✕ Fail Critical 1 asset")
    assert "Move the volume onto LUKS2" in problems[0]
    assert "db1" in problems[0]
    assert "sdb1 → ext4" in problems[0]
    assert "/boot/extra" not in problems[0]


def test_one_fix_for_many_assets_is_told_once(site: Any) -> None:
    [hsts] = [
        each.text for each in site.index.with_class("problem") if each.text.startswith("Not met: Browsers are told")
    ]
    assert hsts.count("Send Strict-Transport-Security") == 1
    for name in ("library", "parks", "permits"):
        assert name in hsts


def test_what_could_not_be_seen_is_grouped_by_cause_with_what_to_do(site: Any) -> None:
    unseen = {each.text.split(" ? ")[0].split(" ! ")[0]: each.text for each in site.index.with_class("unseen")}
    refused = unseen["Nothing there would talk to us"]
    assert "3 questions on 1 asset" in refused
    assert "Check that the asset is running" in refused
    assert "203.0.113.9 port 443 was refused" in refused
    assert "known_hosts" in unseen["The other side's identity is not verified"]
    assert "s3:GetBucketPolicyStatus" in unseen["We were known but not permitted"]
    assert "! Error" in unseen["civicseal itself failed here"]


def test_waivers_are_told_as_in_force_expired_or_not_needed(site: Any) -> None:
    rows = [row.text for row in site.index.by_id("waivers-caption").parent.all("tr")][1:]
    assert "Expired" in rows[0]
    assert "It counts again for 1 finding" in rows[0]
    assert "inventory.yaml:104" in rows[0]
    assert "In force" in rows[1]
    assert "January 31, 2027" in rows[1]


def test_a_waiver_that_nothing_needs_says_so(city: Report, write_site: Any) -> None:
    site = write_site(replace(city, findings=()))
    assert "Not needed" in site.index.by_id("waivers-caption").parent.text


def test_every_asset_is_listed_and_those_no_check_covers_are_not_judged_yet(site: Any, city: Report) -> None:
    rows = {next(row.all("th")).text: row.text for row in site.index.by_id("assets-caption").parent.all("tr")}
    assert {asset.id for asset in city.inventory.assets} <= set(rows)
    for name in ("laptops", "tape", "chat", "mail", "mx1", "aws-main"):
        assert "Not judged yet" in rows[name]
    assert "1 failed Critical disk-encrypted" in rows["db1"]
    assert "3 unknown" in rows["old-archive"]
    assert "No failure, nothing unknown" in rows["www"]


def test_an_asset_page_tells_every_finding(site: Any, city: Report) -> None:
    for asset in city.inventory.assets:
        page = site.page(f"assets/{asset.id}.html")
        for finding in (each for each in city.findings if each.asset == asset.id):
            at = page.root.by_id(f"finding-{finding.id}")
            told = (at.parent.parent if at.tag == "li" else at).text
            assert finding.reason.replace("`", "") in told.replace("`", "")
            assert all(item.value in told and "2026-11-22 16:41:42 UTC" in told for item in finding.evidence)
            assert finding.fix is None or finding.fix.replace("`", "") in told


def test_questions_that_one_obstacle_leaves_open_stand_in_one_card_each_with_its_own_anchor(
    site: Any, city: Report
) -> None:
    page = site.page("assets/old-archive.html").root
    [card] = page.with_class("finding")
    assert card.text.count("Connecting to 203.0.113.9 port 443 was refused.") == 1
    assert "Could not be seen (3)" in page.text
    open_questions = [each for each in city.findings if each.asset == "old-archive"]
    assert [each.attributes["id"] for each in card.all("li")] == [
        f"finding-{each.id}" for each in sorted(open_questions, key=lambda each: each.severity.rank)
    ]


def test_obstacles_that_differ_and_waivers_have_cards_of_their_own(
    make_report: Any, finding: Any, write_site: Any, city: Report
) -> None:
    waiver = next(each.waiver for each in city.findings if each.waiver)
    blind = [
        finding("https-hsts", "www", Status.UNKNOWN, cause=Cause.TIMEOUT, reason="Silence."),
        finding("https-enforced", "www", Status.UNKNOWN, cause=Cause.DNS, reason="Silence."),
        finding("tls-versions", "www", Status.UNKNOWN, cause=Cause.TIMEOUT, reason="Noise."),
        finding("https-served", "www", Status.UNKNOWN, cause=Cause.TIMEOUT, reason="Silence.", waiver=waiver),
    ]
    page = write_site(make_report(blind)).page("assets/www.html").root
    assert len(page.with_class("finding")) == 4
    assert page.text.count("Waived until") == 1


def test_what_is_for_information_has_a_section_of_its_own_and_counts_nowhere(site: Any) -> None:
    page = site.page("assets/www.html").root
    assert "For information (1)" in page.text
    assert "Fails" not in page.text
    assert "Not met" not in page.text
    assert page.with_class("fail") == []
    [sign] = page.with_class("info")
    assert sign.text == "○ Not in place"
    problems = site.page("problems.html").root
    failing, notes = (problems.by_id(name).parent.text for name in ("failures", "information"))
    assert "hybrid" not in failing
    assert "A hybrid post-quantum group is offered ○ Not in place For information 1 asset" in notes
    assert "All failures by check (9)" not in site.index.text
    row = next(row for row in site.page("checks.html").root.all("tr") if "hybrid" in row.text)
    assert row.text.endswith("0 0 0 0 1")


def test_questions_for_information_that_have_no_answer_are_no_gaps(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    blind = finding("tls-post-quantum", "www", Status.UNKNOWN, cause=Cause.TIMEOUT, reason="Silence.")
    site = write_site(make_report([blind, finding("https-hsts", "www", Status.PASS)]))
    assert "Nothing to mend." in site.index.text
    assert "Every question of this scan was answered." in site.index.text
    assert "? Not seen" in site.page("assets/www.html").root.text
    assert "1 more question of this kind could not be answered" in site.page("problems.html").root.text


def test_findings_that_differ_in_their_address_alone_are_told_once(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    alike = [finding("https-hsts", f"s{n}", reason=f"The server at 192.0.2.{n}:443 is silent.") for n in range(3)]
    page = write_site(make_report(alike)).page("problems.html").root
    [where] = page.with_class("where")
    assert [each.text for each in where.all("li")] == ["s0, s1, s2: The server at its address is silent."]


def test_parts_that_are_named_for_machines_are_named_for_people(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    hole = finding("tls-vulnerabilities", "www", subject="ccs")
    assert "Not met: tls-vulnerabilities: early ChangeCipherSpec" in (
        write_site(make_report([hole])).page("assets/www.html").root.text
    )


def test_an_asset_page_tells_place_note_data_and_waivers(site: Any) -> None:
    told = site.page("assets/db1.html").root.text
    for words in (
        "inventory.yaml:58",
        "To be replaced in spring.",
        "Municipal ID applications (vulnerable)",
        "10.1.2.3",
    ):
        assert words in told
    assert "Fails (2, of which 1 waived)" in told
    assert "Waived until January 31, 2027 by IT security: The machine is switched off in spring." in told
    assert "scanner" not in told


def test_help_on_each_check_comes_from_its_docstring(site: Any) -> None:
    page = site.page("checks.html").root
    section = page.by_id("check-https-hsts").parent.text
    for heading in ("What it checks", "Why it matters", "How to fix", "What it cannot see", "References"):
        assert heading in section
    assert "https://www.cisa.gov/news-events/directives/bod-18-01" in [
        each.attributes["href"] for each in page.all("a")
    ]
    assert "Strict-Transport-Security: max-age=31536000; includeSubDomains" in section


def test_a_scan_that_was_interrupted_says_so_first(city: Report, write_site: Any) -> None:
    run = replace(city.run, complete=False, finished_at=None)
    main = next(write_site(replace(city, run=run)).index.all("main")).text
    assert main.startswith("This scan is not complete.")
    assert "civicseal scan --resume" in main


def test_a_scan_of_a_part_says_which(city: Report, write_site: Any) -> None:
    run = replace(city.run, scope=Scope(only=("www*",), check=("https-*",)))
    main = next(write_site(replace(city, run=run)).index.all("main")).text
    assert "part of the inventory" in main
    assert "www*" in main
    assert "https-*" in main


def test_a_partly_judged_principle_without_any_check_says_so(city: Report, write_site: Any) -> None:
    """Storage retention is the only check of principle 3."""
    without = {name: info for name, info in city.checks.items() if info.principle != "P3"}
    for checks, times in ((without, 2), (city.checks, 0)):
        text = write_site(replace(city, checks=checks)).index.text
        assert text.count("Partly judged by machine; this version has no check of it yet.") == times
        assert ("Only part of this principle is judged by machine." in text) is (times == 0)


def test_an_empty_city_is_told_without_a_score(make_report: Any, write_site: Any) -> None:
    site = write_site(make_report([], assets=()))
    text = site.index.text
    assert "No question applied" in text
    assert "Nothing to mend" not in text
    assert "100 %" not in text.replace("0 % 100 %", "")


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.ERROR])
def test_a_city_that_could_not_be_seen_is_not_praised(
    status: Status, make_report: Any, finding: Any, write_site: Any
) -> None:
    cause = Cause.TIMEOUT if status is Status.UNKNOWN else Cause.PROBE_CRASHED
    text = write_site(make_report([finding("https-hsts", "www", status, cause=cause)])).index.text
    assert "Nothing to mend" not in text
    assert "No failure was seen. That is no proof of safety" in text


def test_a_flawless_city_is_told_that_nothing_is_to_mend(make_report: Any, finding: Any, write_site: Any) -> None:
    text = write_site(make_report([finding("https-hsts", "www", Status.PASS)])).index.text
    assert "Nothing to mend." in text
    assert "Every question of this scan was answered." in text


def test_findings_of_a_gone_check_or_asset_are_still_told(make_report: Any, finding: Any, write_site: Any) -> None:
    site = write_site(make_report([finding("gone-check", "gone-asset")]))
    assert "gone-check" in site.page("assets/gone-asset.html").root.text
    assert "No longer in the inventory" in site.index.text
