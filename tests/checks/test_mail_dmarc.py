"""mail-dmarc."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.mail_dmarc import mail_dmarc
from scanner.model.asset import MailDomain
from scanner.model.facts.mail import DmarcAnswer, DmarcFacts, ReportDestination
from scanner.model.finding import Failed, Passed, Undecided, Verdict
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

ASSET = MailDomain(id="mail", domain="city.example")
GAP = Unobserved(cause=Cause.DNS, detail="The DNS server failed.")


def at(domain: str, *records: str) -> DmarcAnswer:
    return DmarcAnswer(domain=domain, records=records)


def judge(*walk: DmarcAnswer, domain: str = "city.example", policy: Policy | None = None, **changes: Any) -> Verdict:
    given: dict[str, Any] = {"domain": domain, "exists": True, "walk": walk} | changes
    verdict = mail_dmarc.judge(ASSET, DmarcFacts(**given), policy or Policy())
    assert isinstance(verdict, Verdict)
    return verdict


@pytest.mark.parametrize("p", ["quarantine", "reject", "REJECT"])
def test_a_policy_that_acts_passes(p: str) -> None:
    verdict = judge(at("city.example", f"v=DMARC1; p={p}; rua=mailto:d@city.example"))
    assert isinstance(verdict, Passed)
    assert ("reports go to", "city.example") in [(each.fact, each.value) for each in verdict.evidence]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("v=DMARC1; p=none", "p=none"),
        ("v=DMARC1; p=reject; t=y", "t=y"),
        ("v=DMARC1; p=rejekt; rua=mailto:d@city.example", "counts as p=none"),
        ("v=DMARC1; p=reject; sp=nothing; rua=mailto:d@city.example", "counts as p=none"),
        ("v=DMARC1; p=rejekt", "no valid policy"),
        ("v=DMARC1", "no valid policy"),
    ],
)
def test_a_policy_that_does_not_act_fails(record: str, told: str) -> None:
    verdict = judge(at("city.example", record))
    assert isinstance(verdict, Failed)
    assert told in verdict.reason


def test_no_record_and_several_records_fail() -> None:
    assert isinstance(judge(at("city.example"), at("example")), Failed)
    several = judge(at("city.example", "v=DMARC1; p=reject", "v=DMARC1; p=none"), at("example"))
    assert isinstance(several, Failed)
    assert "2 DMARC records" in several.reason


def test_the_record_of_the_organization_counts_for_a_subdomain() -> None:
    above = (at("mail.city.example"), at("city.example", "v=DMARC1; p=reject; sp=none; np=reject"), at("example"))
    assert isinstance(judge(*above, domain="mail.city.example"), Failed)
    assert isinstance(judge(*above, domain="mail.city.example", exists=False), Passed)
    assert isinstance(judge(*above, domain="mail.city.example", exists=GAP), Undecided)
    alike = (at("mail.city.example"), at("city.example", "v=DMARC1; p=reject"), at("example"))
    assert isinstance(judge(*alike, domain="mail.city.example", exists=GAP), Passed)


def test_what_was_not_seen_on_the_way_is_undecided() -> None:
    verdict = judge(DmarcAnswer(domain="city.example", records=GAP), at("example", "v=DMARC1; p=reject; psd=y"))
    assert isinstance(verdict, Undecided)
    assert verdict.evidence


def test_the_policy_says_what_is_enough() -> None:
    strict = replace(Policy(), dmarc_policies=("reject",))
    verdict = judge(at("city.example", "v=DMARC1; p=quarantine"), policy=strict)
    assert isinstance(verdict, Failed)
    assert "p=reject" in verdict.fix
    assert "p=quarantine" not in verdict.fix


def test_destinations_that_did_not_agree_are_evidence() -> None:
    destinations = (ReportDestination(domain="reports.example", accepts=False),)
    record = at("city.example", "v=DMARC1; p=reject; rua=mailto:a@reports.example")
    verdict = judge(record, destinations=destinations)
    assert isinstance(verdict, Passed)
    assert any("did not agree" in each.value for each in verdict.evidence)
