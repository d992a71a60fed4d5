"""Foreign text becomes harmless and stays readable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.text import HARD_LIMIT, clean, cut, harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("Señor 市 👩‍💻", "Señor 市 👩‍💻"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("nul\x00 del\x7f c1\x9b", "nul\\x00 del\\x7f c1\\x9b"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("half \ud800", "half \\ud800"),
        ("line\nfeed\tand tab", "line\nfeed\tand tab"),
    ],
)
def test_hidden_characters_are_shown_as_their_codes(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(st.characters()))
def test_what_is_cleaned_can_be_encoded_and_controls_nothing(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not {unicodedata.category(char) for char in cleaned if char not in "\n\t"} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in cleaned} & {"LRO", "RLO", "LRE", "RLE", "LRI", "RLI", "FSI"}


def test_long_text_is_cut_with_a_note_of_its_length() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("x" * 1_048_576, 3) == "xxx… [cut here: 1,048,576 characters in all]"


def test_no_string_is_endless() -> None:
    assert len(harmless("\x1b" * 10_000_000)) < HARD_LIMIT * 6
