"""What a page loads or sends over plain http, from its HTML as browsers read it before any script runs. Pure.

What stands in a `noscript` element, for browsers without scripts, and in the `srcdoc` of a frame is part of the page
and looked into; one level deep, so that the time stays linear.

A scanner of our own instead of `html.parser`, which needs quadratic time for some pages: this one needs linear time
for every page, keeps no tree, and so does not care how deep it is nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from scanner.model.facts.page import Page, PlainLoad
from scanner.model.foreign import harmless
from scanner.probes._html import Tag, tags
from scanner.transports.http import LARGEST_BODY, Answer

MOST_LOADS = 30
_LONGEST_SHOWN = 300

_HTML = re.compile(r"(?:text/html|application/xhtml\+xml)\s*(?:;|$)", re.IGNORECASE)

# How browsers tell HTML that nobody has named so (MIME Sniffing Standard, section 7.1).
_LOOKS_LIKE_HTML = re.compile(
    rb"\s*<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])",
    re.IGNORECASE,
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

_UPGRADE = re.compile(r"(?:^|[;,])\s*upgrade-insecure-requests\s*(?:[;,]|$)", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_STRIPPED = re.compile(r"[\t\n\r]")
_CANDIDATE = re.compile(r"[\s,]*+([^\s]++)([^,]*+)")
_IN_STYLE = re.compile(r"""(?:url\(\s*+["']?+|@import\s*+["'])([^"'()\s]++)""", re.IGNORECASE)

# Elements and the attributes by which they load a part of the page, or send a form. Links load nothing.
_LOADING = {
    "script": ("src", "href", "xlink:href"),
    "iframe": ("src",),
    "frame": ("src",),
    "img": ("src",),
    "image": ("href", "xlink:href"),
    "input": ("formaction",),
    "button": ("formaction",),
    "source": ("src",),
    "track": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "form": ("action",),
    "body": ("background",),
    "use": ("href", "xlink:href"),
}
_SETS = {"img": "srcset", "source": "srcset", "link": "imagesrcset"}

# `rel` words by which a `link` loads something; `canonical`, `alternate` and others only point to it.
_LOADING_RELS = frozenset(
    ("stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload", "prefetch")
)


def is_page(answer: Answer) -> bool:
    """Whether the body behind a head may be HTML."""
    return _is_html(answer) is not False


def page_of(url: str, answer: Answer) -> Page | None:
    """What the answer's body holds; None where it was not read."""
    body = answer.body
    if body is None:
        return Page(url=harmless(url, _LONGEST_SHOWN), html=False) if _is_html(answer) is False else None
    named = _is_html(answer)
    if named is False or (named is None and not _LOOKS_LIKE_HTML.match(body.content[:1445])):
        return Page(url=harmless(url, _LONGEST_SHOWN), html=False, rest=None if body.content else body.gap)
    reading = _Reading(base=url, upgraded=any(map(_UPGRADE.search, answer.values("content-security-policy"))))
    reading.read(_text(body.content[:LARGEST_BODY]))
    return Page(
        url=harmless(url, _LONGEST_SHOWN),
        html=True,
        loads=tuple(reading.loads),
        found=reading.found,
        upgraded=reading.upgraded,
        rest=body.gap,
    )


def _is_html(answer: Answer) -> bool | None:
    """Whether the answer says that it is HTML; None where it says nothing."""
    types = answer.values("content-type")
    return bool(_HTML.match(types[-1].strip())) if types else None


def _text(content: bytes) -> str:
    """The page as text. What matters is ASCII, so of all encodings only those that are unlike it need care."""
    return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8", "replace")


@dataclass
class _Reading:
    """What was found so far in one page; `base` is what relative URLs are seen from."""

    base: str
    upgraded: bool
    loads: list[PlainLoad] = field(default_factory=list)
    found: int = 0
    _has_base: bool = False

    def read(self, text: str) -> None:
        """Goes through the page once, and once through what lies inside it."""
        for tag in tags(text):
            self._meet(tag)
            inside = tag.get("srcdoc") if tag.name == "iframe" else tag.content if tag.name == "noscript" else ""
            if inside:
                self._look_into(inside)

    def _look_into(self, text: str) -> None:
        """Reads markup inside the page, whose own `base` and policy bind nothing outside of it."""
        inner = _Reading(base=self.base, upgraded=False)
        for tag in tags(text):
            inner._meet(tag)
        if not inner.upgraded:
            self.found += inner.found
            self.loads += inner.loads[: MOST_LOADS - len(self.loads)]

    def _meet(self, tag: Tag) -> None:
        if tag.name == "base" and tag.get("href") and not self._has_base:
            self._has_base = True
            self.base = self._absolute(tag.get("href")) or self.base
        elif tag.name == "meta" and tag.get("http-equiv").strip().lower() == "content-security-policy":
            self.upgraded |= not self.found and bool(_UPGRADE.search(tag.get("content")))
        for url in _loaded(tag):
            self._load(tag.name, url)

    def _load(self, element: str, url: str) -> None:
        absolute = self._absolute(url)
        if absolute is None or not absolute.startswith("http:") or _is_this_machine(absolute):
            return
        self.found += 1
        if len(self.loads) < MOST_LOADS:
            self.loads.append(PlainLoad(element=element, url=harmless(absolute, _LONGEST_SHOWN)))

    def _absolute(self, url: str) -> str | None:
        """A URL as browsers read it, its scheme in lower case; None for one that they cannot read."""
        cleaned = _STRIPPED.sub("", url).strip("\x00\x01\x02\x03 \x0b\x0c")
        scheme = _SCHEME.match(cleaned)
        try:
            if scheme is None:
                return urljoin(self.base, cleaned.replace("\\", "/"))
            if scheme[1].lower() not in {"http", "https"}:
                return None
            # `http:host` and `http:\\host` are absolute to browsers (URL Standard, "special authority slashes").
            absolute = f"{scheme[1].lower()}://{cleaned[scheme.end() :].lstrip('/').lstrip(chr(92)).lstrip('/')}"
            return absolute if urlsplit(absolute).hostname else None
        except ValueError:
            return None


def _loaded(tag: Tag) -> Iterator[str]:
    """The URLs that an element has a browser ask for."""
    names: tuple[str, ...] = _LOADING.get(tag.name, ())
    if tag.name == "link" and _LOADING_RELS.intersection(tag.get("rel").lower().split()):
        names = ("href",)
    elif tag.name == "input" and tag.get("type").strip().lower() == "image":
        names = ("src", "formaction")
    elif tag.name == "iframe" and "srcdoc" in tag.attributes:  # it takes the place of `src`
        names = ()
    yield from (value for name in names if (value := tag.get(name)))
    if tag.name in _SETS:
        yield from _candidates(tag.get(_SETS[tag.name]))
    styles = tag.get("style") + tag.content if tag.name == "style" else tag.get("style")
    yield from (found[1] for found in _IN_STYLE.finditer(styles))


def _candidates(srcset: str) -> Iterator[str]:
    """The URLs of a srcset; a comma that a URL holds is part of it, and one at its end is not."""
    place = 0
    while (found := _CANDIDATE.match(srcset, place)) is not None:
        url = found[1].rstrip(",")
        yield url
        place = found.end() if url == found[1] else found.end(1)


def _is_this_machine(url: str) -> bool:
    """Whether a URL stays on the visitor's own machine, which browsers trust (Secure Contexts, section 3.1)."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
