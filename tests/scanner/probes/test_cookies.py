"""Set-Cookie lines as facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.facts.page import Cookie
from scanner.probes._cookies import MOST_COOKIES, cookies_of


@pytest.mark.parametrize(
    ("line", "cookie"),
    [
        ("a=secret", Cookie(name="a", secure=False)),
        ("a=b; Secure", Cookie(name="a", secure=True)),
        ("a=b;secure;HTTPONLY", Cookie(name="a", secure=True, http_only=True)),
        ("a=b; SameSite=Strict; samesite = NONE ", Cookie(name="a", secure=False, same_site="none")),
        ("a=b; Domain=city.example; Path=/", Cookie(name="a", secure=False, domain=True, root_path=True)),
        ("a=b; Path=/; Path=/x", Cookie(name="a", secure=False)),
        ("a=secure", Cookie(name="a", secure=False)),
        ("a=b; notsecure; xSecure=1", Cookie(name="a", secure=False)),
        ("a=b; Secure=false", Cookie(name="a", secure=True)),
        ("nameless; Secure", Cookie(name="", secure=True)),
        ("=b", Cookie(name="", secure=False)),
    ],
)
def test_a_line_is_read_as_browsers_read_it_and_its_value_is_dropped(line: str, cookie: Cookie) -> None:
    assert cookies_of([line]) == (cookie,)
    assert "secret" not in repr(cookies_of([line]))


@pytest.mark.parametrize("line", ["", ";", " ; Secure", "=", "= ; Secure"])
def test_a_line_without_name_and_value_sets_nothing(line: str) -> None:
    assert cookies_of([line]) == ()


def test_of_thousands_of_cookies_the_ones_without_secure_are_kept() -> None:
    lines = [f"c{number}=x; Secure" for number in range(5000)] + ["late=x"]
    cookies = cookies_of(lines)
    assert len(cookies) == MOST_COOKIES
    assert cookies[0].name == "late"


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("a=b; SameSite=None", 1),
        ("a=b; SameSite=None; Secure", 0),
        ("__Secure-a=b", 1),
        ("__Secure-a=b; Secure", 0),
        ("__Host-a=b; Secure; Path=/", 0),
        ("__Host-a=b; Secure", 1),
        ("__host-a=b; Secure; Path=/; Domain=city.example", 1),
        ("__Host-a=b; SameSite=None", 2),
    ],
)
def test_what_browsers_refuse_is_named(line: str, faults: int) -> None:
    assert len(cookies_of([line])[0].faults) == faults


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_lines_are_read(lines: list[str]) -> None:
    assert all(len(cookie.name) <= 60 for cookie in cookies_of(lines))
