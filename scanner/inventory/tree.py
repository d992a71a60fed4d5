"""The document as a tree that knows its lines.

A tree shares what YAML aliases, merge keys and `defaults` share, so it stays as small as the file; each node knows how
large and how deep it would be if everything shared were written out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from scanner.inventory.scalars import ScalarValue

Loc = tuple[str | int, ...]


class Broken:
    """Stands where the file holds something that was reported already, so that it is not reported twice."""

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN: Final = Broken()


@dataclass(slots=True, eq=False)
class Node:
    """A scalar, a list or a mapping; `size` in nodes and `depth` in levels, with everything shared written out."""

    value: ScalarValue | Broken | list[Entry] | dict[str, Entry]
    size: int = 1
    depth: int = 0


@dataclass(slots=True, eq=False)
class Entry:
    """A node in its place: the line of its key, or of the list item; lines count from 1."""

    line: int
    node: Node


def mapping_node(entries: dict[str, Entry]) -> Node:
    """A mapping, measured."""
    return Node(entries, *_measure(entries.values()))


def list_node(items: list[Entry]) -> Node:
    """A list, measured."""
    return Node(items, *_measure(items))


def _measure(entries: Iterable[Entry]) -> tuple[int, int]:
    size, depth = 1, 0
    for entry in entries:
        size += entry.node.size
        depth = max(depth, entry.node.depth)
    return size, depth + 1


def plain(node: Node) -> Any:
    """The node as dicts, lists and scalars."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(entry.node) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry.node) for entry in value]
    return value


def child(node: Node, part: str | int) -> Entry | None:
    """What stands under a key or an index."""
    value = node.value
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def find(root: Entry, loc: Loc) -> tuple[Entry, Loc]:
    """The entry at a location, or the nearest one above it, with the rest of the way that the document lacks."""
    here = root
    for walked, part in enumerate(loc):
        below = child(here.node, part)
        if below is None:
            return here, loc[walked:]
        here = below
    return here, ()
