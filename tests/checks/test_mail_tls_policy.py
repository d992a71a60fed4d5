"""mail-tls-policy."""

from __future__ import annotations

from typing import Any

import pytest

from checks.mail_tls_policy import mail_tls_policy
from scanner.model.asset import MailDomain
from scanner.model.facts.mail import (
    ChainSeen,
    DaneHost,
    MailTlsPolicyFacts,
    Receiving,
    StsBroken,
    StsMode,
    StsPolicy,
    Tlsa,
)
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

ASSET = MailDomain(id="mail", domain="city.example")
GAP = Unobserved(cause=Cause.DNS, detail="The DNS server failed.")
ENFORCE = StsPolicy(mode=StsMode.ENFORCE, mx=("*.city.example",), max_age=604_800)
KEY = Tlsa(usage=3, selector=1, matching=1, data="ab" * 32)
MATCHES = ChainSeen(address="192.0.2.1", matched=(KEY,))
ASTRAY = ChainSeen(address="192.0.2.1", matched=())
BARE = ChainSeen(address="192.0.2.1", matched=(), offers_tls=False)


def dane(host: str = "mx.city.example", **changes: Any) -> DaneHost:
    good: dict[str, Any] = {"host": host, "records": (KEY,), "authenticated": True, "chains": (MATCHES,)}
    return DaneHost(**good | changes)


def judge(**changes: Any) -> Verdict:
    """A domain with neither, but for what is said here."""
    bare: dict[str, Any] = {
        "domain": "city.example",
        "receiving": Receiving.MX,
        "hosts": ("mx.city.example",),
        "hosts_authenticated": True,
        "sts_records": (),
        "sts_policy": None,
        "dane": (dane(records=(), authenticated=False, chains=()),),
        "reporting": ("v=TLSRPTv1; rua=mailto:tls@city.example",),
    }
    verdict = mail_tls_policy.judge(ASSET, MailTlsPolicyFacts(**bare | changes))
    assert isinstance(verdict, Verdict)
    assert verdict.subject is None
    return verdict


def with_sts(policy: Any, **changes: Any) -> Verdict:
    return judge(sts_records=("v=STSv1; id=1",), sts_policy=policy, **changes)


def test_either_is_enough() -> None:
    assert isinstance(with_sts(ENFORCE), Passed)
    assert isinstance(judge(dane=(dane(),)), Passed)
    assert isinstance(judge(sts_records=GAP, dane=(dane(),)), Passed)
    assert isinstance(with_sts(ENFORCE, dane=(dane(records=GAP),)), Passed)


def test_without_either_both_reasons_are_told() -> None:
    verdict = judge()
    assert isinstance(verdict, Failed)
    assert "no record of MTA-STS is at _mta-sts.city.example" in verdict.reason
    assert "no TLSA records" in verdict.reason
    assert ("TLS-RPT", "v=TLSRPTv1; rua=mailto:tls@city.example") in [(e.fact, e.value) for e in verdict.evidence]


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (StsPolicy(mode=StsMode.TESTING, mx=("*.city.example",), max_age=1), "mode testing"),
        (StsPolicy(mode=StsMode.NONE, mx=(), max_age=1), "mode none"),
        (StsPolicy(mode=StsMode.ENFORCE, mx=("*.city.example",), max_age=0), "max_age of 0"),
        (StsPolicy(mode=StsMode.ENFORCE, mx=("mx2.city.example",), max_age=1), "leaves out mx.city.example"),
        (StsBroken(why="mta-sts.city.example answers 404 instead of giving the policy"), "404"),
    ],
)
def test_a_policy_that_protects_nothing_fails_with_its_reason(policy: Any, told: str) -> None:
    verdict = with_sts(policy)
    assert isinstance(verdict, Failed)
    assert told in verdict.reason


def test_two_records_of_mta_sts_are_none() -> None:
    verdict = judge(sts_records=("v=STSv1; id=1", "v=STSv1; id=2"))
    assert isinstance(verdict, Failed)
    assert "2 records of MTA-STS stand at _mta-sts.city.example instead of one;" in verdict.reason


@pytest.mark.parametrize(
    ("host", "told"),
    [
        (dane(authenticated=False), "not validated by DNSSEC"),
        (dane(is_secure=False, chains=()), "its addresses are not validated by DNSSEC"),
        (dane(chains=(BARE,)), "offers no STARTTLS at 192.0.2.1"),
        (dane(chains=(ASTRAY,)), "no TLSA record of mx.city.example matches"),
        (dane(chains=(MATCHES, GAP, ASTRAY)), "no TLSA record of mx.city.example matches"),
        (dane(records=(Tlsa(usage=1, selector=0, matching=1, data="00"),), chains=()), "that senders use"),
    ],
)
def test_dane_that_does_not_hold_fails_with_its_reason(host: DaneHost, told: str) -> None:
    verdict = judge(dane=(host,))
    assert isinstance(verdict, Failed)
    assert told in verdict.reason


def test_dane_must_hold_for_every_host_in_a_signed_zone() -> None:
    hosts = ("mx.city.example", "mx2.city.example")
    assert isinstance(judge(hosts=hosts, dane=(dane(), dane(hosts[1], records=()))), Failed)
    unsigned = judge(hosts_authenticated=False, dane=(dane(),))
    assert isinstance(unsigned, Failed)
    assert "MX records" in unsigned.reason


def test_what_was_not_seen_is_undecided_unless_the_other_one_passes() -> None:
    for verdict in (
        judge(sts_records=GAP),
        with_sts(GAP),
        judge(dane=(dane(records=GAP),)),
        judge(dane=(dane(is_secure=GAP, chains=()),)),
        judge(dane=(dane(chains=(MATCHES, GAP)),)),
    ):
        assert isinstance(verdict, Undecided)
        assert verdict.unobserved.cause is Cause.DNS
        assert verdict.evidence


def test_a_domain_that_takes_no_mail_is_not_judged() -> None:
    assert isinstance(judge(receiving=Receiving.NULL_MX, hosts=(), dane=()), NotApplicable)
    assert isinstance(judge(receiving=Receiving.NOWHERE, hosts=(), dane=()), NotApplicable)
    assert isinstance(judge(receiving=Receiving.ADDRESS), Failed)
