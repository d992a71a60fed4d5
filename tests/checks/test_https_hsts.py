"""https-hsts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.https_hsts import https_hsts
from scanner.model.asset import Website
from scanner.model.facts.http import Answered, Hop, HttpFacts, HttpsEndpoint, PlainEndpoint, Refused
from scanner.model.facts.page import Preload
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

SITE = Website(id="www", url="https://www.city.example/", http_url="http://www.city.example/")
GAP = Unobserved(cause=Cause.UNREACHABLE, detail="192.0.2.1:443 refused the connection.")
WALL = Unobserved(cause=Cause.RATE_LIMITED, detail="https://www.city.example/ answered 429 to the scanner.")
YEAR = "max-age=31536000"


def judge(
    *https: HttpsEndpoint,
    plain: list[PlainEndpoint] | None = None,
    site: Website = SITE,
    policy: Policy | None = None,
    preload: Preload | None = None,
) -> Verdict:
    facts = HttpFacts(url=site.url, http_url=site.http_url, https=https, plain=tuple(plain or ()), preload=preload)
    verdict = https_hsts.judge(site, facts, policy or Policy())
    assert isinstance(verdict, Verdict)
    return verdict


def answered(*hsts: str, address: str = "192.0.2.1", status: int = 200, wall: Unobserved | None = None) -> Answered:
    return Answered(address=address, first=Hop(url=SITE.url, status=status, hsts=hsts, wall=wall))


def test_is_medium() -> None:
    assert https_hsts.severity is Severity.MEDIUM


@pytest.mark.parametrize("value", [YEAR, 'MAX-AGE="63072000"; includeSubDomains; preload', "max-age=" + "9" * 4000])
def test_a_year_or_more_passes(value: str) -> None:
    assert isinstance(judge(answered(value)), Passed)


@pytest.mark.parametrize("value", ["max-age=31535999", "max-age=0"])
def test_less_than_a_year_fails(value: str) -> None:
    verdict = judge(answered(value))
    assert isinstance(verdict, Failed)
    assert "31536000" in verdict.reason


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (31_536_000, "365 days (31536000 seconds)"),
        (86_400, "1 day (86400 seconds)"),
        (86_401, "86401 seconds"),
        (1, "1 second"),
        (0, "0 seconds"),
    ],
)
def test_times_are_told_in_days(seconds: int, told: str) -> None:
    verdict = judge(answered(YEAR), policy=Policy(hsts_min_age=seconds))
    assert isinstance(verdict, Passed)
    assert verdict.reason.endswith(f"for at least {told}.")


def test_the_policy_sets_the_age() -> None:
    assert isinstance(judge(answered("max-age=10"), policy=Policy(hsts_min_age=10)), Passed)
    verdict = judge(answered(YEAR), policy=Policy(hsts_min_age=63_072_000))
    assert isinstance(verdict, Failed)
    assert "max-age=63072000" in verdict.fix


@pytest.mark.parametrize("value", ["", "max-age", f"{YEAR}, {YEAR}", f"{YEAR}; {YEAR}", "31536000"])
def test_a_header_that_browsers_ignore_fails_with_what_is_wrong(value: str) -> None:
    verdict = judge(answered(value))
    assert isinstance(verdict, Failed)
    assert "Browsers ignore" in verdict.reason
    assert verdict.evidence[0].value == value


def test_the_first_header_counts() -> None:
    assert isinstance(judge(answered(YEAR, "max-age=0")), Passed)
    assert isinstance(judge(answered("max-age=0", YEAR)), Failed)


def test_the_first_answer_counts_and_not_what_its_redirect_leads_to() -> None:
    chain = replace(answered(status=301), further=(Hop(url=SITE.url, status=200, hsts=(YEAR,)),))
    assert isinstance(judge(chain), Failed)


def test_no_header_fails() -> None:
    verdict = judge(answered())
    assert isinstance(verdict, Failed)
    assert verdict.evidence[0].value == "absent from the answer 200"


def test_no_header_behind_a_wall_is_unknown_but_one_is_judged() -> None:
    verdict = judge(answered(status=429, wall=WALL))
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == WALL
    assert isinstance(judge(answered(YEAR, status=429, wall=WALL)), Passed)
    assert isinstance(judge(answered("max-age=1", status=429, wall=WALL)), Failed)


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]:8443"])
def test_an_address_literal_is_not_applicable(host: str) -> None:
    assert isinstance(judge(answered(), site=replace(SITE, url=f"https://{host}/")), NotApplicable)


def test_a_site_without_tls_is_not_applicable() -> None:
    verdict = judge(Refused(address="192.0.2.1", gap=GAP), plain=[answered()])
    assert isinstance(verdict, NotApplicable)


def test_the_worst_address_decides() -> None:
    down = Refused(address="192.0.2.2", gap=GAP)
    unknown = judge(answered(YEAR), down)
    assert isinstance(unknown, Undecided)
    assert unknown.unobserved.cause is Cause.UNREACHABLE
    assert isinstance(judge(answered(YEAR), down, answered(address="192.0.2.3")), Failed)


LISTED = Preload(entry="city.example", version="2025.1.1")


def test_a_listed_name_passes_without_a_header_where_the_policy_counts_the_list() -> None:
    assert isinstance(judge(answered(), preload=LISTED), Failed)
    counting = Policy(hsts_preload_counts=True)
    verdict = judge(answered(), preload=LISTED, policy=counting)
    assert isinstance(verdict, Passed)
    assert verdict.evidence[0].value == "city.example is in the list of 2025.1.1"
    assert isinstance(judge(answered(), preload=replace(LISTED, entry=None), policy=counting), Failed)


def test_what_keeps_a_name_out_of_the_list_is_evidence() -> None:
    verdict = judge(answered(YEAR), preload=replace(LISTED, entry=None))
    assert isinstance(verdict, Passed)
    told = [item.value for item in verdict.evidence]
    assert "not in the list of 2025.1.1" in told
    assert any("the header lacks preload (header.preloadable.preload.missing)" in each for each in told)
    assert any("(domain.is_subdomain)" in each for each in told)
