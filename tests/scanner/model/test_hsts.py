"""The HSTS grammar of RFC 6797, section 6.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.hsts import Hsts, InvalidHsts, hsts_applies_to, parse_hsts


@pytest.mark.parametrize(
    ("value", "age", "subdomains", "preload"),
    [
        ("max-age=31536000", 31536000, False, False),
        ("max-age=0", 0, False, False),
        ("MAX-AGE=10; IncludeSubDomains; PreLoad", 10, True, True),
        ('max-age="31536000"', 31536000, False, False),
        (r'max-age="3\1"', 31, False, False),
        (' \tmax-age = 10 ;includeSubDomains; ', 10, True, False),
        (";;max-age=10;;", 10, False, False),
        ("max-age=10; report-uri=\"https://a,b;c\"; other", 10, False, False),
        ("max-age=00010", 10, False, False),
        ("max-age=" + "9" * 5000, int("9" * 18), False, False),
        ("includeSubDomains; max-age=10", 10, True, False),
    ],
)  # fmt: skip
def test_valid_headers_are_read(value: str, age: int, subdomains: bool, preload: bool) -> None:
    assert parse_hsts(value) == Hsts(max_age=age, include_subdomains=subdomains, preload=preload)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "names no max-age"),
        (";", "names no max-age"),
        ("includeSubDomains", "names no max-age"),
        ("max-age", "whole number"),
        ("max-age=", "grammar"),
        ("max-age=-1", "whole number"),
        ("max-age=1.5", "whole number"),
        ("max-age=1e9", "whole number"),
        ("max-age=٣١٥٣٦٠٠٠", "grammar"),
        ('max-age="', "grammar"),
        ('max-age=""', "whole number"),
        ("max-age=10; max-age=31536000", "holds max-age twice"),
        ("max-age=10; preload; PRELOAD", "holds preload twice"),
        ("max-age=31536000, max-age=31536000", "comma"),
        ("max-age=31536000, includeSubDomains", "comma"),
        ("max-age=31536000 includeSubDomains", "grammar"),
        ("max-age=31536000\ufffd", "grammar"),
        ("max-age=31536000…", "grammar"),
        ("max-age: 31536000", "grammar"),
        ("=31536000", "grammar"),
        ("max-age=31536000; includeSubDomains=true", "takes none"),
        ("Strict-Transport-Security: max-age=31536000", "grammar"),
    ],
)
def test_invalid_headers_are_told_apart(value: str, problem: str) -> None:
    found = parse_hsts(value)
    assert isinstance(found, InvalidHsts)
    assert problem in found.problem


@given(st.text(max_size=200) | st.text(alphabet='max-age=0123; ,"\\\tincludeSubDomains', max_size=80))
def test_any_text_is_read_or_refused(value: str) -> None:
    assert isinstance(parse_hsts(value), Hsts | InvalidHsts)


@given(
    age=st.integers(0, 10**17),
    order=st.permutations(["max-age", "includeSubDomains", "unknown=x", 'quoted="a;b,c"']),
    space=st.sampled_from(["", " ", "\t ", "  "]),
    quoted=st.booleans(),
)
def test_what_is_written_by_the_grammar_is_read_back(age: int, order: list[str], space: str, quoted: bool) -> None:
    number = f'"{age}"' if quoted else str(age)
    parts = [f"max-age{space}={space}{number}" if part == "max-age" else part for part in order]
    read = parse_hsts(f"{space};{space}".join(parts))
    assert read == Hsts(max_age=age, include_subdomains=True, preload=False)


@pytest.mark.parametrize(
    ("host", "applies"),
    [
        ("www.city.example", True),
        ("localhost", True),
        ("192.0.2.1", False),
        ("2001:db8::1", False),
        ("fe80::1%1", False),
    ],
)
def test_hsts_holds_for_names_alone(host: str, applies: bool) -> None:
    assert hsts_applies_to(host) is applies
