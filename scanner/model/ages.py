"""How old a date is in calendar months."""

from __future__ import annotations

from datetime import date


def older(day: date, months: int, today: date) -> bool:
    """Whether `today` lies beyond `day` plus calendar months, without making a date that may not exist."""
    return (today.year * 12 + today.month - months, today.day) > (day.year * 12 + day.month, day.day)
