"""cookies-secure."""

from __future__ import annotations

from dataclasses import replace

from checks.cookies_secure import cookies_secure
from scanner.model.asset import Website
from scanner.model.facts.http import Answered, ChainEnd, Hop, HttpFacts, HttpsEndpoint, NoTls, PlainEndpoint, Refused
from scanner.model.facts.http import Unseen as UnseenEndpoint
from scanner.model.facts.page import Cookie
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

SITE = Website(id="www", url="https://www.city.example/", http_url="http://www.city.example/")
GAP = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.1:80 did not answer in time.")
WALL = Unobserved(cause=Cause.BLOCKED, detail="https://www.city.example/ answered 403 to the scanner.")
GOOD = Cookie(name="session", secure=True, http_only=True, same_site="lax")
BAD = Cookie(name="tracker", secure=False)


def hop(*cookies: Cookie, url: str = SITE.url, wall: Unobserved | None = None, location: str | None = None) -> Hop:
    return Hop(url=url, status=302 if location else 200, location=location, cookies=cookies, wall=wall)


def answered(first: Hop, *further: Hop, address: str = "192.0.2.1") -> Answered:
    return Answered(address=address, first=first, further=further)


def judge(*https: HttpsEndpoint, plain: tuple[PlainEndpoint, ...] = ()) -> Verdict:
    facts = HttpFacts(url=SITE.url, http_url=SITE.http_url, https=https, plain=plain)
    verdict = cookies_secure.judge(SITE, facts)
    assert isinstance(verdict, Verdict)
    return verdict


def test_is_medium() -> None:
    assert cookies_secure.severity is Severity.MEDIUM


def test_no_cookies_pass() -> None:
    assert isinstance(judge(answered(hop())), Passed)


def test_secure_cookies_pass_and_are_shown_without_their_values() -> None:
    verdict = judge(answered(hop(GOOD)))
    assert isinstance(verdict, Passed)
    assert verdict.evidence[0].value == "Secure, HttpOnly, SameSite=lax"


def test_one_cookie_without_secure_fails_and_is_named() -> None:
    verdict = judge(answered(hop(GOOD, BAD)))
    assert isinstance(verdict, Failed)
    assert "tracker" in verdict.reason


def test_a_cookie_of_a_redirect_or_of_plain_http_counts() -> None:
    assert isinstance(judge(answered(hop(location="/x"), hop(BAD))), Failed)
    plain = answered(hop(BAD, url="http://www.city.example/", location="https://www.city.example/"))
    assert isinstance(judge(answered(hop()), plain=(plain,)), Failed)


def test_a_page_that_is_met_twice_is_told_once_whether_or_not_its_url_ends_in_a_slash() -> None:
    for cookie in (GOOD, BAD):
        bare = hop(cookie, url="https://www.city.example:8443")
        plain = answered(hop(location=SITE.url), hop(cookie, url="https://www.city.example:8443/"))
        verdict = judge(answered(bare), plain=(plain,))
        assert [item.fact for item in verdict.evidence] == [
            f"cookie {cookie.name} of https://www.city.example:8443/ at 192.0.2.1"
        ]


def test_cookies_of_another_site_do_not_count() -> None:
    assert isinstance(judge(answered(hop(location="https://e.example/"), hop(BAD, url="https://e.example/"))), Passed)


def test_a_wall_is_unknown_unless_it_sets_a_cookie_without_secure() -> None:
    for cookies in ((), (GOOD,)):
        verdict = judge(answered(hop(*cookies, wall=WALL)))
        assert isinstance(verdict, Undecided)
        assert verdict.unobserved == WALL
    assert isinstance(judge(answered(hop(BAD, wall=WALL))), Failed)


def test_an_endpoint_that_was_not_seen_is_unknown_unless_a_bad_cookie_was_seen_elsewhere() -> None:
    unseen = UnseenEndpoint(address="192.0.2.1", gap=GAP)
    assert isinstance(judge(answered(hop(GOOD)), plain=(unseen,)), Undecided)
    assert isinstance(judge(answered(hop(BAD)), plain=(unseen,)), Failed)


def test_a_closed_plain_port_sets_no_cookies() -> None:
    assert isinstance(judge(answered(hop(GOOD)), plain=(Refused(address="192.0.2.1", gap=GAP),)), Passed)


def test_a_chain_that_broke_off_inside_the_site_is_unknown() -> None:
    cut = replace(answered(hop(location="/x")), end=ChainEnd.GAP, gap=GAP)
    assert isinstance(judge(cut), Undecided)
    elsewhere = replace(answered(hop(location="https://e.example/")), end=ChainEnd.GAP, gap=GAP)
    assert isinstance(judge(elsewhere), Passed)


def test_faults_of_a_prefixed_name_are_evidence() -> None:
    verdict = judge(answered(hop(Cookie(name="__Host-a", secure=True, domain=True))))
    assert isinstance(verdict, Passed)
    assert "no Domain" in verdict.evidence[0].value


def test_a_site_without_tls_is_not_applicable() -> None:
    lacking = NoTls(address="192.0.2.1", plain=hop(BAD, url="http://www.city.example:443/"), gap=GAP)
    assert isinstance(judge(lacking), NotApplicable)
    assert isinstance(judge(answered(hop(), address="192.0.2.2"), lacking), Failed)
