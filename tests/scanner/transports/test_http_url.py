"""URLs as they are asked for."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.transports._http_url import port_of, server_name, wanted


@pytest.mark.parametrize(
    ("url", "host", "netloc", "target"),
    [
        ("https://www.city.example", "www.city.example", "www.city.example", "/"),
        ("HTTPS://WWW.City.Example:443/A?b=C#d", "www.city.example", "www.city.example", "/A?b=C"),
        ("http://clerk:pw@city.example:8080/x", "city.example", "city.example:8080", "/x"),
        ("http://city.example./", "city.example.", "city.example.", "/"),
        ("https://[2001:DB8::1]:8443/", "2001:db8::1", "[2001:db8::1]:8443", "/"),
        (
            "https://bücher.example/ä b?ü=%20",
            "xn--bcher-kva.example",
            "xn--bcher-kva.example",
            "/%C3%A4%20b?%C3%BC=%20",
        ),
        ("http://a_b.example?x", "a_b.example", "a_b.example", "/?x"),
    ],
)
def test_a_url_says_who_is_asked_for_what(url: str, host: str, netloc: str, target: str) -> None:
    asked = wanted(url)
    assert (asked.raw_host, asked.netloc, asked.raw_path) == (host.encode(), netloc.encode(), target.encode())
    assert server_name(asked) == host.removesuffix(".")


@pytest.mark.parametrize(
    "url", ["http://a\r\nX: y/", "http://a/\r\nX:", "http://a b/", "http://a:b/", "http://a:0/", "x"]
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(httpx.InvalidURL):
        wanted(url)


def test_the_port_is_given_or_implied() -> None:
    assert [port_of(url) for url in ("http://a/", "https://a/", "https://a:1/", "ftp://a/")] == [80, 443, 1, 0]


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://city.example/{text}"):
        try:
            asked = wanted(url)
        except httpx.InvalidURL:
            continue
        said = (asked.netloc + asked.raw_path).decode("latin-1")
        assert said.isascii()
        assert not set(said) & set(" \r\n\t\x00")
