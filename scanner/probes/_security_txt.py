"""security.txt (RFC 9116, April 2022): whom to tell of a hole. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from scanner.model.facts.page import SecurityTxt
from scanner.model.foreign import harmless
from scanner.model.unobserved import Unobserved
from scanner.transports.http import Answer

PATH = "/.well-known/security.txt"

_LARGEST = 32_000
_FIELD = re.compile(r"^(contact|expires):[ \t]*(\S[^\r\n]{0,200})", re.IGNORECASE | re.MULTILINE)

# RFC 3339, section 5.6, which section 2.5.5 asks for.
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.\d+)?(?:([+-]\d\d:\d\d)|[Zz])\s*\Z")


def address_of(url: str) -> str:
    """Where the file of a site lies: at its host and port, whatever page the inventory names."""
    return urlsplit(url)._replace(path=PATH, query="", fragment="").geturl()


def is_there(answer: Answer) -> bool:
    """Whether the answer's body is worth reading."""
    return answer.status == 200


def security_txt_of(url: str, answer: Answer) -> SecurityTxt | Unobserved:
    """What an answer says; a gap where the file did not come whole."""
    shown = harmless(url, 300)
    if answer.status != 200 or answer.body is None:
        return SecurityTxt(url=shown, status=answer.status)
    if answer.body.gap is not None:
        return answer.body.gap
    fields = _FIELD.findall(answer.body.content[:_LARGEST].decode("utf-8", "replace"))
    dates = [value for name, value in fields if name.lower() == "expires"]
    return SecurityTxt(
        url=shown,
        status=answer.status,
        text_plain=any(each.strip().lower().startswith("text/plain") for each in answer.values("content-type")),
        contacts=sum(name.lower() == "contact" for name, _ in fields),
        expires=_date(dates[0]) if len(dates) == 1 else None,
    )


def _date(text: str) -> datetime | None:
    """A date with its zone, as UTC; None for none."""
    found = _DATE.match(text)
    if found is None:
        return None
    day, time, zone = found.groups()
    try:
        return datetime.fromisoformat(f"{day}T{time}{zone or '+00:00'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
