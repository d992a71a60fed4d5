"""Ages in calendar months."""

from __future__ import annotations

from datetime import date

import pytest

from scanner.model.ages import older


@pytest.mark.parametrize(
    ("day", "months", "today", "expected"),
    [
        (date(2025, 11, 22), 12, date(2026, 11, 22), False),
        (date(2025, 11, 21), 12, date(2026, 11, 22), True),
        (date(2028, 1, 31), 1, date(2028, 2, 29), False),
        (date(2028, 1, 31), 1, date(2028, 3, 1), True),
        (date.max, 0, date.min, False),
        (date.min, 10**9, date.max, False),
    ],
)
def test_a_day_is_older_than_months_once_they_have_passed(day: date, months: int, today: date, expected: bool) -> None:
    assert older(day, months, today) is expected
