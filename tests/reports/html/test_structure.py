"""Every page is whole, can be read without seeing colours, and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from reports.view import Report

LABELLED = {"aria-labelledby", "aria-describedby"}


@pytest.fixture
def pages(site: Any) -> dict[str, Any]:
    return dict(site.pages())


def test_every_element_is_closed_where_it_belongs(pages: dict[str, Any]) -> None:
    assert {name: page.unclosed for name, page in pages.items() if page.unclosed or page.at is not page.root} == {}


def test_every_page_says_its_language_title_and_one_main_heading(pages: dict[str, Any]) -> None:
    for name, page in pages.items():
        assert [each.attributes["lang"] for each in page.root.all("html")] == ["en"], name
        assert len(list(page.root.all("h1"))) == 1, name
        assert page.source.startswith("<!DOCTYPE html>"), name
    titles = [next(page.root.all("title")).text for page in pages.values()]
    assert len(set(titles)) == len(titles)


def test_headings_never_skip_a_level(pages: dict[str, Any]) -> None:
    for name, page in pages.items():
        levels = [int(each.tag[1]) for each in page.root.all("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1, name
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), (name, levels)


def test_every_page_has_its_landmarks_and_a_way_past_the_navigation(pages: dict[str, Any]) -> None:
    for name, page in pages.items():
        for tag in ("header", "main", "footer"):
            assert len(list(page.root.all(tag))) == 1, (name, tag)
        assert all(each.attributes.get("aria-label") for each in page.root.all("nav")), name
        first_link = next(page.root.all("a"))
        assert first_link.attributes["href"] == "#main"
        assert page.root.by_id("main").tag == "main"


def test_tables_have_a_caption_scoped_heads_and_a_region_that_the_keyboard_reaches(pages: dict[str, Any]) -> None:
    tables = [(name, table) for name, page in pages.items() for table in page.root.all("table")]
    assert tables
    for name, table in tables:
        [caption] = table.all("caption")
        assert all(head.attributes.get("scope") in ("col", "row") for head in table.all("th")), name
        assert table.parent.attributes["tabindex"] == "0"
        assert table.parent.attributes["role"] == "region"
        assert table.parent.attributes["aria-labelledby"] == caption.attributes["id"]


def test_table_rows_are_as_wide_as_their_heads(pages: dict[str, Any]) -> None:
    for name, page in pages.items():
        for table in page.root.all("table"):
            widths = {
                sum(int(cell.attributes.get("colspan") or 1) for cell in row.all("th", "td")) for row in table.all("tr")
            }
            assert len(widths) == 1, name


def test_every_drawing_is_named(pages: dict[str, Any]) -> None:
    drawings = [each for page in pages.values() for each in page.root.all("svg")]
    assert drawings
    for drawing in drawings:
        [title] = drawing.all("title")
        assert title.text
        assert drawing.attributes["role"] == "img"
        assert drawing.attributes["aria-labelledby"] == title.attributes["id"]


def test_no_status_is_told_by_colour_alone(pages: dict[str, Any]) -> None:
    signs = [each for page in pages.values() for each in page.root.with_class("status")]
    assert signs
    for sign in signs:
        mark, *_ = sign.children
        assert mark.attributes["aria-hidden"] == "true"
        assert "".join(sign.own).strip()


def test_ids_are_unique_and_every_reference_to_one_is_met(pages: dict[str, Any]) -> None:
    for name, page in pages.items():
        ids = [each.attributes["id"] for each in page.root.all() if "id" in each.attributes]
        assert len(ids) == len(set(ids)), name
        named = {value for each in page.root.all() for key, value in each.attributes.items() if key in LABELLED}
        assert named <= set(ids), name


def test_every_link_leads_to_something_that_exists(pages: dict[str, Any]) -> None:
    ids = {name: {each.attributes.get("id") for each in page.root.all()} for name, page in pages.items()}
    for name, page in pages.items():
        for link in page.root.all("a"):
            target = urlsplit(link.attributes["href"])
            if target.scheme:
                continue
            path = name if not target.path else resolved(name, unquote(target.path))
            assert path in pages, (name, link.attributes["href"])
            assert not target.fragment or unquote(target.fragment) in ids[path], (name, link.attributes["href"])


def resolved(here: str, path: str) -> str:
    parts = here.split("/")[:-1]
    for part in path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def test_the_policy_of_every_page_allows_its_own_style_and_nothing_else(pages: dict[str, Any]) -> None:
    for page in pages.values():
        [style] = page.root.all("style")
        digest = base64.b64encode(hashlib.sha256("".join(style.own).encode()).digest()).decode()
        [policy] = [each.attributes["content"] for each in page.root.all("meta") if "http-equiv" in each.attributes]
        assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_nothing_is_fetched_and_nothing_runs(pages: dict[str, Any]) -> None:
    fetching = {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "source",
        "base",
        "form",
        "image",
        "use",
    }
    for name, page in pages.items():
        assert not list(page.root.all(*fetching)), name
        for each in page.root.all():
            assert not {key for key in each.attributes if key.startswith("on") or key in ("style", "src", "srcset")}, (
                name
            )
        style = "".join(next(page.root.all("style")).own)
        assert not re.search(r"url\(|@import|expression", style)


def test_pages_tell_nobody_where_they_are(pages: dict[str, Any]) -> None:
    for page in pages.values():
        metas = {
            each.attributes.get("name"): each.attributes["content"]
            for each in page.root.all("meta")
            if "name" in each.attributes
        }
        assert metas["referrer"] == "no-referrer"
        assert "noindex" in metas["robots"]
        assert metas["viewport"] == "width=device-width, initial-scale=1"
        for link in page.root.all("a"):
            if urlsplit(link.attributes["href"]).scheme:
                assert link.attributes["href"].startswith("https://")
                assert "noreferrer" in link.attributes["rel"]


def test_no_path_of_the_scanning_machine_is_told(site: Any) -> None:
    assert not [name for name, page in site.pages().items() if "/srv/city" in page.source]


def test_the_same_run_gives_the_same_pages(city: Report, write_site: Any) -> None:
    one, other = (write_site(city, name) for name in ("one", "other"))
    assert {name: page.source for name, page in one.pages().items()} == {
        name: page.source for name, page in other.pages().items()
    }
