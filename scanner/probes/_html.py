"""The start tags of a page with their attributes, in linear time for every input. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

_OPEN = re.compile(r"<(?:([a-zA-Z][^\s/>]*+)|!--|[!?/])")
_ATTRIBUTE = re.compile(r"[\s/]*+([^\s/>][^\s/>=]*+)(\s*+=\s*+)?+")
_UNQUOTED = re.compile(r"[^\s>]*+")
_END = re.compile(r"[\s/]*+(>?)")

# Elements whose content is text and no markup (HTML Standard, section 13.2.6.4.7 and the raw text elements), and
# `template`, whose content no browser loads.
_TEXT = frozenset(("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"))
_INERT = frozenset(("template",))

# Those whose content is wanted: what styles load, and what browsers without scripts see.
_TOLD = frozenset(("style", "noscript"))

_MOST_ATTRIBUTES = 100
_LONGEST_CONTENT = 200_000


@dataclass(frozen=True)
class Tag:
    """A start tag, its name and its attributes' names in lower case.

    Attributes:
        content: the text of a `style` or `noscript` element, at most a few hundred thousand characters.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: str = ""

    def get(self, name: str) -> str:
        """An attribute's value; empty where it is absent."""
        return self.attributes.get(name, "")


def tags(text: str) -> Iterator[Tag]:
    """Every start tag that a browser would act on, in order.

    A comment, a quote or a text element that never ends swallows the rest of the page, as it does in browsers.
    """
    place = 0
    while (opened := _OPEN.search(text, place)) is not None:
        if opened[1] is None:
            place = _behind(text, opened)
            continue
        attributes, place = _attributes(text, opened.end())
        if place < 0:
            return
        tag = opened[1].lower()
        end = place
        if tag in _TEXT | _INERT:
            closed = _closing(tag).search(text, place)
            end = len(text) if closed is None else closed.start()
        content = text[place : min(end, place + _LONGEST_CONTENT)] if tag in _TOLD else ""
        yield Tag(tag, attributes, content)
        place = end


def _behind(text: str, opened: re.Match[str]) -> int:
    """The place behind a comment, an end tag or another thing that is no start tag."""
    wanted, start = ("-->", opened.start() + 2) if opened[0] == "<!--" else (">", opened.end())
    end = text.find(wanted, start)  # `<!-->` is a whole comment
    return len(text) if end < 0 else end + len(wanted)


def _attributes(text: str, place: int) -> tuple[dict[str, str], int]:
    """The attributes of a tag, the first of each name, and the place behind the tag; -1 where it never ends."""
    if text.startswith(">", place):
        return {}, place + 1
    found: dict[str, str] = {}
    while (attribute := _ATTRIBUTE.match(text, place)) is not None:
        place, value = attribute.end(), ""
        if attribute[2] is not None:
            value, place = _value(text, place)
            if place < 0:
                return found, -1
        if len(found) < _MOST_ATTRIBUTES:
            found.setdefault(attribute[1].lower(), value)
    end = _END.match(text, place)
    return (found, end.end()) if end is not None and end[1] else (found, -1)


def _value(text: str, place: int) -> tuple[str, int]:
    """An attribute's value and the place behind it; -1 where its quote never ends."""
    quote = text[place : place + 1]
    if quote in {'"', "'"}:
        end = text.find(quote, place + 1)
        return (_unescaped(text[place + 1 : end]), end + 1) if end >= 0 else ("", -1)
    bare = _UNQUOTED.match(text, place)
    return (_unescaped(bare[0]), bare.end()) if bare is not None else ("", place)


def _unescaped(value: str) -> str:
    """A value with its character references read; as it stands where one has more digits than Python reads."""
    try:
        return html.unescape(value)
    except ValueError:
        return value


@cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}[\s/>]", re.IGNORECASE)
