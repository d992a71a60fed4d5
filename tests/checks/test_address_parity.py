"""address-parity."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from checks.address_parity import address_parity
from scanner.model.asset import Website
from scanner.model.facts.http import Answered, Hop, HttpFacts, HttpsEndpoint, PlainEndpoint, Refused
from scanner.model.facts.http import Unseen as UnseenEndpoint
from scanner.model.facts.tls import VERSIONS, AddressTls, CertificateFacts, TlsFacts, VersionAnswer
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

SITE = Website(id="www", url="https://www.city.example/", http_url="http://www.city.example/")
GAP = Unobserved(cause=Cause.UNREACHABLE, detail="[2001:db8::1]:443 refused the connection.")
WALL = Unobserved(cause=Cause.BLOCKED, detail="https://www.city.example/ answered 403 to the scanner.")
ONE, TWO = "192.0.2.1", "192.0.2.2"


def answered(address: str, **changes: object) -> Answered:
    return Answered(address=address, first=replace(Hop(url=SITE.url, status=200), **changes))  # type: ignore[arg-type]


def speaking(*versions: tuple[str, ...]) -> TlsFacts:
    return TlsFacts(
        addresses=tuple(
            AddressTls(
                address=f"192.0.2.{number}",
                versions=tuple(VersionAnswer(version=v, suites=("S",) if v in spoken else ()) for v in VERSIONS),
            )
            for number, spoken in enumerate(versions, 1)
        )
    )


ALIKE = speaking(("TLSv1.2", "TLSv1.3"), ("TLSv1.2", "TLSv1.3"))


def judge(
    *https: HttpsEndpoint,
    plain: tuple[PlainEndpoint, ...] = (),
    certificates: CertificateFacts | Unobserved | None = None,
    tls: TlsFacts | Unobserved = ALIKE,
) -> Verdict:
    facts = HttpFacts(url=SITE.url, http_url=SITE.http_url, https=https, plain=plain)
    verdict = address_parity.judge(SITE, facts, certificates or CertificateFacts(addresses=()), tls)
    assert isinstance(verdict, Verdict)
    return verdict


PORTS = ((ONE, ":443"), (TWO, ""))


def test_is_low() -> None:
    assert address_parity.severity is Severity.LOW


def test_one_address_is_not_applicable() -> None:
    assert isinstance(judge(answered(ONE)), NotApplicable)


def test_addresses_that_answer_alike_pass() -> None:
    assert isinstance(judge(answered(ONE), answered(TWO)), Passed)
    queries = [answered(each, status=302, location=f"/login?token={each}") for each in (ONE, TWO)]
    assert isinstance(judge(*queries), Passed)
    paths = [answered(each, status=302, location=f"https://SSO.city.example{port}/{each}") for each, port in PORTS]
    assert isinstance(judge(*paths), Passed)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": 404},
        {"status": 301, "location": "https://else.example/"},
        {"status": 301, "location": "https://www.city.example:8443/"},
        {"hsts": ("max-age=1",)},
    ],
)
def test_a_difference_fails_and_both_sides_are_shown(changes: dict[str, object]) -> None:
    verdict = judge(answered(ONE), answered(TWO, **changes))
    assert isinstance(verdict, Failed)
    assert len({item.value for item in verdict.evidence}) == 2


def test_a_difference_of_the_plain_endpoint_fails() -> None:
    both = (answered(ONE), answered(TWO))
    plain = (answered(ONE, status=301, location=SITE.url), answered(TWO))
    assert isinstance(judge(*both, plain=plain), Failed)
    closed = tuple(Refused(address=each, gap=GAP) for each in (ONE, TWO))
    assert isinstance(judge(*both, plain=closed), Passed)
    assert isinstance(judge(*both, plain=(closed[0], answered(TWO))), Failed)


def test_another_certificate_or_another_version_fails(tls: SimpleNamespace) -> None:
    both = (answered(ONE), answered(TWO))
    same = tls.facts(tls.deployment(), tls.deployment())
    other = tls.facts(tls.deployment(), tls.deployment(leaf={"fingerprint": "cc"}))
    assert isinstance(judge(*both, certificates=same), Passed)
    assert isinstance(judge(*both, certificates=other), Failed)
    verdict = judge(*both, tls=speaking(("TLSv1.3",), ("TLSv1.0", "TLSv1.3")))
    assert isinstance(verdict, Failed)
    assert "TLSv1.0, TLSv1.3" in [item.value for item in verdict.evidence]


def test_what_could_not_be_compared_is_unknown_unless_a_difference_was_seen() -> None:
    for missing in (
        Refused(address="192.0.2.3", gap=GAP),
        UnseenEndpoint(address="192.0.2.3", gap=GAP),
        answered("192.0.2.3", status=403, wall=WALL),
    ):
        assert isinstance(judge(answered(ONE), answered(TWO), missing), Undecided)
        assert isinstance(judge(answered(ONE), answered(TWO, status=500), missing), Failed)
    assert isinstance(judge(answered(ONE), answered(TWO), tls=GAP), Undecided)
    assert isinstance(judge(answered(ONE), answered(TWO), tls=TlsFacts(addresses=(GAP,))), Undecided)


def test_a_site_without_tls_is_not_applicable() -> None:
    refused = [Refused(address=each, gap=GAP) for each in (ONE, TWO)]
    assert isinstance(judge(*refused, plain=(answered(ONE),)), NotApplicable)
