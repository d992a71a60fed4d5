"""What an unquoted word of YAML means: YAML 1.2's core schema, with dates, without surprises.

Only `true` and `false` are booleans, so the country `NO` stays text; a number with a leading zero, a colon, an
underscore or a prefix stays text, so no account number turns into an octal one.
"""

from __future__ import annotations

import re
from datetime import date

ScalarValue = str | int | float | bool | date | None

_WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAYBE = re.compile(r"[-+.0-9]")
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?=[0-9.]*[.eE])(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def iso_date(text: str) -> date | None:
    """The day that `YYYY-MM-DD` names, or None where there is no such day."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def plain_scalar(text: str) -> ScalarValue:
    """The value of an unquoted scalar; whatever is not surely something else stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if not _MAYBE.match(text) or len(text) > 40:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return iso_date(text) or text
