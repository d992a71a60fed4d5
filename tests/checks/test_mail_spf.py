"""mail-spf."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.mail_spf import mail_spf
from scanner.model.asset import MailDomain
from scanner.model.facts.mail import SpfEvaluation, SpfFacts, SpfRecord
from scanner.model.finding import Failed, Passed, Undecided, Verdict
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

ASSET = MailDomain(id="mail", domain="city.example")
READ = (
    SpfRecord(domain="city.example", text="v=spf1 include:a.example -all"),
    SpfRecord(domain="a.example", text=None),
)
GOOD = SpfEvaluation(result="fail", problem=None, ended_by="-all", lookups=2, void_lookups=0, read=READ)


def judge(evaluation: Any = GOOD, *, records: tuple[str, ...] = ("v=spf1 include:a.example -all",)) -> Verdict:
    facts = SpfFacts(domain="city.example", records=records, evaluation=evaluation)
    verdict = mail_spf.judge(ASSET, facts, Policy())
    assert isinstance(verdict, Verdict)
    return verdict


@pytest.mark.parametrize("result", ["fail", "softfail"])
def test_a_record_that_excludes_all_others_passes(result: str) -> None:
    verdict = judge(replace(GOOD, result=result))
    assert isinstance(verdict, Passed)
    told = [(each.fact, each.value) for each in verdict.evidence]
    assert ("SPF record of city.example", "v=spf1 include:a.example -all") in told
    assert ("SPF by include or redirect, a.example", "no record") in told


def test_no_record_and_two_records_fail() -> None:
    for records, told in (((), "no SPF record"), (("v=spf1 -all", "v=spf1 ~all"), "2 SPF records")):
        verdict = judge(None, records=records)
        assert isinstance(verdict, Failed)
        assert told in verdict.reason


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"result": "permerror", "problem": "Unknown mechanism found: moo"}, "moo"),
        ({"result": "pass", "ended_by": "+all"}, "lets everybody send"),
        ({"result": "neutral", "ended_by": "?all"}, "?all"),
        ({"result": "neutral", "ended_by": None}, "without an all"),
        ({"lookups": 11}, "11 DNS look-ups"),
        ({"lookups": 21, "result": "permerror", "problem": "More than 20 DNS lookups"}, "21 DNS look-ups"),
    ],
)
def test_a_record_that_does_not_hold_fails_with_its_reason(changes: dict[str, Any], told: str) -> None:
    verdict = judge(replace(GOOD, **changes))
    assert isinstance(verdict, Failed)
    assert told in verdict.reason


def test_the_fix_names_the_term_that_lets_everybody_in() -> None:
    verdict = judge(replace(GOOD, result="pass", ended_by="ip6:::/0"))
    assert isinstance(verdict, Failed)
    assert "Remove ip6:::/0" in verdict.fix


def test_ten_look_ups_are_allowed() -> None:
    assert isinstance(judge(replace(GOOD, lookups=10)), Passed)


@pytest.mark.parametrize(
    ("lookups", "void", "value"),
    [(0, 0, None), (3, 0, "3"), (3, 1, "3, and 1 of the answers held nothing")],
)
def test_look_ups_are_told_where_there_are_any(lookups: int, void: int, value: str | None) -> None:
    told = {each.fact: each.value for each in judge(replace(GOOD, lookups=lookups, void_lookups=void)).evidence}
    assert told.get("DNS look-ups") == value


def test_dns_that_failed_is_undecided() -> None:
    verdict = judge(Unobserved(cause=Cause.DNS, detail="The DNS server failed."))
    assert isinstance(verdict, Undecided)
    assert verdict.evidence
