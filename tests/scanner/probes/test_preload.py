"""The browsers' preload list as it is shipped."""

from __future__ import annotations

import hstspreload
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.probes._preload import preload_of


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("login.gov", "login.gov"),
        ("www.login.gov", "login.gov"),
        ("WWW.Login.GOV.", "login.gov"),
        ("anything.dev", "dev"),
        ("not-in-any-list.example", None),
        ("", None),
        ("city..example", None),
        ("\u2603\u2603" * 300 + ".example", None),
    ],
)
def test_the_entry_that_covers_a_name_is_named(host: str, entry: str | None) -> None:
    found = preload_of(host)
    assert (found.entry if found else None) == entry


def test_the_version_of_the_list_is_told() -> None:
    found = preload_of("city.example")
    assert found is not None
    assert found.version == hstspreload.__version__


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_can_stand_in_no_list(host: str) -> None:
    assert preload_of(host) is None


@given(st.text(max_size=300))
def test_any_host_is_looked_up(host: str) -> None:
    assert preload_of(host) is None or preload_of(host)
