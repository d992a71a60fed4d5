"""Common names are read out of distinguished names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.distinguished import common_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CN=www.city.example,O=City", "www.city.example"),
        ("O=City,CN=Last", "Last"),
        ("O=City+CN=Joined", "Joined"),
        (r"CN=City CA\, trusted by nothing,O=City", "City CA, trusted by nothing"),
        (r"O=a\,CN=b,CN=c", "c"),
        (r"CN=a\\,O=b", "a\\"),
        (r"CN=\c3\a4", r"\c3\a4"),
        ("CN=,O=City", "CN=,O=City"),
        ("O=City", "O=City"),
        ("", ""),
    ],
)
def test_the_first_common_name_stands_for_the_whole(name: str, expected: str) -> None:
    assert common_name(name) == expected


@given(st.text(max_size=60))
def test_any_text_has_a_name(name: str) -> None:
    assert bool(common_name(name)) is bool(name)
