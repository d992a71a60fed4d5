"""messaging-end-to-end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from checks.messaging_end_to_end import messaging_end_to_end
from scanner.model.asset import Messaging
from scanner.model.finding import Failed, Passed, Undecided, Verdict
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def judge(product: str, archive: str | None = None, *, policy: Policy | None = None, now: datetime = NOW) -> Verdict:
    messaging = Messaging(id="chat", product=product, archived_by=archive)
    verdict = messaging_end_to_end.judge(messaging, policy or Policy(), now)
    assert isinstance(verdict, Verdict)
    return verdict


@pytest.mark.parametrize("product", ["signal", "WhatsApp", "iMessage", "wire", "Threema", "Element", "AWS Wickr"])
def test_a_product_that_encrypts_by_default_passes(product: str) -> None:
    assert isinstance(judge(product), Passed)


def test_a_pass_without_an_archive_says_that_records_law_may_want_one() -> None:
    verdict = judge("signal")

    assert any(item.fact == "archive" and "records law" in item.value for item in verdict.evidence)


def test_the_evidence_names_source_and_day() -> None:
    verdict = judge("signal")

    assert any("signal.org" in item.value and "as of 20" in item.value for item in verdict.evidence)


@pytest.mark.parametrize("product", ["sms", "Microsoft Teams", "slack", "Google Chat", "discord", "mattermost"])
def test_a_product_that_does_not_encrypt_end_to_end_fails(product: str) -> None:
    verdict = judge(product)

    assert isinstance(verdict, Failed)
    assert "is not end-to-end encrypted" in verdict.reason


@pytest.mark.parametrize("product", ["telegram", "messenger", "rcs", "rocket.chat", "email"])
def test_encryption_only_in_part_or_once_switched_on_fails(product: str) -> None:
    verdict = judge(product)

    assert isinstance(verdict, Failed)
    assert "only in part" in verdict.reason


def test_an_archive_that_breaks_the_encryption_fails_whatever_the_product() -> None:
    for product in ("signal", "never heard of"):
        verdict = judge(product, "TeleMessage")
        assert isinstance(verdict, Failed)
        assert "TeleMessage breaks" in verdict.reason
        assert any("CVE-2025-47729" in item.value for item in verdict.evidence)


def test_an_archive_that_keeps_the_encryption_passes() -> None:
    assert isinstance(judge("wickr", "AWS Wickr data retention bot"), Passed)


@pytest.mark.parametrize("archive", ["Smarsh", "Wickr data retention", "Basement Shelf"])
def test_an_archive_of_which_too_little_is_known_leaves_the_verdict_open(archive: str) -> None:
    verdict = judge("signal", archive)

    assert isinstance(verdict, Undecided)
    assert verdict.unobserved.cause is Cause.NOT_DECLARED
    assert any("Signal" in item.value for item in verdict.evidence)


def test_a_failing_product_wins_over_an_archive_that_is_not_known() -> None:
    assert isinstance(judge("slack", "Smarsh"), Failed)


def test_a_product_that_is_not_in_the_catalogue_is_never_guessed() -> None:
    for archive in (None, "wickr"):
        verdict = judge("Signalizer", archive)
        assert isinstance(verdict, Undecided)
        assert verdict.unobserved.cause is Cause.NOT_DECLARED
        assert "'Signalizer'" in verdict.unobserved.detail


def test_an_entry_that_is_too_old_leaves_the_verdict_open() -> None:
    verdict = judge("signal", now=datetime(2032, 1, 1, tzinfo=UTC))

    assert isinstance(verdict, Undecided)
    assert verdict.unobserved.cause is Cause.STALE


def test_a_city_may_let_entries_grow_older() -> None:
    assert isinstance(judge("signal", policy=Policy(messaging_max_months=0)), Undecided)
    assert isinstance(
        judge("signal", policy=Policy(messaging_max_months=1200), now=datetime(2032, 1, 1, tzinfo=UTC)), Passed
    )
