"""Which page tells which assets: one page each in a small inventory, several to a page in a large one.

An asset with very many findings (a fleet of laptops) is spread over several pages of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.names import safe_name
from reports.overview import AssetLine

SINGLE_UP_TO = 500  # assets; beyond it a page each would be too many files
ASSETS_PER_PAGE = 20
FINDINGS_PER_PAGE = 500
LINES_PER_TABLE = 200


@dataclass(frozen=True, kw_only=True)
class Piece:
    """All findings of one asset, or one part of them; parts are counted from 1."""

    line: AssetLine
    part: int
    parts: int


@dataclass(frozen=True, kw_only=True)
class AssetPage:
    """One page and the pieces that it tells, in order."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All asset pages, in the order in which the findings are read, and where each asset begins."""

    pages: Sequence[AssetPage]
    page_of: dict[str, str]


def plan_pages(lines: Sequence[AssetLine]) -> Plan:
    """Spreads assets over pages."""
    pages = _alone(lines) if len(lines) <= SINGLE_UP_TO else _together(lines)
    page_of: dict[str, str] = {}
    for page in pages:
        for piece in page.pieces:
            page_of.setdefault(piece.line.id, page.name)
    return Plan(pages=pages, page_of=page_of)


def part_name(line: AssetLine, part: int) -> str:
    """The page of one part; `+` stands in no safe name, so it is never another asset's."""
    return f"assets/{safe_name(line.id)}{'' if part == 1 else f'+{part}'}.html"


def _alone(lines: Sequence[AssetLine]) -> list[AssetPage]:
    return [page for line in lines for page in _own_pages(line)]


def _own_pages(line: AssetLine) -> list[AssetPage]:
    parts = max(1, -(-line.findings // FINDINGS_PER_PAGE))
    pieces = (Piece(line=line, part=part, parts=parts) for part in range(1, parts + 1))
    return [AssetPage(name=part_name(line, piece.part), pieces=(piece,)) for piece in pieces]


def _together(lines: Sequence[AssetLine]) -> list[AssetPage]:
    pages: list[AssetPage] = []
    batch: list[Piece] = []

    def close() -> None:
        """Ends the page that is being filled."""
        if batch:
            pages.append(AssetPage(name=f"assets/+{len(pages) + 1:05}.html", pieces=tuple(batch)))
            batch.clear()

    for line in lines:
        if line.findings > FINDINGS_PER_PAGE:
            close()
            pages += _own_pages(line)
            continue
        held = sum(piece.line.findings for piece in batch)
        if len(batch) == ASSETS_PER_PAGE or held + line.findings > FINDINGS_PER_PAGE:
            close()
        batch.append(Piece(line=line, part=1, parts=1))
    close()
    return pages
