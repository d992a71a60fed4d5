"""What a peer sends, made harmless."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.foreign import harmless


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("nginx/1.22", "nginx/1.22"),
        (b"nginx/1.22", "nginx/1.22"),
        ("bücher", "bücher"),
        (b"b\xfccher", "b\ufffdcher"),
        ("a\x1b[31mb\r\nc\x00", "a\ufffd[31mb\ufffd\ufffdc\ufffd"),
        ("a\u202eb\u2028c\ud800", "a\ufffdb\ufffdc\ufffd"),
        ("", ""),
    ],
)
def test_what_could_steer_a_terminal_is_replaced(sent: str | bytes, kept: str) -> None:
    assert harmless(sent) == kept


def test_what_is_too_long_is_cut_visibly() -> None:
    assert harmless("abcdef", 4) == "abc…"
    assert harmless("abcd", 4) == "abcd"
    assert harmless("é".encode() * 100, 4) == "ééé…"


@given(st.text() | st.binary(), st.integers(1, 50))
def test_the_limit_holds_and_the_rest_is_fit_for_json(sent: str | bytes, limit: int) -> None:
    kept = harmless(sent, limit)
    assert len(kept) <= limit
    assert json.loads(json.dumps(kept).encode("utf-8")) == kept
    assert kept.isprintable() or " " in kept or any(not character.isprintable() for character in kept)
