"""Making sentences of parts: what a person reads starts with a capital letter and ends in one full stop. Pure."""

from __future__ import annotations


def capitalised(text: str) -> str:
    """The text with a capital first letter; the rest keeps its own, since names and acronyms stand in it."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as one sentence: a capital first letter, and the full stop that it may lack."""
    return f"{capitalised(text)}{'' if text.endswith('.') else '.'}"
