"""How long public authorities may let a certificate be valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from scanner.model.certificate_lifetimes import LIMITS, lifetime_days, limit_at

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("issued", "days"),
    [
        ("2018-02-28T23:59:59Z", None),
        ("2018-03-01T00:00:00Z", 825),
        ("2020-08-31T23:59:59Z", 825),
        ("2020-09-01T00:00:00Z", 398),
        ("2026-03-14T23:59:59Z", 398),
        ("2026-03-15T00:00:00Z", 200),
        ("2026-03-15T01:00:00+02:00", 398),  # still the 14th in UTC
        ("2027-03-14T23:59:59Z", 200),
        ("2027-03-15T00:00:00Z", 100),
        ("2029-03-14T23:59:59Z", 100),
        ("2029-03-15T00:00:00Z", 47),
        ("2040-01-01T00:00:00", 47),
    ],
)
def test_the_day_of_issue_decides_which_limit_holds(issued: str, days: int | None) -> None:
    limit = limit_at(datetime.fromisoformat(issued))
    assert (limit.days if limit else None) == days


def test_limits_only_ever_fall_and_name_their_source() -> None:
    for before, after in pairwise(LIMITS):
        assert before.since < after.since
        assert before.days > after.days
    assert all("ballot" in limit.source for limit in LIMITS)


@pytest.mark.parametrize(
    ("span", "days"),
    [
        (timedelta(days=90, seconds=-1), 90),
        (timedelta(days=90), 91),
        (timedelta(days=397, hours=5), 398),
        (timedelta(0), 1),
        (timedelta(days=-3), 0),
    ],
)
def test_the_last_second_belongs_to_a_lifetime_and_a_begun_day_counts(span: timedelta, days: int) -> None:
    assert lifetime_days(START, START + span) == days
    assert lifetime_days(START.replace(tzinfo=None), START + span) == days
    assert lifetime_days(START.astimezone(timezone(timedelta(hours=-5))), START + span) == days


def test_absurd_dates_are_counted_and_raise_nothing() -> None:
    first, last = (moment.replace(tzinfo=UTC) for moment in (datetime.min, datetime.max))
    assert lifetime_days(first, last) == 3652060
    assert lifetime_days(last, first) == 0
    assert limit_at(first) is None
