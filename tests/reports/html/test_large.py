"""Large cities: pages stay of a size that a browser opens, and memory does not grow with findings."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from reports import html
from reports.plan import ASSETS_PER_PAGE, FINDINGS_PER_PAGE, SINGLE_UP_TO
from scanner.model.asset import Website
from scanner.model.finding import Finding, Status
from scanner.model.unobserved import Cause


def sites(count: int) -> tuple[Website, ...]:
    return tuple(Website(id=f"site-{n:05}", url="https://x.example", http_url=None) for n in range(count))


def test_the_first_page_stays_small_with_ten_thousand_assets(make_report: Any, finding: Any, write_site: Any) -> None:
    assets = sites(10_000)
    findings = [
        finding("https-hsts", asset.id, reason="r" * 400, fix=f"Fix {asset.id}.", evidence=[("f", "v" * 1000)] * 4)
        if int(asset.id[-1]) % 2
        else finding("tls-versions", asset.id, Status.UNKNOWN, cause=list(Cause)[int(asset.id[-2])], reason="u" * 900)
        for asset in assets
    ]
    site = write_site(make_report(findings, assets=assets))
    sizes = {path.name: path.stat().st_size for path in site.first.parent.rglob("*.html")}
    assert sizes["index.html"] < 1_000_000
    assert max(sizes.values()) < 3_000_000
    pages = [site.page(name).root for name in ("index.html", *(f"assets-{n}.html" for n in range(2, 51)))]
    listed = [
        row.text for page in pages for row in page.by_id("assets-caption").parent.all("th") if row.text != "Asset"
    ]
    assert {asset.id for asset in assets} <= set(listed)


def test_in_a_large_city_several_assets_share_a_page(make_report: Any, finding: Any, write_site: Any) -> None:
    assets = sites(SINGLE_UP_TO + 1)
    site = write_site(make_report([finding("https-hsts", asset.id) for asset in assets], assets=assets))
    pages = {name: page for name, page in site.pages().items() if name.startswith("assets/")}
    assert len(pages) == -(-len(assets) // ASSETS_PER_PAGE)
    for page in pages.values():
        assert len(list(page.root.all("h1"))) == 1
        assert page.unclosed == []
        ids = [each.attributes["id"] for each in page.root.all() if "id" in each.attributes]
        assert len(ids) == len(set(ids))
    link = next(each for each in site.index.by_id("assets-caption").parent.all("a") if each.text == "site-00021")
    name, _, anchor = link.attributes["href"].partition("#")
    assert site.page(name.replace("%2B", "+")).root.by_id(anchor).text == "site-00021"


def test_an_asset_with_very_many_findings_is_spread_over_pages(make_report: Any, finding: Any, write_site: Any) -> None:
    count = FINDINGS_PER_PAGE * 2 + 1
    findings = [finding("disk-encrypted", "laptops", subject=f"serial {n:05}") for n in range(count)]
    site = write_site(make_report([*findings, finding("https-hsts", "www")]))
    parts = [site.page(f"assets/laptops{part}.html").root for part in ("", "+2", "+3")]
    told = [article for part in parts for article in part.with_class("finding")]
    assert len(told) == count
    assert [link.attributes["href"] for link in parts[1].by_id("main").all("a")][:2] == [
        "laptops.html",
        "laptops%2B3.html",
    ]
    assert site.page("assets/www.html").root.with_class("finding")


def test_memory_does_not_grow_with_findings(make_report: Any, finding: Any, tmp_path: Path) -> None:
    class MadeUp:
        """50 assets with 40 findings of 20 kB each: 40 MB, were they all kept."""

        def __iter__(self) -> Iterator[Finding]:
            for asset in range(50):
                for part in range(40):
                    yield finding("disk-encrypted", f"host-{asset:03}", subject=str(part), reason="r" * 20_000)

    report = replace(make_report([], assets=()), findings=MadeUp())
    html.write(report, tmp_path / "first")  # templates are loaded once
    tracemalloc.start()
    html.write(report, tmp_path / "report")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15_000_000


def test_the_rest_of_a_long_list_is_counted(make_report: Any, finding: Any, write_site: Any) -> None:
    site = write_site(make_report([finding("https-hsts", f"site-{n:03}") for n in range(250)]))
    assert "And 246 more assets with the same fix." in site.index.text
    assert "And 150 more assets with the same fix." in site.page("problems.html").root.text
