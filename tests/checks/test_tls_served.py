"""tls-served."""

from __future__ import annotations

from checks.tls_served import tls_served
from scanner.model.asset import StartTls, TlsService
from scanner.model.facts.service import Encrypts, Listener, Plain, ServiceFacts, Unheard
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

SERVICE = TlsService(id="mx1", host="mx.city.example", port=25, starttls=StartTls.SMTP)
GAP = Unobserved(cause=Cause.RATE_LIMITED, detail="192.0.2.9:25 takes no more connections now.")
TLS = Encrypts(address="192.0.2.1", version="TLSv1.3", suite="TLS_AES_128_GCM_SHA256")
PLAIN = Plain(address="192.0.2.2", seen="EHLO was answered without STARTTLS")
UNHEARD = Unheard(address="192.0.2.9", gap=GAP)


def judge(*listeners: Listener) -> Verdict:
    verdict = tls_served.judge(SERVICE, ServiceFacts(addresses=listeners))
    assert isinstance(verdict, Verdict)
    return verdict


def test_is_critical_and_about_services() -> None:
    assert (tls_served.severity, tls_served.about) == (Severity.CRITICAL, TlsService)


def test_tls_at_every_address_passes_and_evidence_tells_what_was_spoken() -> None:
    verdict = judge(TLS, Encrypts(address="2001:db8::1", version="TLSv1.0"), Encrypts(address="2001:db8::2"))
    assert isinstance(verdict, Passed)
    assert [(item.fact, item.value) for item in verdict.evidence] == [
        ("listener at 192.0.2.1", "TLSv1.3 with TLS_AES_128_GCM_SHA256"),
        ("listener at 2001:db8::1", "TLSv1.0"),
        ("listener at 2001:db8::2", "TLS"),
    ]


def test_a_listener_that_answers_and_encrypts_nothing_fails() -> None:
    verdict = judge(PLAIN)
    assert isinstance(verdict, Failed)
    assert "192.0.2.2" in verdict.reason
    assert verdict.evidence[0].value == "EHLO was answered without STARTTLS"


def test_one_plain_address_among_good_ones_fails_and_all_are_told() -> None:
    verdict = judge(TLS, UNHEARD, PLAIN)
    assert isinstance(verdict, Failed)
    assert [item.fact[-9:] for item in verdict.evidence] == ["192.0.2.2", "192.0.2.9", "192.0.2.1"]


def test_an_address_that_was_not_heard_is_unknown_for_its_own_cause() -> None:
    verdict = judge(TLS, UNHEARD)
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == GAP


def test_without_any_address_it_does_not_apply() -> None:
    assert isinstance(judge(), NotApplicable)
