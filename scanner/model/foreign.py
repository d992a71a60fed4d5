"""What a peer sends, made harmless before it becomes a fact: decoded, cut, without control characters."""

from __future__ import annotations

import unicodedata

_CUT = "…"
_REPLACEMENT = "\ufffd"


def harmless(sent: str | bytes, limit: int = 1000) -> str:
    """Text of a peer in at most `limit` characters, one line, safe for a terminal and for JSON.

    Control, bidirectional and other invisible characters and line separators become U+FFFD rather than nothing, so
    that what a grammar forbids stays forbidden. Text that was cut ends in `…`.
    """
    text = sent[: limit * 4 + 4].decode("utf-8", "replace") if isinstance(sent, bytes) else sent
    cut = len(text) > limit
    text = text[: limit - 1] if cut else text
    if not text.isprintable():  # all that is unsafe is unprintable; most text is neither
        text = "".join(_REPLACEMENT if _is_unsafe(character) else character for character in text)
    return text + _CUT if cut else text


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
