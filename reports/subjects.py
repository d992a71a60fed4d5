"""What the part of an asset that a finding is about is called, where its own name is for machines."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS: Mapping[tuple[str, str], str] = {
    ("tls-vulnerabilities", "ccs"): "early ChangeCipherSpec",
    ("tls-vulnerabilities", "compression"): "compression (CRIME)",
    ("tls-vulnerabilities", "heartbleed"): "Heartbleed",
    ("tls-vulnerabilities", "renegotiation"): "insecure renegotiation",
    ("tls-vulnerabilities", "robot"): "ROBOT",
}


def subject_words(check: str, subject: str) -> str | None:
    """A subject of a check in words; None where its own name is what people know, such as a path."""
    return _WORDS.get((check, subject))
