"""A check's docstring as blocks for a page: a summary, then sections of paragraphs, lists and examples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

_BULLET = re.compile(r"(?:[-*•]|\d+[.)])\s+")
_UNDERLINE = re.compile(r"-{3,}\s*")
_SPAN = re.compile(r"``(?P<long>[^`]+)``|`(?P<code>[^`]+)`|(?P<link>https?://[^\s<>\"'`]*[^\s<>\"'`.,;:)\]])")


class BlockKind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    LIST = "list"
    EXAMPLE = "example"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One paragraph or example (a single item), or a list (one or more items)."""

    kind: BlockKind
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """What stands under one heading."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class CheckDoc:
    """A docstring: what stands above the first heading, and the sections."""

    summary: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A run of text: `kind` is text, code or link."""

    kind: str
    text: str


def parse_doc(doc: str) -> CheckDoc:
    """Reads a docstring. Total: text without any heading is all summary."""
    lines = doc.expandtabs().splitlines()
    heads = [at for at, (line, below) in enumerate(pairwise(lines)) if line.strip() and _UNDERLINE.fullmatch(below)]
    ends = [*heads[1:], len(lines)]
    summary = " ".join(line.strip() for line in lines[: heads[0] if heads else len(lines)]).strip()
    sections = (
        Section(heading=lines[head].strip(), blocks=_blocks(lines[head + 2 : end]))
        for head, end in zip(heads, ends, strict=bool(heads))
    )
    return CheckDoc(summary=summary, sections=tuple(sections))


def spans(text: str) -> list[Span]:
    """Splits a sentence into plain text, `code` and links."""
    found: list[Span] = []
    at = 0
    for match in _SPAN.finditer(text):
        found.append(Span(kind="text", text=text[at : match.start()]))
        link = match.group("link")
        code = match.group("long") or match.group("code")
        found.append(Span(kind="link", text=link) if link else Span(kind="code", text=code))
        at = match.end()
    found.append(Span(kind="text", text=text[at:]))
    return [span for span in found if span.text]


def _blocks(lines: list[str]) -> tuple[Block, ...]:
    """Blocks are parted by empty lines; a list may also begin right under a paragraph."""
    groups: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            groups.append([])
            continue
        if groups[-1] and _is_bullet(line) and not _is_bullet(groups[-1][0]):
            groups.append([])
        groups[-1].append(line)
    return _joined([_block(group) for group in groups if group])


def _joined(blocks: list[Block]) -> tuple[Block, ...]:
    """Lists whose items stand apart by empty lines are one list."""
    found: list[Block] = []
    for block in blocks:
        if found and block.kind is found[-1].kind is BlockKind.LIST:
            found[-1] = Block(kind=BlockKind.LIST, items=(*found[-1].items, *block.items))
        else:
            found.append(block)
    return tuple(found)


def _block(lines: list[str]) -> Block:
    if _is_bullet(lines[0]):
        return Block(kind=BlockKind.LIST, items=tuple(_items(lines)))
    if all(line.startswith("    ") for line in lines):
        return Block(kind=BlockKind.EXAMPLE, items=("\n".join(line[4:].rstrip() for line in lines),))
    text = " ".join(line.strip() for line in lines)
    return Block(kind=BlockKind.PARAGRAPH, items=(text[:-1] if text.endswith("::") else text,))


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if _is_bullet(line):
            items.append(_BULLET.sub("", line.strip(), count=1))
        else:
            items[-1] += f" {line.strip()}"
    return items


def _is_bullet(line: str) -> bool:
    return _BULLET.match(line.lstrip()) is not None and not line.startswith("    ")
