"""mixed-content."""

from __future__ import annotations

import pytest

from checks.mixed_content import mixed_content
from scanner.model.asset import Website
from scanner.model.facts.http import Answered, ChainEnd, Hop, HttpFacts, HttpsEndpoint, PlainEndpoint, Refused
from scanner.model.facts.page import Page, PlainLoad
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

SITE = Website(id="www", url="https://www.city.example/", http_url="http://www.city.example/")
GAP = Unobserved(cause=Cause.UNSUPPORTED, detail="The page is larger than 1 MB.")
WALL = Unobserved(cause=Cause.BLOCKED, detail="https://www.city.example/ answered 403 to the scanner.")
CLEAN = Page(url=SITE.url, html=True)
SCRIPT = PlainLoad(element="script", url="http://cdn.example/x.js")
MIXED = Page(url=SITE.url, html=True, loads=(SCRIPT,), found=1)


def judge(*https: HttpsEndpoint, plain: tuple[PlainEndpoint, ...] = ()) -> Verdict:
    verdict = mixed_content.judge(SITE, HttpFacts(url=SITE.url, http_url=SITE.http_url, https=https, plain=plain))
    assert isinstance(verdict, Verdict)
    return verdict


def answered(page: Page | Unobserved | None, *, address: str = "192.0.2.1", **more: object) -> Answered:
    return Answered(address=address, first=Hop(url=SITE.url, status=200), page=page, **more)  # type: ignore[arg-type]


def test_is_medium() -> None:
    assert mixed_content.severity is Severity.MEDIUM


def test_a_clean_page_passes() -> None:
    assert isinstance(judge(answered(CLEAN)), Passed)


def test_a_part_over_plain_http_fails_and_is_named() -> None:
    verdict = judge(answered(MIXED))
    assert isinstance(verdict, Failed)
    assert "1 part over plain HTTP (script)" in verdict.reason
    assert verdict.evidence[0].value == SCRIPT.url


def test_an_upgraded_page_passes_and_says_so() -> None:
    verdict = judge(answered(Page(url=SITE.url, html=True, loads=(SCRIPT,), found=3, upgraded=True)))
    assert isinstance(verdict, Passed)
    assert "3 parts" in verdict.evidence[0].value
    assert SCRIPT.url in [item.value for item in verdict.evidence]


def test_a_page_that_was_cut_fails_for_what_was_seen_and_is_unknown_otherwise() -> None:
    assert isinstance(judge(answered(Page(url=SITE.url, html=True, loads=(SCRIPT,), found=1, rest=GAP))), Failed)
    verdict = judge(answered(Page(url=SITE.url, html=True, rest=GAP)))
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == GAP


def test_what_is_no_html_is_not_applicable() -> None:
    assert isinstance(judge(answered(Page(url=SITE.url, html=False))), NotApplicable)
    assert isinstance(judge(answered(None)), NotApplicable)
    assert isinstance(judge(answered(Page(url=SITE.url, html=False, rest=GAP))), Undecided)


@pytest.mark.parametrize("end", [ChainEnd.ELSEWHERE, ChainEnd.LOOP, ChainEnd.TOO_LONG])
def test_a_chain_that_ends_in_no_page_is_not_applicable(end: ChainEnd) -> None:
    assert isinstance(judge(answered(None, end=end)), NotApplicable)


def test_what_could_not_be_seen_is_unknown() -> None:
    wall = Answered(address="192.0.2.1", first=Hop(url=SITE.url, status=403, wall=WALL), page=CLEAN)
    down = Refused(address="192.0.2.2", gap=GAP)
    for endpoint in (answered(GAP), answered(None, end=ChainEnd.GAP, gap=GAP), wall, down):
        assert isinstance(judge(endpoint), Undecided)
        assert isinstance(judge(endpoint, answered(CLEAN, address="192.0.2.3")), Undecided)
        assert isinstance(judge(endpoint, answered(MIXED, address="192.0.2.3")), Failed)


def test_a_site_without_tls_is_not_applicable() -> None:
    plain = Answered(address="192.0.2.1", first=Hop(url="http://www.city.example/", status=200))
    assert isinstance(judge(Refused(address="192.0.2.1", gap=GAP), plain=(plain,)), NotApplicable)
