"""Numbers and causes in plain words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from reports.words import (
    CAUSE_WORDS,
    KIND_WORDS,
    SEVERITY_WORDS,
    STATUS_SIGNS,
    day_and_time,
    moment,
    percent,
    score_short,
    score_words,
    timestamp,
)
from scanner.model.asset import ASSET_KINDS
from scanner.model.finding import Severity, Status, Tally
from scanner.model.unobserved import Cause


@pytest.mark.parametrize(
    ("fraction", "words"), [(0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.9999, "99 %"), (0.0001, "1 %"), (0.625, "63 %")]
)
def test_only_the_exact_ends_are_called_0_and_100_percent(fraction: float, words: str) -> None:
    assert percent(fraction).replace("\u00a0", " ") == words


def test_a_score_is_told_as_a_range_with_its_coverage() -> None:
    tally = Tally(passed=8, failed=2, unknown=3)
    assert score_words(tally).replace("\u00a0", " ") == (
        "between 62 % and 85 %, 77 % of the questions could be answered"
    )
    assert score_short(tally).replace("\u00a0", " ") == "62–85 %"


def test_a_score_without_gaps_is_one_number() -> None:
    tally = Tally(passed=3, failed=1)
    assert score_words(tally).replace("\u00a0", " ") == "75 %, and every question could be answered"
    assert score_short(tally).replace("\u00a0", " ") == "75 %"


def test_a_score_of_nothing_is_no_score() -> None:
    assert score_short(Tally(not_applicable=4)) == "–"
    assert "no score" in score_words(Tally(not_applicable=4))


def test_a_score_that_rests_on_nothing_says_so() -> None:
    assert "none of the questions could be answered" in score_words(Tally(unknown=2))


def test_every_status_severity_cause_and_kind_has_words() -> None:
    assert set(STATUS_SIGNS) == set(Status)
    assert set(SEVERITY_WORDS) == set(Severity)
    assert set(CAUSE_WORDS) == set(Cause)
    assert set(KIND_WORDS) == {kind.kind for kind in ASSET_KINDS}
    assert len({sign.mark for sign in STATUS_SIGNS.values()}) == len(Status)


def test_times_are_told_in_utc() -> None:
    there = datetime(2026, 11, 22, 11, 41, 30, 250_000, tzinfo=timezone(-timedelta(hours=5)))
    assert timestamp(there) == "2026-11-22T16:41:30.250000Z"
    assert moment(there) == "2026-11-22 16:41:30 UTC"
    assert day_and_time(there) == "November 22, 2026, 16:41 UTC"
    assert timestamp(datetime(2026, 11, 22, 16, 41, 30, tzinfo=UTC)) == "2026-11-22T16:41:30Z"
    assert timestamp(datetime(2026, 11, 22, 16, 41, 30)) == "2026-11-22T16:41:30Z"
