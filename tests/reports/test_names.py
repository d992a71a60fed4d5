"""Page names are safe everywhere and never the same for two assets."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.names import link, safe_name

HOSTILE = [
    "../../etc/passwd",
    "",
    ".",
    "..",
    "a/b",
    "A",
    "con",
    "nul.txt",
    "x" * 1_000_000,
    "\ud800",
    "\x00",
    "%2e",
    "#?",
]


def test_a_plain_id_keeps_its_name() -> None:
    assert safe_name("www.city-2_x") == "www.city-2_x"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_any_id_gives_a_short_safe_name(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", safe_name(text))
    assert not re.fullmatch(r"(con|nul)(\..*)?", safe_name(text))


@given(st.text(), st.text())
def test_two_ids_never_share_a_name(one: str, other: str) -> None:
    assert (safe_name(one).casefold() == safe_name(other).casefold()) == (one == other)


def test_an_id_that_looks_like_a_made_name_does_not_take_it() -> None:
    made = safe_name("A")
    assert safe_name(made) != made


@pytest.mark.parametrize(
    ("here", "target", "anchor"),
    [
        ("index.html", "checks.html", "check-a"),
        ("assets/a.html", "index.html", ""),
        ("assets/a.html", "assets/b+2.html", "x"),
        ("my report #1?.html", "my report #1?_files/assets/a.html", ""),
        ("a:b_files/assets/a.html", "a:b.html", "assets"),
        ("x_files/100%.html", "x.html", ""),
    ],
)
def test_a_link_leads_from_page_to_page(here: str, target: str, anchor: str) -> None:
    base = "file:///srv/" + here.replace("%", "%25").replace("#", "%23").replace("?", "%3F")
    found = urlsplit(urljoin(base, link(here, target, anchor)))
    assert unquote(found.path) == f"/srv/{target}"
    assert found.fragment == anchor


def test_a_link_within_a_page_is_its_anchor_alone() -> None:
    assert link("a.html", "a.html", "x") == "#x"
    assert link("d/a.html", "d/a.html") == "a.html"
