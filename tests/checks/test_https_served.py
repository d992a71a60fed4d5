"""https-served."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from checks.https_served import https_served
from scanner.model.asset import Website
from scanner.model.facts.http import (
    Answered,
    ChainEnd,
    Header,
    Hop,
    HttpFacts,
    HttpsEndpoint,
    NoTls,
    PlainEndpoint,
    Refused,
)
from scanner.model.facts.http import Unseen as UnseenEndpoint
from scanner.model.facts.page import SecurityTxt
from scanner.model.facts.tls import AddressTls, TlsFacts, VersionAnswer
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

SITE = Website(id="www", url="https://www.city.example/", http_url="http://www.city.example/")
GAP = Unobserved(cause=Cause.UNREACHABLE, detail="192.0.2.1:443 refused the connection.")
SILENCE = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.2:443 did not answer in time.")


def judge(
    https: list[HttpsEndpoint],
    plain: list[PlainEndpoint] | None = None,
    *,
    tls: TlsFacts | Unobserved = GAP,
    file: SecurityTxt | Unobserved | None = None,
) -> Verdict:
    facts = HttpFacts(
        url=SITE.url, http_url=SITE.http_url, https=tuple(https), plain=tuple(plain or ()), security_txt=file
    )
    verdict = https_served.judge(SITE, facts, tls)
    assert isinstance(verdict, Verdict)
    return verdict


def answered(address: str = "192.0.2.1", status: int = 200, **more: object) -> Answered:
    first = Hop(url=SITE.url, status=status, tls_version="TLSv1.3", location="/")
    return Answered(address=address, first=first, **more)  # type: ignore[arg-type]


def test_is_critical() -> None:
    assert https_served.severity is Severity.CRITICAL


def test_any_status_at_every_address_passes_and_evidence_names_the_addresses() -> None:
    verdict = judge([answered("192.0.2.1", 404), answered("2001:db8::1", 500)])
    assert isinstance(verdict, Passed)
    assert [(item.fact, item.value) for item in verdict.evidence][:2] == [
        ("https at 192.0.2.1", "404 over TLSv1.3"),
        ("https at 2001:db8::1", "500 over TLSv1.3"),
    ]


def test_a_refused_https_port_beside_plain_http_fails() -> None:
    verdict = judge([Refused(address="192.0.2.1", gap=GAP)], [answered()])
    assert isinstance(verdict, Failed)
    assert "closed at 192.0.2.1" in verdict.reason


def test_no_tls_beside_plain_http_fails() -> None:
    verdict = judge([NoTls(address="192.0.2.1", gap=GAP)], [answered()])
    assert isinstance(verdict, Failed)
    assert "speaks no TLS at 192.0.2.1" in verdict.reason


def test_plain_http_on_the_tls_port_fails_whatever_the_plain_port_does() -> None:
    plain_on_tls_port = NoTls(address="192.0.2.1", plain=Hop(url="http://x", status=403), gap=GAP)
    for plain in ([], [Refused(address="192.0.2.1", gap=GAP)], [answered()]):
        verdict = judge([plain_on_tls_port], list(plain))
        assert isinstance(verdict, Failed)
        assert "plain HTTP instead of TLS" in verdict.reason


def test_neither_answering_is_unknown_with_its_cause() -> None:
    verdict = judge([Refused(address="192.0.2.1", gap=GAP)], [Refused(address="192.0.2.1", gap=GAP)])
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == GAP


def test_silence_beside_plain_http_is_unknown() -> None:
    verdict = judge([UnseenEndpoint(address="192.0.2.1", gap=SILENCE)], [answered()])
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved.cause is Cause.TIMEOUT


def test_a_loop_fails_and_shows_its_urls() -> None:
    verdict = judge([answered(status=302, end=ChainEnd.LOOP)])
    assert isinstance(verdict, Failed)
    assert "nobody can ever read" in verdict.reason
    assert f"{SITE.url} → {SITE.url}" in [item.value for item in verdict.evidence]


def test_too_many_redirects_fail_with_a_short_trail() -> None:
    further = tuple(Hop(url=f"{SITE.url}{number}", status=302, location="x") for number in range(20))
    verdict = judge([answered(status=302, further=further, end=ChainEnd.TOO_LONG)])
    assert isinstance(verdict, Failed)
    assert max(item.value.count("→") for item in verdict.evidence) == 5


def test_a_failure_at_one_address_beats_silence_and_passes_at_others() -> None:
    refused = Refused(address="192.0.2.3", gap=GAP)
    verdict = judge(
        [answered(), UnseenEndpoint(address="192.0.2.2", gap=SILENCE), refused], [answered("192.0.2.3"), answered()]
    )
    assert isinstance(verdict, Failed)
    assert verdict.evidence[0].fact == "https at 192.0.2.3"
    assert len([item for item in verdict.evidence if item.fact.startswith("https at")]) == 3


def test_silence_at_one_address_leaves_a_good_site_unknown() -> None:
    verdict = judge([answered(), UnseenEndpoint(address="192.0.2.2", gap=SILENCE)], [answered()])
    assert isinstance(verdict, Undecided)


def test_a_site_without_any_address_is_not_applicable() -> None:
    assert isinstance(judge([]), NotApplicable)


OLD = TlsFacts(
    addresses=(
        AddressTls(
            address="192.0.2.1",
            versions=(VersionAnswer(version="SSLv3", suites=("SSL_RSA_WITH_IDEA_CBC_SHA",)),),
        ),
    )
)
DECLINED = UnseenEndpoint(address="192.0.2.1", declined=True, gap=GAP)


def test_tls_that_no_library_here_speaks_is_served_where_the_handshakes_show_it() -> None:
    verdict = judge([DECLINED], tls=OLD)
    assert isinstance(verdict, Passed)
    shown = verdict.evidence[0]
    assert (shown.fact, shown.value) == ("SSLv3 accepted at 192.0.2.1", "SSL_RSA_WITH_IDEA_CBC_SHA")
    assert shown.source is TlsFacts


@pytest.mark.parametrize(
    ("endpoint", "tls"),
    [
        (DECLINED, GAP),
        (DECLINED, TlsFacts(addresses=(GAP,))),
        (DECLINED, TlsFacts(addresses=(AddressTls(address="192.0.2.1", versions=()),))),
        (UnseenEndpoint(address="192.0.2.2", declined=True, gap=GAP), OLD),
        (UnseenEndpoint(address="192.0.2.1", gap=SILENCE), OLD),
        (UnseenEndpoint(address="192.0.2.1", tls=True, gap=SILENCE), OLD),
    ],
)
def test_without_both_the_refusal_and_the_handshakes_it_is_unknown(
    endpoint: UnseenEndpoint, tls: TlsFacts | Unobserved
) -> None:
    assert isinstance(judge([endpoint], tls=tls), Undecided)


def test_headers_and_security_txt_are_evidence_and_decide_nothing() -> None:
    site = Answered(
        address="192.0.2.1",
        first=Hop(url=SITE.url, status=200, headers=(Header(name="x-frame-options", value="DENY"),)),
    )
    good = SecurityTxt(url="x", status=200, text_plain=True, contacts=1, expires=datetime(2027, 1, 31, tzinfo=UTC))
    for file, told in (
        (good, "has a Contact, expires 2027-01-31, served as text/plain"),
        (SecurityTxt(url="x", status=200), "lacks a Contact, no single valid Expires date, not served as text/plain"),
        (SecurityTxt(url="x", status=404), "none, x answers 404"),
        (SILENCE, SILENCE.detail),
    ):
        verdict = judge([site], file=file)
        assert isinstance(verdict, Passed)
        shown = {item.fact: item.value for item in verdict.evidence}
        assert shown["security.txt"] == told
        assert shown["security headers at 192.0.2.1"].startswith("sent: x-frame-options; not sent: content-security")


def test_a_fall_back_to_plain_http_is_named() -> None:
    first = Hop(url=SITE.url, status=302, location="http://www.city.example/home")
    verdict = judge([Answered(address="192.0.2.1", first=first)])
    assert isinstance(verdict, Passed)
    assert any("back to plain HTTP" in item.fact for item in verdict.evidence)
