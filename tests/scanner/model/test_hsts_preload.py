"""The rules of hstspreload.org."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.facts.http import Answered, Hop, HttpFacts, OtherName, PlainEndpoint, Refused, Unseen
from scanner.model.hsts_preload import Issue, header_issues, preload_issues, response_issues
from scanner.model.unobserved import Cause, Unobserved

GOOD = "max-age=31536000; includeSubDomains; preload"
HOST = "city.example"
GAP = Unobserved(cause=Cause.UNREACHABLE, detail="refused")


def codes(issues: tuple[Issue, ...]) -> list[str]:
    return [f"{issue.code}{'' if issue.error else ' (warning)'}" for issue in issues]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (GOOD, []),
        ("MAX-AGE=63072000; INCLUDESUBDOMAINS; PRELOAD", []),
        ("max-age=31535999; includeSubDomains; preload", ["header.preloadable.max_age.below_1_year"]),
        ("max-age=0; includeSubDomains; preload", ["header.preloadable.max_age.zero"]),
        ("max-age=315360001; includeSubDomains; preload", ["header.preloadable.max_age.over_10_years (warning)"]),
        ("max-age=31536000; preload", ["header.preloadable.include_sub_domains.missing"]),
        ("max-age=31536000; includeSubDomains", ["header.preloadable.preload.missing"]),
        ("includeSubDomains; preload", ["header.preloadable.max_age.missing"]),
        (f"{GOOD}; preload", ["header.parse.repeated.preload (warning)"]),
        (f"{GOOD}; max-age=1", ["header.parse.repeated.max_age (warning)"]),
        (f"{GOOD}; includeSubDomains", ["header.parse.repeated.include_sub_domains (warning)"]),
        (f"{GOOD}; preload=1", ["header.parse.invalid.preload (warning)"]),
        (f"{GOOD};", ["header.parse.empty_directive (warning)"]),
        (f"{GOOD}; report-uri=x; y", ["header.parse.unknown_directive (warning)"]),
        ("max-age=031536000; includeSubDomains; preload", ["header.parse.max_age.leading_zero (warning)"]),
        (
            'max-age="31536000"; includeSubDomains; preload',
            ["header.parse.max_age.non_digit_characters", "header.preloadable.max_age.missing"],
        ),
        (
            "max-age; includeSubDomains; preload",
            ["header.parse.invalid.max_age.no_value", "header.preloadable.max_age.missing"],
        ),
        (
            f"max-age={'9' * 5000}; includeSubDomains; preload",
            ["header.parse.max_age.parse_int_error", "header.preloadable.max_age.missing"],
        ),
    ],
)
def test_a_header_has_the_issues_of_hstspreload(header: str, expected: list[str]) -> None:
    assert codes(header_issues(header)) == expected


def test_an_empty_header_lacks_everything() -> None:
    assert codes(header_issues(" "))[0] == "header.parse.empty (warning)"
    assert len(header_issues("")) == 4


def test_one_header_and_no_more_is_asked_for() -> None:
    assert codes(response_issues([])) == ["response.no_header"]
    assert codes(response_issues([GOOD, GOOD])) == ["response.multiple_headers"]
    assert response_issues([GOOD]) == ()


def answered(url: str, *locations: str, hsts: tuple[str, ...] = ()) -> Answered:
    """A chain of redirects; every https answer carries these headers."""
    urls = [url, *locations]
    hops = [
        Hop(url=each, status=302, location=target, hsts=hsts if each.startswith("https") else ())
        for each, target in zip(urls, [*locations, None], strict=True)
    ]
    return Answered(address="192.0.2.1", first=hops[0], further=tuple(hops[1:]))


def issues(
    plain: PlainEndpoint, https: Answered | None = None, *, host: str = HOST, other: OtherName | None = None
) -> list[str]:
    secure = https or answered(f"https://{host}/", hsts=(GOOD,))
    facts = HttpFacts(url=f"https://{host}/", http_url=f"http://{host}/", https=(secure,), plain=(plain,), other=other)
    return codes(preload_issues(facts, secure))


LEADS = answered(f"http://{HOST}/", f"https://{HOST}/", hsts=(GOOD,))


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (LEADS, []),
        (Refused(address="192.0.2.1", gap=GAP), ["redirects.http.does_not_exist (warning)"]),
        (answered(f"http://{HOST}/"), ["redirects.http.no_redirect"]),
        (answered(f"http://{HOST}/", f"https://www.{HOST}/"), ["redirects.http.www_first"]),
        (answered(f"http://{HOST}/", "https://else.example/"), ["redirects.http.first_redirect.insecure"]),
        (answered(f"http://{HOST}/", f"http://{HOST}/a"), ["redirects.http.first_redirect.insecure"]),
        (answered(f"http://{HOST}/", f"https://{HOST}/"), ["redirects.http.first_redirect.no_hsts"]),
        (
            answered(f"http://{HOST}/", f"https://{HOST}/", f"http://{HOST}/b", hsts=(GOOD,)),
            ["redirects.insecure.subsequent"],
        ),
        (answered(f"http://{HOST}/", *[f"https://{HOST}/{n}" for n in range(4)], hsts=(GOOD,)), ["redirects.too_many"]),
    ],
)
def test_the_plain_endpoint_must_first_lead_to_https_on_the_same_host(
    plain: PlainEndpoint, expected: list[str]
) -> None:
    assert issues(plain) == expected


def test_a_header_over_plain_http_is_useless() -> None:
    plain = Answered(
        address="192.0.2.1",
        first=Hop(url=f"http://{HOST}/", status=301, location=f"https://{HOST}/", hsts=(GOOD,)),
    )
    assert issues(plain) == ["redirects.http.useless_header (warning)"]


def test_https_must_not_fall_back_to_plain_http() -> None:
    https = answered(f"https://{HOST}/", f"http://{HOST}/a", hsts=(GOOD,))
    assert issues(LEADS, https) == ["redirects.insecure.initial"]


def test_a_www_name_is_a_subdomain_and_must_speak_tls_where_it_is_open() -> None:
    plain = answered(f"http://www.{HOST}/", f"https://www.{HOST}/", hsts=(GOOD,))
    assert issues(plain, host=f"www.{HOST}") == ["domain.is_subdomain"]
    broken = Unseen(address="192.0.2.2", declined=True, gap=GAP)
    assert issues(LEADS, other=OtherName(host=f"www.{HOST}", https=broken)) == ["domain.www.no_tls"]
    down = Refused(address="192.0.2.2", gap=GAP)
    assert issues(LEADS, other=OtherName(host=f"www.{HOST}", https=down)) == []


@given(st.text(max_size=80))
def test_any_header_is_read(value: str) -> None:
    assert all(issue.code.startswith("header.") for issue in header_issues(value))
