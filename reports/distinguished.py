"""Reading names of certificates (RFC 4514 strings) for people: the common name in them."""

from __future__ import annotations

import re

_ATTRIBUTE = re.compile(r"([^=,+\\]{1,40})=((?:\\.|[^,+\\])*)[,+]?", re.DOTALL)
_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)


def common_name(name: str) -> str:
    """The first common name in a distinguished name, without escapes; the whole name where it has none."""
    for attribute in _ATTRIBUTE.finditer(name):
        if attribute.group(1).strip().upper() == "CN":
            return _ESCAPED.sub(_plain, attribute.group(2)).strip() or name
    return name


def _plain(match: re.Match[str]) -> str:
    """The character that was escaped; a pair of hex digits is shown as it stands, for it may be half of one."""
    escaped = match.group(1)
    return escaped if len(escaped) == 1 else match.group()
