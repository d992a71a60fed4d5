"""Every finding has exactly one page."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.overview import AssetLine
from reports.plan import ASSETS_PER_PAGE, FINDINGS_PER_PAGE, SINGLE_UP_TO, plan_pages
from scanner.model.finding import Status


def line(name: str, findings: int) -> AssetLine:
    return AssetLine(id=name, asset=None, judged=True, counts=Counter({Status.PASS: findings}))


def many(findings: list[int], total: int) -> list[AssetLine]:
    return [line(f"a{number}", findings[number % len(findings)]) for number in range(total)]


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 3 * FINDINGS_PER_PAGE), min_size=1, max_size=30), st.sampled_from([30, SINGLE_UP_TO + 7])
)
def test_every_finding_is_told_once_and_no_page_is_endless(findings: list[int], total: int) -> None:
    lines = many(findings, total)
    plan = plan_pages(lines)
    names = [page.name for page in plan.pages]
    assert len(names) == len(set(names))
    assert [piece.line.id for page in plan.pages for piece in page.pieces if piece.part == 1] == [
        each.id for each in lines
    ]
    assert set(plan.page_of) == {each.id for each in lines}
    told: Counter[str] = Counter()
    for page in plan.pages:
        on_page = sum(min(FINDINGS_PER_PAGE, piece.line.findings) for piece in page.pieces)
        assert len(page.pieces) <= ASSETS_PER_PAGE
        assert on_page <= FINDINGS_PER_PAGE
        for piece in page.pieces:
            told[piece.line.id] += FINDINGS_PER_PAGE
    assert all(told[each.id] >= each.findings for each in lines)


def test_a_small_city_has_one_page_for_each_asset() -> None:
    plan = plan_pages([line("www", 5), line("db1", 0)])
    assert [page.name for page in plan.pages] == ["assets/www.html", "assets/db1.html"]
