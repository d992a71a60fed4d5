"""What differs in its address alone is told once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.alike import alike, without_addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The server at 192.0.2.1 is open.", "The server at its address is open."),
        ("It ends at 192.0.2.1.", "It ends at its address."),
        ("192.0.2.1:443 refused.", "its address refused."),
        ("At 192.0.2.1: nothing.", "At its address: nothing."),
        ("At 2001:db8::1 and [2001:db8::2]:443.", "At its address and its address."),
        ("At ::1.", "At its address."),
        ("From 12:30 on, TLS 1.2 and 1.3, 365.", "From 12:30 on, TLS 1.2 and 1.3, 365."),
        ("RFC 7208, 4.6.4; max-age=300; face:b00k", "RFC 7208, 4.6.4; max-age=300; face:b00k"),
        ("www.192.0.2.1.example", "www.192.0.2.1.example"),
    ],
)
def test_addresses_and_nothing_else_are_left_out(text: str, expected: str) -> None:
    assert without_addresses(text) == expected


@given(st.text(alphabet="0123456789abc:.[] ", max_size=120))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(without_addresses(text), str)


def test_the_same_at_several_addresses_is_one_and_a_single_one_keeps_its_address(finding: Any) -> None:
    one, two, three = alike(
        [
            finding("https-hsts", "a", reason="At 192.0.2.1: nothing."),
            finding("https-hsts", "b", reason="At 192.0.2.2: something."),
            finding("https-hsts", "c", reason="At 192.0.2.3: nothing."),
            finding("https-hsts", "d", reason="At 192.0.2.3: nothing.", subject="part"),
        ]
    )
    assert (one.reason, [each.asset for each in one.findings]) == ("At its address: nothing.", ["a", "c"])
    assert two.reason == "At 192.0.2.2: something."
    assert (three.reason, three.subject) == ("At 192.0.2.3: nothing.", "part")
