"""mail-starttls."""

from __future__ import annotations

from typing import Any

from checks.mail_starttls import mail_starttls
from scanner.model.asset import MailDomain
from scanner.model.facts.mail import MailHost, MailHostFacts, Receiving
from scanner.model.facts.service import Encrypts, Listener, Plain, Unheard
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

ASSET = MailDomain(id="mail", domain="city.example")
GAP = Unobserved(cause=Cause.RATE_LIMITED, detail="192.0.2.1:25 takes no more connections now.")
MODERN = Encrypts(address="192.0.2.1", version="TLSv1.3", suite="TLS_AES_128_GCM_SHA256")
OLD = Encrypts(address="192.0.2.2", version="TLSv1.0", suite="AES128-SHA")
BROKEN = Encrypts(address="192.0.2.3", version="SSLv3", suite="RC4-SHA")
PLAIN = Plain(address="192.0.2.4", seen='EHLO was answered without STARTTLS: "250 mx"')
UNHEARD = Unheard(address="192.0.2.5", gap=GAP)


def host(name: str, *listeners: Listener, certificates: tuple[str, ...] = ()) -> MailHost:
    return MailHost(host=name, preference=10, listeners=listeners, certificates=certificates)


def judge(*hosts: Any, receiving: Receiving = Receiving.MX, exists: bool = True) -> list[Verdict]:
    facts = MailHostFacts(domain="city.example", exists=exists, receiving=receiving, hosts=hosts)
    return list(mail_starttls.judge(ASSET, facts))


def test_each_mail_host_has_a_verdict_of_its_own() -> None:
    verdicts = judge(host("a.city.example", MODERN), host("b.city.example", PLAIN))
    assert [(type(each), each.subject) for each in verdicts] == [
        (Passed, "a.city.example"),
        (Failed, "b.city.example"),
    ]


def test_an_old_version_passes_and_a_broken_one_fails() -> None:
    (old,), (broken,) = judge(host("a", OLD)), judge(host("a", BROKEN))
    assert isinstance(old, Passed)
    assert ("TLS at 192.0.2.2", "TLSv1.0 with AES128-SHA") in [(each.fact, each.value) for each in old.evidence]
    assert isinstance(broken, Failed)
    assert "SSLv3" in broken.reason


def test_the_worst_address_decides() -> None:
    assert isinstance(judge(host("a", MODERN, UNHEARD))[0], Undecided)
    assert isinstance(judge(host("a", MODERN, UNHEARD, PLAIN))[0], Failed)


def test_a_gap_stands_under_the_host_and_keeps_its_cause() -> None:
    (verdict,) = judge(host("a.city.example", UNHEARD))
    assert isinstance(verdict, Undecided)
    assert (verdict.subject, verdict.unobserved.subject) == ("a.city.example", "a.city.example")
    assert verdict.unobserved.cause is Cause.RATE_LIMITED


def test_a_certificate_is_evidence_alone() -> None:
    (verdict,) = judge(
        host("a", MODERN, certificates=("CN=else.example, from itself, until 2020-01-01, for no names",))
    )
    assert isinstance(verdict, Passed)
    assert "CN=else.example" in " ".join(each.value for each in verdict.evidence)


def test_a_domain_that_takes_no_mail_is_not_judged() -> None:
    for receiving in (Receiving.NULL_MX, Receiving.NOWHERE):
        (verdict,) = judge(receiving=receiving)
        assert isinstance(verdict, NotApplicable)
        assert verdict.subject is None
    (absent,) = judge(receiving=Receiving.NOWHERE, exists=False)
    assert isinstance(absent, NotApplicable)
    assert "does not exist" in absent.reason


def test_hosts_that_were_not_asked_are_told() -> None:
    (verdict,) = judge(Unobserved(cause=Cause.NOT_DECLARED, detail="too many", subject=None))
    assert isinstance(verdict, Undecided)
