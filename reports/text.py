"""Foreign text made harmless for a page: no control characters, no hidden direction changes, no endless strings."""

from __future__ import annotations

import re

# Beyond this no string reaches a page, whatever a template forgets to ask for.
HARD_LIMIT = 20_000

# Control characters (line feed and tab are harmless), soft hyphen, direction marks and overrides, zero-width spaces,
# line separators, lone surrogates, interlinear marks, tags, and what Unicode never assigns.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """The text with every hidden or controlling character shown as its code, e.g. `\\x1b` or `\\u202e`."""
    return text if text.isprintable() else _HIDDEN.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of the text, with a note of its whole length where it was cut."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… [cut here: {len(text):,} characters in all]"


def harmless(text: str) -> str:
    """Cut at the hard limit, then cleaned."""
    return clean(cut(text, HARD_LIMIT))
