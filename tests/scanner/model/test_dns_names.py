"""RFC 9525 matching."""

from __future__ import annotations

import pytest

from scanner.model.dns_names import a_labels, as_ip, covers


@pytest.mark.parametrize(
    ("host", "pattern"),
    [
        ("www.city.example", "www.city.example"),
        ("WWW.City.example", "www.CITY.example"),
        ("www.city.example.", "www.city.example"),
        ("www.city.example", "www.city.example."),
        ("www.city.example", "*.city.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("under_score.example", "under_score.example"),
        ("bücher.city.example", "*.city.example"),
        ("localhost", "localhost"),
    ],
)
def test_a_name_that_covers_the_host_matches(host: str, pattern: str) -> None:
    assert covers(host, [pattern], [])


@pytest.mark.parametrize(
    ("host", "pattern"),
    [
        ("www.city.example", "city.example"),
        ("city.example", "*.city.example"),
        ("a.b.city.example", "*.city.example"),
        ("www.city.example", "w*.city.example"),
        ("www.city.example", "*w.city.example"),
        ("www.city.example", "www.*.example"),
        ("www.city.example", "*"),
        ("localhost", "*"),
        ("www.city.example", "*.*.example"),
        ("www.city.example", ""),
        ("", ""),
        ("", "*."),
        (".city.example", "*.city.example"),
        ("www.city.example", "www.city.example\ufffd"),
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "*.0.0.1"),
        ("a..example", "a..example"),
    ],
)
def test_a_name_that_is_not_exactly_the_hosts_does_not_match(host: str, pattern: str) -> None:
    assert not covers(host, [pattern], [])


def test_addresses_match_address_entries_alone() -> None:
    assert covers("10.0.0.1", ["other.example"], ["10.0.0.1"])
    assert covers("::1", [], ["0:0:0:0:0:0:0:1"])
    assert covers("[fe80::1%eth0]", [], ["fe80::1"])
    assert not covers("10.0.0.1", [], ["10.0.0.2"])
    assert not covers("city.example", [], ["10.0.0.1"])
    assert not covers("10.0.0.1", [], ["no address"])


def test_a_name_that_idna_cannot_hold_stays_what_it_is() -> None:
    assert a_labels("ü" * 70 + ".example") == "ü" * 70 + ".example"
    assert a_labels("ü" * 5000) == "ü" * 5000
    assert as_ip("city.example") is None
