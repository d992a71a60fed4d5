"""YAML text to a tree with lines: bounded, without tags, without duplicate keys, without an echo of the file.

Works on the parser's events, so that aliases are counted before they are expanded and nesting is bounded before it is
followed. PyYAML's own messages quote the file, which may hold a secret in the wrong place: they are never shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from scanner.inventory.scalars import plain_scalar
from scanner.inventory.tree import BROKEN, Entry, Loc, Node, list_node, mapping_node

MAX_NODES = 1_000_000
MAX_DEPTH = 32

_TOO_MANY = f"the document has more than {MAX_NODES:,} values with its aliases written out; split it"

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# PyYAML's fixed words, and what they mean to a person.
_SYNTAX = (
    ("expected ':'", "a key lacks its colon; write `key: value`, and put text that holds a colon in quotes"),
    ("mapping values are not allowed", "a colon stands where none may; check the indentation, or quote the text"),
    ("cannot start any token", "a tab or a special sign starts this word; indent with spaces, and quote the text"),
    ("expected key", "the indentation is wrong here; align the keys of one mapping"),
    ("expected <block end>", "the indentation is wrong here; align the keys and the list items of one block"),
    ("'-' indicator", "the indentation is wrong here; align the items of one list"),
    ("',' or ']'", "a list in brackets lacks a comma or its `]`; add it"),
    ("',' or '}'", "a mapping in braces lacks a comma or its `}`; add it"),
    ("unexpected end of stream", "a quotation mark is not closed; close it"),
    ("unknown escape", "a backslash in double quotes starts no known sign; use single quotes or write two backslashes"),
    ("found incompatible YAML", "the YAML version is not known here; remove the %YAML line"),
)
_MALFORMED = "this is not valid YAML; check quotes, brackets and indentation here and in the line above"


@dataclass(frozen=True)
class Flaw:
    """Something that YAML allows and an inventory does not, or that cannot be read."""

    line: int
    loc: Loc
    message: str


class Unreadable(Exception):
    """Reading cannot go on."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


@dataclass
class Parsed:
    """A document and what is wrong in its form; without a root where it could not be read to its end."""

    root: Entry | None
    flaws: list[Flaw]


def parse(text: str) -> Parsed:
    """Reads one YAML document. Never raises for what the text holds."""
    flaws: list[Flaw] = []
    try:
        return Parsed(_Builder(_events(text), flaws).document(), flaws)
    except Unreadable as error:
        flaws.append(error.flaw)
    except yaml.YAMLError as error:
        flaws.append(_syntax_flaw(error, text))
    except (ValueError, OverflowError):  # PyYAML's Python parser on an escape beyond Unicode
        flaws.append(Flaw(0, (), _MALFORMED))
    return Parsed(None, flaws)


def _events(text: str) -> Iterator[Any]:
    return iter(yaml.parse(text, Loader=_PARSER))


def _syntax_flaw(error: yaml.YAMLError, text: str) -> Flaw:
    said = str(getattr(error, "problem", "") or "")
    message = next((meaning for words, meaning in _SYNTAX if words in said), _MALFORMED)
    mark = getattr(error, "problem_mark", None)
    if "end of stream" in said:
        mark = getattr(error, "context_mark", None) or mark
    last = text.rstrip().count("\n") + 1
    return Flaw(min(mark.line + 1, last) if mark else 0, (), message)


@dataclass
class _Builder:
    """Makes nodes of events, one document long."""

    events: Iterator[Any]
    flaws: list[Flaw]
    anchors: dict[str, Node | None] = field(default_factory=dict)  # None while the anchored node is still open

    def document(self) -> Entry:
        """The only document of the stream."""
        root: Entry | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    message = "a second document starts here; an inventory is one document, remove the `---`"
                    raise Unreadable(Flaw(_line(event), (), message))
                start = next(self.events)
                root = Entry(_line(start), self._node(start, (), 0))
        if root is None or root.node.value is None:
            raise Unreadable(Flaw(0, (), "the file is empty; start it with `version: 1`"))
        return root

    def _node(self, event: Any, loc: Loc, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._bounded(self._aliased(event, loc), event, depth)
        if event.anchor:
            self.anchors[event.anchor] = None
        if event.tag is not None:
            self._flaw(event, loc, "a YAML tag (a word that starts with `!`) is not allowed here; remove it")
        if depth > MAX_DEPTH:
            raise Unreadable(Flaw(_line(event), (), f"more than {MAX_DEPTH} levels are nested here; flatten this"))
        node = self._bounded(self._collected(event, loc, depth), event, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _collected(self, event: Any, loc: Loc, depth: int) -> Node:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(loc, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(loc, depth)
        if event.tag is not None:
            return Node(BROKEN)
        return Node(plain_scalar(event.value) if event.implicit[0] else event.value)

    def _bounded(self, node: Node, event: Any, depth: int) -> Node:
        """Refuses what is too large or too deep once aliases are written out, before anybody writes them out."""
        if node.size > MAX_NODES:
            raise Unreadable(Flaw(_line(event), (), _TOO_MANY))
        if depth + node.depth > MAX_DEPTH:
            raise Unreadable(Flaw(_line(event), (), f"more than {MAX_DEPTH} levels are nested here; flatten this"))
        return node

    def _aliased(self, event: Any, loc: Loc) -> Node:
        node = self.anchors.get(event.anchor)
        if node is not None:
            return node
        if event.anchor in self.anchors:
            self._flaw(event, loc, "this alias refers to the very value that it stands in; remove it")
        else:
            self._flaw(
                event, loc, "no anchor of this alias's name stands above; a text that starts with `*` needs quotes"
            )
        return Node(BROKEN)

    def _list(self, loc: Loc, depth: int) -> Node:
        items: list[Entry] = []
        total = 1
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            node = self._node(event, (*loc, len(items)), depth + 1)
            total = self._count(total, node, event)
            items.append(Entry(_line(event), node))
        return list_node(items)

    def _mapping(self, loc: Loc, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        merged: list[Entry] = []
        total = 1
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, loc, depth)
            node = self._node(next(self.events), loc if key is None else (*loc, key), depth + 1)
            total = self._count(total, node, event)
            if key == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                if merged:
                    self._flaw(event, loc, "`<<` stands twice in one mapping; give it one list of anchors")
                merged += self._merge_sources(event, node, loc)
            elif key in entries:
                message = f"this key stands twice in one mapping, first in line {entries[key].line}; keep one"
                self._flaw(event, (*loc, key), message)
            elif key is not None:
                entries[key] = Entry(_line(event), node)
        return mapping_node(_merge(entries, merged))

    def _count(self, total: int, node: Node, event: Any) -> int:
        """Adds up while reading, so that a flat file with too many values ends early."""
        total += node.size
        if total > MAX_NODES:
            raise Unreadable(Flaw(_line(event), (), _TOO_MANY))
        return total

    def _key(self, event: Any, loc: Loc, depth: int) -> str | None:
        """The text of a key; None, and a flaw, where it is none."""
        node = self._node(event, loc, depth + 1)
        if isinstance(node.value, str):
            return node.value
        if node.value is not BROKEN:
            self._flaw(event, loc, "a key here is not text; put it in quotes if it is meant so")
        return None

    def _merge_sources(self, event: Any, node: Node, loc: Loc) -> list[Entry]:
        """The mappings that `<<` names, each as an entry."""
        sources = node.value if isinstance(node.value, list) else [Entry(_line(event), node)]
        if any(not isinstance(source.node.value, dict) for source in sources):
            if node.value is not BROKEN:
                self._flaw(event, loc, "`<<` takes a mapping or a list of mappings; name anchors of mappings")
            return []
        return sources

    def _flaw(self, event: Any, loc: Loc, message: str) -> None:
        self.flaws.append(Flaw(_line(event), loc, message))


def _merge(entries: dict[str, Entry], sources: list[Entry]) -> dict[str, Entry]:
    """The YAML merge key: the mapping's own keys win, then the first source that has the key."""
    for source in sources:
        if isinstance(source.node.value, dict):
            for key, entry in source.node.value.items():
                entries.setdefault(key, entry)
    return entries


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
