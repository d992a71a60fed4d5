"""A period is told without repeating the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reports.moments import period

START = datetime(2026, 11, 22, 21, 23, 10, tzinfo=UTC)


def test_what_both_ends_share_is_said_once() -> None:
    assert period(START, START + timedelta(seconds=20)) == "November 22, 2026, 21:23 UTC"
    assert period(START, START + timedelta(minutes=4)) == "November 22, 2026, 21:23 to 21:27 UTC"
    assert period(START, START + timedelta(days=1)) == "November 22, 2026, 21:23 to November 23, 2026, 21:23 UTC"
    assert period(START, None) == "November 22, 2026, 21:23 UTC, not finished"
