"""vendor-contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from checks.vendor_contract import vendor_contract
from scanner.model.asset import Contract, Vendor
from scanner.model.facts.contract import ContractDocument, ContractFacts
from scanner.model.finding import Failed, Passed, Undecided, Verdict
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
POLICY = Policy()
CLAUSES = tuple((name, True) for name in POLICY.required_clauses)
GOOD = Contract(
    document=Path("acme.pdf"),
    expires=date(2027, 6, 30),
    attested=date(2026, 9, 1),
    clauses=(*CLAUSES, ("other", False)),
)
SEEN = ContractFacts(document=ContractDocument(name="acme.pdf", size=3, sha256="ab" * 32))
ABSENT = Unobserved(cause=Cause.NOT_DECLARED, detail="The contract document acme.pdf does not exist.")


def judge(
    contract: Contract | None, seen: ContractFacts | Unobserved = SEEN, *, policy: Policy = POLICY, now: datetime = NOW
) -> Verdict:
    vendor = Vendor(id="acme", name="Acme Permits LLC", contract=contract)
    verdict = vendor_contract.judge(vendor, seen, policy, now)
    assert isinstance(verdict, Verdict)
    return verdict


def test_a_complete_and_valid_contract_passes_with_the_digest_as_evidence() -> None:
    verdict = judge(GOOD)

    assert isinstance(verdict, Passed)
    assert any("ab" * 32 in item.value for item in verdict.evidence)


def test_no_contract_at_all_fails() -> None:
    verdict = judge(None, ContractFacts(document=None))

    assert isinstance(verdict, Failed)
    assert "Acme Permits LLC" in verdict.reason


@pytest.mark.parametrize("clause", POLICY.required_clauses)
@pytest.mark.parametrize("state", ["missing", "false"])
def test_each_required_clause_must_be_there_and_true(clause: str, state: str) -> None:
    others = tuple((name, True) for name in POLICY.required_clauses if name != clause)
    clauses = others if state == "missing" else (*others, (clause, False))

    assert isinstance(judge(replace(GOOD, clauses=clauses)), Failed)


def test_missing_clauses_are_named_in_plain_words() -> None:
    verdict = judge(replace(GOOD, clauses=()))

    assert isinstance(verdict, Failed)
    assert "notice to the city of every demand" in verdict.reason
    assert "challenge demands" in verdict.fix


def test_a_clause_that_is_said_twice_and_once_denied_is_not_held() -> None:
    assert isinstance(judge(replace(GOOD, clauses=(*CLAUSES, (CLAUSES[0][0], False)))), Failed)


def test_a_city_can_require_clauses_of_its_own() -> None:
    policy = Policy(required_clauses=("breach_notice_hours",))

    verdict = judge(GOOD, policy=policy)

    assert isinstance(verdict, Failed)
    assert "breach notice hours" in verdict.reason


def test_the_day_of_expiry_is_the_last_valid_one() -> None:
    assert isinstance(judge(replace(GOOD, expires=date(2026, 11, 22))), Passed)

    verdict = judge(replace(GOOD, expires=date(2026, 11, 21)))

    assert isinstance(verdict, Failed)
    assert "2026-11-21" in verdict.reason


@pytest.mark.parametrize(
    ("attested", "good"),
    [
        (date(2026, 11, 22), True),
        (date(2025, 11, 22), True),
        (date(2025, 11, 21), False),
        (date(2026, 11, 23), False),
        (date.min, False),
        (date.max, False),
    ],
)
def test_an_attestation_is_good_for_twelve_calendar_months_and_never_from_the_future(
    attested: date, good: bool
) -> None:
    assert isinstance(judge(replace(GOOD, attested=attested)), Passed if good else Failed)


def test_months_end_on_the_last_day_that_they_have() -> None:
    policy, leap = Policy(attestation_max_months=1), date(2028, 1, 31)

    def on(day: datetime) -> Verdict:
        return judge(replace(GOOD, attested=leap, expires=None), policy=policy, now=day)

    assert isinstance(on(datetime(2028, 2, 29, tzinfo=UTC)), Passed)
    assert isinstance(on(datetime(2028, 3, 1, tzinfo=UTC)), Failed)


def test_dates_that_are_not_given_do_not_bite() -> None:
    assert isinstance(judge(replace(GOOD, expires=None, attested=None)), Passed)


def test_a_contract_without_a_document_is_judged_by_its_attestation() -> None:
    assert isinstance(judge(replace(GOOD, document=None), ContractFacts(document=None)), Passed)


def test_an_absent_document_leaves_the_verdict_open() -> None:
    verdict = judge(GOOD, ABSENT)

    assert isinstance(verdict, Undecided)
    assert verdict.unobserved is ABSENT


def test_a_certain_failure_wins_over_an_absent_document() -> None:
    assert isinstance(judge(replace(GOOD, expires=date(2020, 1, 1)), ABSENT), Failed)
    assert isinstance(judge(None, ABSENT), Failed)


def test_all_faults_are_told_at_once() -> None:
    verdict = judge(replace(GOOD, expires=date(2020, 1, 1), attested=date(2019, 1, 1), clauses=()))

    assert isinstance(verdict, Failed)
    assert all(word in verdict.reason for word in ("2020-01-01", "2019-01-01", "it lacks"))
