"""Every issue of hstspreload.org has words."""

from __future__ import annotations

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import hsts_preload
from scanner.model.hsts_preload import Issue, header_issues
from scanner.model.hsts_preload_words import WORDS, issue_words


def test_an_error_and_a_warning_are_told_with_their_codes() -> None:
    code = "header.preloadable.preload.missing"
    assert issue_words(Issue(code)) == f"the header lacks preload ({code})"
    assert issue_words(Issue(code, error=False)).endswith(f"({code}, a warning only)")


def test_a_code_without_words_stands_for_itself() -> None:
    assert issue_words(Issue("new.code")) == "new.code"


@pytest.mark.parametrize(
    "code", re.findall(r'"((?:domain|response|header|redirects)\.[a-z0-9_.]+)"', inspect.getsource(hsts_preload))
)
def test_every_code_that_stands_in_the_rules_has_words(code: str) -> None:
    assert code in WORDS


parts = st.sampled_from(
    ["preload", "includeSubDomains", "max-age=", "max-age", "=1", "0", "31536000", "9" * 30, ";", " ", "x"]
)


@given(st.lists(parts, max_size=12).map("".join))
def test_every_issue_of_a_header_has_words(header: str) -> None:
    assert {issue.code for issue in header_issues(header)} <= set(WORDS)
