"""Set-Cookie lines as facts, read as browsers read them (RFC 6265, section 5.2). Pure; values are dropped."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model.facts.page import Cookie
from scanner.model.foreign import harmless

MOST_COOKIES = 50
"""Cookies of one answer that are kept; those without Secure come first, so that none of them is lost to the others."""

_BLANK = " \t"


def cookies_of(lines: Iterable[str]) -> tuple[Cookie, ...]:
    """The cookies that an answer sets, the ones without Secure first."""
    found = [cookie for line in lines if (cookie := _cookie(line)) is not None]
    return tuple(sorted(found, key=lambda cookie: cookie.secure)[:MOST_COOKIES])


def _cookie(line: str) -> Cookie | None:
    """One line; None where browsers ignore it, for it has neither name nor value."""
    pair, *rest = line.split(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    if not name.strip(_BLANK) and not value.strip(_BLANK):
        return None
    attributes: dict[str, str] = {}
    for each in rest:
        key, _, told = each.partition("=")
        attributes[key.strip(_BLANK).lower()] = told.strip(_BLANK)  # the last one counts
    return Cookie(
        name=harmless(name.strip(_BLANK), 60),
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site=harmless(attributes["samesite"].lower(), 20) if "samesite" in attributes else None,
        domain=bool(attributes.get("domain")),
        root_path=attributes.get("path") == "/",
    )
