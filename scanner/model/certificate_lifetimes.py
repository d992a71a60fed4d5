"""How long public authorities may let a certificate for servers be valid, by the day of issue.

The limits are the CA/Browser Forum's (Baseline Requirements for TLS server certificates, section 6.3.2). They bind
public authorities alone: a city's own authority sets its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_DAY = timedelta(days=1)
_LAST_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class LifetimeLimit:
    """The longest lifetime in days of certificates issued on the day `since` and later."""

    since: date
    days: int
    source: str


LIMITS = (
    LifetimeLimit(since=date(2018, 3, 1), days=825, source="CA/Browser Forum ballot 193 (2017-03-17)"),
    LifetimeLimit(since=date(2020, 9, 1), days=398, source="CA/Browser Forum ballot SC-31 (2020-07-16)"),
    LifetimeLimit(since=date(2026, 3, 15), days=200, source="CA/Browser Forum ballot SC-081v3 (2025-04-11)"),
    LifetimeLimit(since=date(2027, 3, 15), days=100, source="CA/Browser Forum ballot SC-081v3 (2025-04-11)"),
    LifetimeLimit(since=date(2029, 3, 15), days=47, source="CA/Browser Forum ballot SC-081v3 (2025-04-11)"),
)
"""Oldest first. What was issued before the first of them is no longer valid anywhere."""


def limit_at(issued: datetime) -> LifetimeLimit | None:
    """The limit for what is issued at a moment; None before the first one of `LIMITS`."""
    day = _utc(issued).date()
    return next((limit for limit in reversed(LIMITS) if limit.since <= day), None)


def lifetime_days(not_before: datetime, not_after: datetime) -> int:
    """A lifetime in days as section 6.3.2 counts it: the last second belongs to it, a begun day counts in full.

    Dates in the wrong order make a lifetime of 0.
    """
    return max(0, -((_utc(not_before) - _utc(not_after) - _LAST_SECOND) // _DAY))


def _utc(moment: datetime) -> datetime:
    """A moment that can be compared with any other; one without a zone is in UTC already."""
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
