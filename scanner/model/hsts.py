"""The Strict-Transport-Security header, as RFC 6797 (2012-11) writes it. Pure: text in, meaning out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

# RFC 2616, section 2.2, which RFC 6797, section 6.1, takes its `token` and `quoted-string` from.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 (a grammar, no password)
_QUOTED = r'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f-\U0010ffff]|\\[\x00-\x7f])*"'
_DIRECTIVE = re.compile(rf"[ \t]*(?:(?P<name>{_TOKEN})[ \t]*(?:=[ \t]*(?P<value>{_TOKEN}|{_QUOTED}))?)?[ \t]*(?:;|\Z)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+\Z")

# Ages beyond this many digits are all the same to everybody; it also bounds the work of reading them.
_MOST_DIGITS = 18


@dataclass(frozen=True, kw_only=True)
class Hsts:
    """A valid header: seconds for which a browser must use https, and the two flags."""

    max_age: int
    include_subdomains: bool
    preload: bool


@dataclass(frozen=True, kw_only=True)
class InvalidHsts:
    """A header that browsers must ignore (RFC 6797, section 6.1, rule 4); `problem` completes "it …"."""

    problem: str


def hsts_applies_to(host: str) -> bool:
    """Whether HSTS can hold for a host: never for an IP literal (RFC 6797, section 8.1.1)."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return False


def parse_hsts(value: str) -> Hsts | InvalidHsts:
    """Reads one header value strictly. Unknown directives are ignored, malformed or repeated ones spoil the header."""
    directives = _directives(value)
    if isinstance(directives, InvalidHsts):
        return directives
    if "max-age" not in directives:
        return InvalidHsts(problem="names no max-age")
    age = directives["max-age"] or ""
    if not _DIGITS.match(age):
        return InvalidHsts(problem="gives no whole number of seconds as its max-age")
    if directives.get("includesubdomains") is not None:
        return InvalidHsts(problem="gives includeSubDomains a value, and it takes none")
    return Hsts(
        max_age=_seconds(age), include_subdomains="includesubdomains" in directives, preload="preload" in directives
    )


def _directives(value: str) -> dict[str, str | None] | InvalidHsts:
    """Names in lower case with their unquoted values; None where a directive has no value."""
    found: dict[str, str | None] = {}
    position = 0
    while position < len(value):
        match = _DIRECTIVE.match(value, position)
        if match is None:
            return InvalidHsts(problem=_what_is_wrong(value[position:]))
        position = match.end()
        name = (match["name"] or "").lower()
        if name in found:
            return InvalidHsts(problem=f"holds {name} twice")
        if name:
            found[name] = _unquoted(match["value"])
    return found


def _what_is_wrong(rest: str) -> str:
    if "," in rest.partition(";")[0]:
        return "holds a comma, which separates nothing in this header"
    return "does not follow the header's grammar"


def _unquoted(value: str | None) -> str | None:
    if value is None or not value.startswith('"'):
        return value
    return _ESCAPED.sub(r"\1", value[1:-1])


def _seconds(digits: str) -> int:
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= _MOST_DIGITS else int("9" * _MOST_DIGITS)
