"""From when to when, without saying anything twice."""

from __future__ import annotations

from datetime import datetime

from reports.words import day_and_time


def period(start: datetime, end: datetime | None) -> str:
    """E.g. `November 22, 2026, 16:41 to 16:44 UTC`; a day or a minute that both share is said once."""
    first = day_and_time(start)
    if end is None:
        return f"{first}, not finished"
    last = day_and_time(end)
    if first == last:
        return first
    day, comma, time = last.rpartition(", ")
    return f"{first.removesuffix(' UTC')} to {time if first.startswith(day + comma) else last}"
