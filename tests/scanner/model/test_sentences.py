"""Making sentences of parts."""

from __future__ import annotations

import pytest

from scanner.model.sentences import capitalised, sentence


@pytest.mark.parametrize(("text", "wanted"), [("the S3 API", "The S3 API"), ("10.0.0.1 is", "10.0.0.1 is"), ("", "")])
def test_only_the_first_letter_becomes_a_capital(text: str, wanted: str) -> None:
    assert capitalised(text) == wanted


@pytest.mark.parametrize("text", ["it holds no records", "It holds no records."])
def test_a_sentence_ends_in_one_full_stop(text: str) -> None:
    assert sentence(text) == "It holds no records."
