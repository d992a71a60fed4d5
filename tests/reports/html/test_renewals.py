"""The renewal calendar in the dashboard: every certificate, its day, and who renews it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reports.plan import LINES_PER_TABLE
from reports.view import Report, SeenLeaf
from scanner.model.asset import Website


@pytest.fixture
def page(site: Any) -> Any:
    return site.page("renewals.html").root


def row(page: Any, name: str) -> str:
    return next(str(each.text) for each in page.all("tr") if name in each.text)


def test_it_is_linked_from_every_page(site: Any) -> None:
    for name, each in site.pages().items():
        links = [link for nav in each.root.all("nav") for link in nav.all("a") if link.text == "Renewals"]
        assert [link.attributes["href"].split("/")[-1] for link in links] == ["renewals.html"], name


def test_each_certificate_tells_its_end_issuer_department_assets_and_kind_of_renewal(page: Any) -> None:
    told = row(page, "CN=*.riverton.example")
    for words in (
        "*.riverton.example Full names and fingerprint Subject CN=*.riverton.example",
        "January 1, 2027",
        "40 days left Issuing No department, City Clerk",
        "O=DigiCert Inc",
        "City Clerk",
        "parks, permits, www",
        "Perhaps by hand",
        "lives for 365 days",
    ):
        assert words in told
    assert "Probably automatic" in row(page, "CN=mx1")
    assert "Expired" in row(page, "CN=library")
    assert "(not public)" in row(page, "CN=library")
    assert "(not public)" not in told


def test_months_are_headings_in_the_order_of_time(page: Any) -> None:
    assert [each.text for each in page.all("h3")] == ["Expired already", "December 2026", "January 2027"]


def test_the_load_is_told_by_department_under_each_limit(page: Any) -> None:
    heads = [each.text for each in page.by_id("load-caption").parent.all("th")]
    assert heads[:9] == [
        "Department",
        "Certificates",
        "Probably automatic",
        "Perhaps by hand",
        "Cannot be told",
        "By hand a year today",
        "at 200 days",
        "at 100 days",
        "at 47 days",
    ]
    assert row(page.by_id("load-caption").parent, "All together") == "All together 3 1 2 0 2 2 4 8"


def test_a_scan_without_certificates_says_so(city: Report, write_site: Any) -> None:
    text = write_site(replace(city, certificates=())).page("renewals.html").root.text
    assert "This scan saw no certificate." in text


def test_many_certificates_are_spread_over_pages_that_stay_small(
    city: Report, certificate: Any, make_report: Any, write_site: Any
) -> None:
    count = 10_000
    assets = tuple(Website(id=f"site-{n:05}", url="https://x.example", http_url=None) for n in range(count))

    class Seen:
        """Ten thousand certificates, made when they are read."""

        def __iter__(self) -> Iterator[SeenLeaf]:
            for n, asset in enumerate(assets):
                found = certificate(f"{asset.id}.riverton.example", 90, n % 400)
                yield SeenLeaf(asset=asset.id, certificate=found, public=True)

    site = write_site(make_report([], assets=assets, certificates=Seen()))
    names = sorted(path.name for path in site.first.parent.glob("renewals*.html"))
    assert len(names) == count // LINES_PER_TABLE
    assert all((site.first.parent / name).stat().st_size < 400_000 for name in names)
    last = site.page(f"renewals-{len(names)}.html").root
    assert {each.text: each.attributes["href"] for each in last.all("a")}["1"] == "renewals.html"
    assert not [each for each in last.all() if each.attributes.get("id") == "load"]
    titles = {next(site.page(name).root.all("title")).text for name in names}
    assert len(titles) == len(names)


def test_a_certificate_of_very_many_assets_names_some_and_counts_the_rest(
    city: Report, certificate: Any, write_site: Any
) -> None:
    shared = certificate("*.riverton.example", 365, 40)
    seen = [SeenLeaf(asset=f"site-{n:04}", certificate=shared, public=True) for n in range(1_000)]
    told = row(write_site(replace(city, certificates=seen)).page("renewals.html").root, "CN=*")
    assert "site-0004 and 995 more" in told
