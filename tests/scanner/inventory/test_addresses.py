from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from scanner.inventory import addresses

ALL: list[Callable[[str], object]] = [
    addresses.ip_literal,
    addresses.host,
    addresses.domain,
    addresses.port,
    addresses.host_port,
    addresses.resolver,
    addresses.https_url,
    addresses.http_url,
    addresses.endpoint_url,
    addresses.network,
    addresses.window,
]


@pytest.mark.parametrize(
    ("check", "text", "kept"),
    [
        (addresses.host, "DB1.City.gov", "db1.city.gov"),
        (addresses.host, "intranet", "intranet"),
        (addresses.host, "_sip.city.gov", "_sip.city.gov"),
        (addresses.host, "[fd00::1]", "fd00::1"),
        (addresses.domain, "City.gov", "city.gov"),
        (addresses.domain, "xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        (addresses.ip_literal, "[::1]", "::1"),
        (addresses.ip_literal, "fe80::1%eth0", "fe80::1%eth0"),
        (addresses.resolver, "127.0.0.1", "127.0.0.1:53"),
        (addresses.resolver, "::1", "[::1]:53"),
        (addresses.resolver, "[::1]:5353", "[::1]:5353"),
        (addresses.https_url, "HTTPS://WWW.City.gov:8443/A?b=C", "https://www.city.gov:8443/A?b=C"),
        (addresses.https_url, "https://[FD00::1]/", "https://[fd00::1]/"),
        (addresses.endpoint_url, "http://127.0.0.1:17500", "http://127.0.0.1:17500"),
        (addresses.network, "10.1.9.7", "10.1.9.7/32"),
        (addresses.network, "fd00::/8", "fd00::/8"),
    ],
)
def test_what_is_well_formed_comes_back_in_one_form(check: Callable[[str], str], text: str, kept: str) -> None:
    assert check(text) == kept
    assert check(kept) == kept


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (addresses.host, "a..b"),
        (addresses.host, "-a.gov"),
        (addresses.host, "a-.gov"),
        (addresses.host, "a.gov."),
        (addresses.host, "https://a.gov"),
        (addresses.host, "a.gov/x"),
        (addresses.host, "a" * 64),
        (addresses.host, "bücher.gov"),
        (addresses.domain, "user@a.gov"),
        (addresses.domain, "10.0.0.1"),
        (addresses.domain, "localhost"),
        (addresses.resolver, "::1:53x"),
        (addresses.resolver, "[127.0.0.1]:53"),
        (addresses.resolver, "127.0.0.1:"),
        (addresses.network, "10.0.0.0/33"),
        (addresses.network, "fe80::%x/64"),
        (addresses.ip_literal, "fe80::1%\x1b[31m"),
        (addresses.host, "fe80::1%a b"),
        (addresses.window, "7:00-8:00"),
        (addresses.port, "+80"),
        (addresses.port, "٨٠"),
    ],
)
def test_what_is_not_is_refused(check: Callable[[str], object], text: str) -> None:
    with pytest.raises(PydanticCustomError):
        check(text)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
@given(text=st.text() | st.text("0123456789.:[]/@-ahtps", max_size=30))
def test_no_text_makes_anything_but_the_one_error(check: Callable[[str], object], text: str) -> None:
    refused: PydanticCustomError | None = None
    try:
        check(text)
    except PydanticCustomError as error:
        refused = error
    assert refused is None or refused.__context__ is None


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_a_refusal_does_not_repeat_the_text(check: Callable[[str], object]) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        check("https://user:hunter2@city.gov:x/")
    assert "hunter2" not in f"{caught.value!r} {caught.value.message()}"
