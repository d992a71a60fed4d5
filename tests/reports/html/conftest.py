"""Pages read the way a browser reads them: as elements with attributes and text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports import html
from reports.view import Report

INLINE = {"span", "a", "code", "strong", "time", "cite", "em"}
VOID = {"meta", "br", "rect", "link", "img", "hr", "input"}


@dataclass
class Element:
    """One element: its attributes, children, and all text below it."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None = None
    parts: list[Element | str] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def own(self) -> list[str]:
        return [part for part in self.parts if isinstance(part, str)]

    def all(self, *tags: str) -> Iterator[Element]:
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.all(*tags)

    def with_class(self, name: str) -> list[Element]:
        return [each for each in self.all() if name in (each.attributes.get("class") or "").split()]

    def by_id(self, name: str) -> Element:
        return next(each for each in self.all() if each.attributes.get("id") == name)

    @property
    def text(self) -> str:
        return " ".join("".join(self._texts()).replace("\u00a0", " ").split())

    def _texts(self) -> Iterator[str]:
        edge = "" if self.tag in INLINE else " "
        yield edge
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part._texts()
        yield edge


class Page(HTMLParser):
    """Builds elements and notes what was not closed."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.root = self.at = Element("#root", {})
        self.unclosed: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self.at)
        self.at.parts.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.parts.append(Element(tag, dict(attrs), self.at))

    def handle_endtag(self, tag: str) -> None:
        if self.at.tag != tag or self.at.parent is None:
            self.unclosed.append(f"{self.at.tag} ended as {tag}")
            return
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.parts.append(data)


@dataclass(frozen=True)
class Site:
    """A written dashboard."""

    first: Path

    def pages(self) -> dict[str, Page]:
        folder = self.first.parent
        return {str(path.relative_to(folder)): self.page(path) for path in sorted(folder.rglob("*.html"))}

    def page(self, path: Path | str) -> Page:
        return Page((self.first.parent / path).read_text(encoding="utf-8"))

    @property
    def index(self) -> Element:
        return self.page(self.first).root


WriteSite = Callable[..., Site]


@pytest.fixture
def write_site(tmp_path: Path) -> WriteSite:
    """Writes a report's dashboard into a folder of its own."""

    def write(report: Report, name: str = "report") -> Site:
        return Site(html.write(report, tmp_path / name))

    return write


@pytest.fixture
def site(city: Report, write_site: WriteSite) -> Site:
    """The careful city's dashboard."""
    return write_site(city)
