"""Whatever a peer or an inventory says, a page shows it as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reports.view import CheckInfo, Report
from scanner.model.asset import Department, Website
from scanner.model.finding import Severity, Status, ValidWaiver
from scanner.model.inventory import Municipality, Waiver
from scanner.model.unobserved import Cause

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title></textarea><!--",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\x1b]0;owned\x07\x1b[31m",
    "\u202egnp.exe\u2066",
    "\x00\ud800\ufeff",
    "=cmd|' /C calc'!A0",
    "`<b>` https://evil.example/?a=<b>",
    "../../../../etc/cron.d/x",
    "new\nline\ttab",
    "M" * 1_048_576,
]


def everywhere(report: Report, finding: Any, text: str) -> Report:
    """The text in every field that anybody outside can write."""
    asset = Website(id=text, url=text, http_url=text, department=text, datasets=(text,), note=text)
    common: dict[str, Any] = {"reason": text, "subject": text, "evidence": [(text, text)], "waiver": waiver_of(text)}
    findings = (
        finding("https-hsts", text, fix=text, reason=text, subject="s", evidence=[(text, text)]),
        finding("https-hsts", text, fix=text, **common),
        finding(text, text, Status.UNKNOWN, cause=Cause.DENIED, **common),
        finding("disk-encrypted", text, Status.PASS, **common),
        finding("tls-versions", text, Status.NOT_APPLICABLE, **common),
    )
    waiver = Waiver(check=text, asset=text, subject=text, reason=text, owner=text, expires=waiver_of(text).expires)
    inventory = replace(
        report.inventory,
        municipality=Municipality(name=text, domain=text, contact=text),
        departments=(Department(id=text, name=text),),
        assets=(asset,),
        waivers=(waiver,),
    )
    check = CheckInfo(id=text, title=text, principle="P6", severity=Severity.HIGH, doc=text)
    run = replace(report.run, id=text, tool_version=text, inventory_sha256=text)
    seen = [replace(each, asset=text) for each in report.certificates]
    named = [replace(each, certificate=replace(each.certificate, subject=text, issuer=text)) for each in seen]
    changes: dict[str, Any] = {"inventory": inventory, "findings": findings, "run": run}
    return replace(report, checks={text: check}, certificates=named, **changes)


def waiver_of(text: str) -> ValidWaiver:
    return ValidWaiver(reason=text, owner=text, expires=date(2027, 1, 31))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:16]))
def test_hostile_text_in_every_field_stays_text(text: str, city: Report, finding: Any, write_site: Any) -> None:
    site = write_site(everywhere(city, finding, text))
    pages = site.pages()
    assert set(pages) - {name for name in pages if name.startswith("assets/")} == {
        "index.html",
        "problems.html",
        "renewals.html",
        "checks.html",
    }
    for name, page in pages.items():
        assert page.unclosed == [], name
        assert page.at is page.root, name
        assert not list(page.root.all("script", "img", "b", "textarea")) or name == "index.html", name
        assert not [key for each in page.root.all() for key in each.attributes if key.startswith("on")], name
        assert all(char.isprintable() or char in "\n\t\u00a0" for char in page.source), name
        for link in page.root.all("a"):
            assert link.attributes["href"].split(":")[0] not in ("javascript", "data", "vbscript")
            assert text == HOSTILE[11] or not link.attributes["href"].startswith("http")


def test_a_name_of_a_megabyte_is_cut_with_a_note(city: Report, finding: Any, write_site: Any) -> None:
    site = write_site(everywhere(city, finding, "M" * 1_048_576))
    assert "[cut here: 1,048,576 characters in all]" in site.index.text
    assert all(len(page.source) < 200_000 for page in site.pages().values())


def test_terminal_escapes_are_shown_and_not_obeyed(make_report: Any, finding: Any, write_site: Any) -> None:
    site = write_site(make_report([finding("https-hsts", "www", evidence=[("server", "\x1b[31mred\u202e")])]))
    assert "\\x1b[31mred\\u202e" in site.page("assets/www.html").root.text


def test_a_link_in_what_a_peer_sent_is_no_link(make_report: Any, finding: Any, write_site: Any) -> None:
    url = "https://evil.example/"
    site = write_site(make_report([finding("https-hsts", "www", reason=url, fix=url, evidence=[(url, url)])]))
    assert not [a for a in site.page("assets/www.html").root.all("a") if "evil" in a.attributes["href"]]


def test_assets_whose_names_differ_in_case_or_signs_have_pages_of_their_own(
    make_report: Any, finding: Any, write_site: Any
) -> None:
    names = ["www", "WWW", "w/ww", "w?ww", "..", "con"]
    assets = tuple(Website(id=name, url="https://x.example", http_url=None) for name in names)
    site = write_site(make_report([finding("https-hsts", name) for name in names], assets=assets))
    pages = [name.casefold() for name in site.pages() if name.startswith("assets/")]
    assert len(pages) == len(set(pages)) == len(names)
