"""What the HTTP facts say about themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scanner.model.facts.http import Answered, ChainEnd, Hop, HttpFacts, HttpsEndpoint, NoTls, Refused, Unseen
from scanner.model.facts.page import Cookie
from scanner.model.unobserved import Cause, Unobserved

GAP = Unobserved(cause=Cause.TIMEOUT, detail="Silent.")
URL = "https://www.city.example/a/b"
OK = Answered(address="192.0.2.1", first=Hop(url=URL, status=200))
REFUSED = Refused(address="192.0.2.1", gap=GAP)
SILENT = Unseen(address="192.0.2.1", gap=GAP)
EXCLUDED = Unseen(address="192.0.2.2", gap=replace(GAP, cause=Cause.NOT_DECLARED))
SSH = NoTls(address="192.0.2.1", gap=GAP)
PLAIN_ON_TLS_PORT = NoTls(address="192.0.2.1", plain=Hop(url=URL, status=200), gap=GAP)
BROKEN_BEHIND_TLS = Unseen(address="192.0.2.1", tls=True, gap=GAP)


def facts(https: list[HttpsEndpoint], plain: list[Answered | Refused | Unseen]) -> HttpFacts:
    return HttpFacts(url=URL, http_url="http://www.city.example", https=tuple(https), plain=tuple(plain))


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://city.example/x", "https://city.example/x"),
        ("HTTPS://City.example", "https://City.example"),
        ("/x?y#z", "https://www.city.example/x?y"),
        ("c", "https://www.city.example/a/c"),
        ("", None),
        ("//city.example/x", "https://city.example/x"),
        ("https:///x", None),
        ("https://", None),
        ("javascript:alert(1)", None),
        ("mailto:clerk@city.example", None),
        ("http://[::1", None),
        ("https://city.example:99999/", None),
        ("https://city.example:port/", None),
    ],
)
def test_a_location_is_read_as_a_browser_would(location: str, target: str | None) -> None:
    assert Hop(url=URL, status=301, location=location).target == target


def test_only_a_redirect_with_a_location_leads_anywhere() -> None:
    assert Hop(url=URL, status=200, location="https://x.example").target is None
    assert Hop(url=URL, status=304, location="https://x.example").target is None
    assert Hop(url=URL, status=302).target is None
    for status in (301, 302, 303, 307, 308):
        assert Hop(url="http://x.example", status=status, location="https://x.example").leads_to_https
    assert not Hop(url="http://x.example", status=301, location="/relative").leads_to_https
    assert not Hop(url="http://x.example", status=301, location="httpsx://x.example").leads_to_https


@pytest.mark.parametrize(
    ("https", "plain", "lacks"),
    [
        ([OK], [OK], False),
        ([REFUSED], [OK], True),
        ([SSH], [OK], True),
        ([PLAIN_ON_TLS_PORT], [], True),
        ([SSH], [], False),
        ([REFUSED], [REFUSED], False),
        ([REFUSED], [SILENT], False),
        ([SILENT], [OK], False),
        ([SILENT, REFUSED], [OK], False),  # the silent address may have it
        ([EXCLUDED, REFUSED], [OK], True),
        ([REFUSED, OK], [OK], False),
        ([REFUSED, BROKEN_BEHIND_TLS], [OK], False),
    ],
)
def test_a_site_lacks_tls_where_it_is_seen_to_be_there_without(
    https: list[HttpsEndpoint], plain: list[Answered | Refused | Unseen], lacks: bool
) -> None:
    assert facts(https, plain).lacks_tls is lacks


def test_endpoints_are_paired_by_address_and_by_site_where_they_share_none() -> None:
    elsewhere = Answered(address="192.0.2.9", first=Hop(url=URL, status=200))
    assert facts([REFUSED], [OK]).plain_answers_at("192.0.2.1")
    assert not facts([REFUSED], [REFUSED, elsewhere]).plain_answers_at("192.0.2.1")
    assert facts([REFUSED], [elsewhere]).plain_answers_at("192.0.2.1")
    assert facts([OK, elsewhere], []).https_at("192.0.2.9") == (elsewhere,)
    assert facts([OK], []).https_at("192.0.2.9") == (OK,)


def test_a_loop_never_ends_unless_it_hands_out_cookies() -> None:
    hop, baked = Hop(url=URL, status=302), Hop(url=URL, status=302, cookies=(Cookie(name="a", secure=True),))
    for end in (ChainEnd.LOOP, ChainEnd.TOO_LONG):
        assert Answered(address="a", first=hop, end=end).never_ends
        assert not Answered(address="a", first=hop, further=(baked,), end=end).never_ends
    assert not Answered(address="a", first=hop, end=ChainEnd.ELSEWHERE).never_ends


@given(st.builds(HttpFacts))
def test_any_facts_survive_the_store(seen: HttpFacts) -> None:
    adapter = TypeAdapter(HttpFacts)
    assert adapter.validate_python(adapter.dump_python(seen, mode="json")) == seen
    assert seen.lacks_tls in {True, False}


@given(st.builds(Hop, url=st.text(max_size=40), location=st.text(max_size=40), status=st.just(302)))
def test_any_location_is_read_or_refused(hop: Hop) -> None:
    assert hop.target is None or hop.target.startswith(("http:", "https:"))
