"""security.txt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.facts.page import SecurityTxt
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._security_txt import address_of, security_txt_of
from scanner.transports.http import Answer, Body

URL = "https://www.city.example:8443/.well-known/security.txt"
GOOD = "# ours\r\nContact: mailto:security@city.example\r\ncontact: https://city.example/tell\nExpires: {}\r\n"


def told(text: str, *, status: int = 200, kind: str = "text/plain; charset=utf-8") -> SecurityTxt:
    headers = (("content-type", kind),)
    body = Body(content=text.encode())
    found = security_txt_of(URL, Answer(status=status, headers=headers, tls_version=None, digest="", body=body))
    assert isinstance(found, SecurityTxt)
    return found


def test_it_lies_at_the_host_whatever_page_the_inventory_names() -> None:
    assert address_of("https://www.city.example:8443/a?b=c#d") == URL


def test_a_good_file_is_read() -> None:
    found = told(GOOD.format("2027-01-31T12:00:00+02:00"))
    assert (found.status, found.contacts, found.text_plain) == (200, 2, True)
    assert found.expires == datetime(2027, 1, 31, 10, tzinfo=UTC)


@pytest.mark.parametrize("date", ["2027-01-31", "soon", "2027-13-31T12:00:00Z", "2027-01-31T12:00:00", ""])
def test_a_date_that_is_none_is_none(date: str) -> None:
    assert told(GOOD.format(date)).expires is None


@pytest.mark.parametrize("date", ["2027-01-31T12:00:00Z", "2027-01-31t12:00:00.123z", "9999-12-31T23:59:59-23:59"])
def test_dates_are_read_as_rfc_3339_writes_them(date: str) -> None:
    found = told(GOOD.format(date)).expires
    assert (found is None) == date.startswith("9999")


def test_two_dates_are_no_date_and_a_comment_is_no_contact() -> None:
    found = told("# Contact: x\nExpires: 2027-01-31T12:00:00Z\nExpires: 2027-01-31T12:00:00Z\n", kind="text/html")
    assert (found.contacts, found.expires, found.text_plain) == (0, None, False)


def test_another_status_is_no_file() -> None:
    assert told(GOOD, status=404) == SecurityTxt(url=URL, status=404)


def test_a_file_that_did_not_come_whole_is_a_gap() -> None:
    gap = Unobserved(cause=Cause.TIMEOUT, detail="broke off")
    body = Body(content=b"Contact: x", gap=gap)
    assert security_txt_of(URL, Answer(status=200, headers=(), tls_version=None, digest="", body=body)) == gap


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert told(text).contacts >= 0
    assert told(f"Contact: {text}\nExpires: {text}").contacts >= 0
