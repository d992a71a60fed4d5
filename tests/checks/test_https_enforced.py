"""https-enforced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.https_enforced import https_enforced
from scanner.model.asset import Website
from scanner.model.facts.http import Answered, Hop, HttpFacts, HttpsEndpoint, NoTls, OtherName, PlainEndpoint, Refused
from scanner.model.facts.http import Unseen as UnseenEndpoint
from scanner.model.facts.tls import AddressTls, TlsFacts, VersionAnswer
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

SITE = Website(id="www", url="https://www.city.example/", http_url="http://www.city.example/")
GAP = Unobserved(cause=Cause.UNREACHABLE, detail="192.0.2.1:443 refused the connection.")
SILENCE = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.1:80 did not answer in time.")
WALL = Unobserved(cause=Cause.BLOCKED, detail="http://www.city.example/ answered 403 to the scanner.")
SECURE = Answered(address="192.0.2.1", first=Hop(url=SITE.url, status=200, tls_version="TLSv1.3"))
STRICT = Policy(other_name_must_redirect=True)
CLOSED = Refused(address="192.0.2.1", gap=GAP)


def judge(
    plain: list[PlainEndpoint],
    https: list[HttpsEndpoint] | None = None,
    site: Website = SITE,
    *,
    other: OtherName | Unobserved | None = None,
    policy: Policy = STRICT,
    tls: TlsFacts | Unobserved = GAP,
) -> Verdict:
    secure = tuple([SECURE] if https is None else https)
    facts = HttpFacts(url=SITE.url, http_url=site.http_url, https=secure, plain=tuple(plain), other=other)
    verdict = https_enforced.judge(site, facts, policy, tls)
    assert isinstance(verdict, Verdict)
    return verdict


def answered(status: int, location: str | None = None, wall: Unobserved | None = None) -> Answered:
    first = Hop(url="http://www.city.example/", status=status, location=location, wall=wall)
    return Answered(address="192.0.2.1", first=first)


def test_is_high() -> None:
    assert https_enforced.severity is Severity.HIGH


def test_no_plain_endpoint_meant_is_not_applicable() -> None:
    assert isinstance(judge([], site=replace(SITE, http_url=None)), NotApplicable)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["https://www.city.example/", "HTTPS://elsewhere.example/x"])
def test_a_first_redirect_to_https_passes(status: int, location: str) -> None:
    verdict = judge([answered(status, location)])
    assert isinstance(verdict, Passed)
    assert verdict.evidence[0].value == f"{status}, Location: {location}"


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (200, None),
        (200, "https://www.city.example/"),
        (404, None),
        (500, None),
        (304, "https://www.city.example/"),
        (300, "https://www.city.example/"),
        (301, None),
        (301, "/secure"),
        (301, "//www.city.example/"),
        (302, "http://other.example/"),
        (302, "https://"),
        (302, "javascript:location='https://x'"),
    ],
)
def test_anything_else_that_answers_fails(status: int, location: str | None) -> None:
    verdict = judge([answered(status, location)])
    assert isinstance(verdict, Failed)
    assert "192.0.2.1" in verdict.reason


def test_a_wall_is_unknown() -> None:
    verdict = judge([answered(403, wall=WALL)])
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == WALL


def test_a_redirect_to_plain_http_first_fails_even_if_https_follows() -> None:
    chain = replace(answered(301, "http://www2.city.example/"), further=(Hop(url="https://x", status=200),))
    verdict = judge([chain])
    assert isinstance(verdict, Failed)
    assert "another plain URL" in verdict.reason


def test_a_closed_port_passes_where_https_answers() -> None:
    assert isinstance(judge([CLOSED]), Passed)


@pytest.mark.parametrize(
    "https",
    [
        UnseenEndpoint(address="192.0.2.1", tls=True, gap=SILENCE),
        NoTls(address="192.0.2.1", plain=Hop(url=SITE.url, status=200), gap=GAP),
    ],
)
def test_a_closed_port_passes_where_the_site_is_there_otherwise(https: HttpsEndpoint) -> None:
    assert isinstance(judge([CLOSED], [https]), Passed)


@pytest.mark.parametrize(
    "https", [CLOSED, NoTls(address="192.0.2.1", gap=GAP), UnseenEndpoint(address="192.0.2.1", gap=GAP)]
)
def test_a_closed_port_of_a_machine_that_was_never_reached_is_unknown(https: HttpsEndpoint) -> None:
    verdict = judge([CLOSED], [https, replace(SECURE, address="192.0.2.2")])
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == GAP


def test_silence_is_unknown() -> None:
    verdict = judge([UnseenEndpoint(address="192.0.2.1", gap=SILENCE)])
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved.cause is Cause.TIMEOUT


def test_the_worst_address_decides() -> None:
    good = replace(answered(301, SITE.url), address="192.0.2.2")
    assert isinstance(judge([good, answered(200)]), Failed)
    assert isinstance(judge([good, UnseenEndpoint(address="192.0.2.1", gap=SILENCE)]), Undecided)
    assert isinstance(judge([good, CLOSED]), Passed)


def test_the_evidence_says_how_long_the_redirect_lasts_and_whether_it_leaves_the_host() -> None:
    verdict = judge([answered(302, "https://elsewhere.example/")])
    assert isinstance(verdict, Passed)
    assert "temporary" in verdict.evidence[1].value
    assert "to another host, elsewhere.example" in verdict.evidence[1].value


BACK = Hop(url="http://www.city.example/home", status=200)


def test_a_plain_page_behind_https_fails() -> None:
    down = Hop(url=SITE.url, status=302, location=BACK.url)
    for plain, https in (
        ([replace(answered(301, SITE.url), further=(down, BACK))], [SECURE]),
        ([answered(301, SITE.url)], [replace(SECURE, first=down, further=(BACK,))]),
    ):
        verdict = judge(list(plain), list(https))
        assert isinstance(verdict, Failed)
        assert "back to plain HTTP" in verdict.reason
        assert any(item.value == f"{SITE.url} → {BACK.url}" for item in verdict.evidence)


@pytest.mark.parametrize(
    "behind",
    [
        replace(BACK, status=301, location=SITE.url),
        replace(BACK, url="http://elsewhere.example/"),
    ],
)
def test_a_fall_back_that_leads_on_to_https_or_is_anothers_is_evidence_alone(behind: Hop) -> None:
    down = Hop(url=SITE.url, status=302, location=behind.url)
    verdict = judge([answered(301, SITE.url)], [replace(SECURE, first=down, further=(behind,))])
    assert isinstance(verdict, Passed)


def test_a_wall_on_the_plain_side_behind_https_is_unknown() -> None:
    down = Hop(url=SITE.url, status=302, location=BACK.url)
    behind = replace(BACK, status=403, wall=WALL)
    assert isinstance(judge([answered(301, SITE.url)], [replace(SECURE, first=down, further=(behind,))]), Undecided)


DECLINED = UnseenEndpoint(address="192.0.2.1", declined=True, gap=GAP)
OLD = TlsFacts(
    addresses=(
        AddressTls(
            address="192.0.2.1", versions=(VersionAnswer(version="SSLv3", suites=("SSL_RSA_WITH_RC4_128_SHA",)),)
        ),
    )
)


def test_a_closed_port_passes_where_tls_was_completed_that_we_do_not_speak() -> None:
    assert isinstance(judge([CLOSED], [DECLINED], tls=OLD), Passed)
    assert isinstance(judge([CLOSED], [UnseenEndpoint(address="192.0.2.1", tls=True, gap=GAP)]), Passed)


@pytest.mark.parametrize(
    ("endpoint", "tls"),
    [
        (DECLINED, GAP),
        (DECLINED, TlsFacts(addresses=(GAP,))),
        (DECLINED, TlsFacts(addresses=(AddressTls(address="192.0.2.1", versions=()),))),
        (replace(DECLINED, declined=False), OLD),
    ],
)
def test_a_closed_port_proves_nothing_where_tls_was_only_refused(
    endpoint: UnseenEndpoint, tls: TlsFacts | Unobserved
) -> None:
    assert isinstance(judge([CLOSED], [endpoint], tls=tls), Undecided)


def named(plain: PlainEndpoint | None) -> OtherName:
    return OtherName(host="city.example", https=SECURE, plain=plain)


GOOD = answered(301, SITE.url)


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (None, Passed),
        (named(GOOD), Passed),
        (named(CLOSED), Passed),
        (named(None), Passed),
        (named(answered(200)), Failed),
        (named(answered(301, "http://www.city.example/")), Failed),
        (named(answered(403, wall=WALL)), Undecided),
        (named(UnseenEndpoint(address="192.0.2.1", gap=SILENCE)), Undecided),
        (SILENCE, Undecided),
    ],
)
def test_the_other_name_must_lead_to_https_where_the_policy_says_so_and_is_evidence_elsewhere(
    other: OtherName | Unobserved | None, kind: type[Verdict]
) -> None:
    assert isinstance(judge([GOOD], other=other), kind)
    verdict = judge([GOOD], other=other, policy=Policy())
    assert isinstance(verdict, Passed)
    told = [item.fact for item in verdict.evidence]
    assert ("plain HTTP of city.example" in told) == (isinstance(other, OtherName) and other.plain is not None)
