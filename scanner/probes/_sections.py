"""The disk script, and how its output is taken apart again.

The script stands whole in `linux_disks.sh`. Its output is a row of sections between marked lines; what a login shell
prints before the first one is noise, and the last marked line proves that nothing is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scanner.model.unobserved import Cause, Unobserved

MARK = "@@civicseal-disks-4d1f7c0e9b62a835@@"

_LINE = re.compile(
    rb"^"
    + re.escape(MARK.encode())
    + rb" (?:(begin) ([a-z]+) ([0-9]{1,9})|(end) ([a-z]+) ([0-9]{0,3})|(complete))\r?$",
    re.MULTILINE,
)


@cache
def _text() -> str:
    return Path(__file__).with_name("linux_disks.sh").read_text(encoding="utf-8")


def script(*, sudo: bool) -> str:
    """The whole read-only script, as it is sent to `/bin/sh -s`."""
    return f"civicseal_sudo={'yes' if sudo else 'no'}\n{_text()}"


@dataclass(frozen=True, kw_only=True)
class Section:
    """What one command of the script printed.

    Attributes:
        text: decoded as UTF-8, other bytes replaced; without the final line end.
        status: exit status of the command; 127 where the tool is missing, 126 where it was not allowed.
        cut: whether the command had more to say than the section may hold.
    """

    text: str = ""
    status: int = 0
    cut: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that are not empty."""
        return tuple(line for line in self.text.split("\n") if line.strip())


ABSENT = Section(status=127)


@dataclass(frozen=True, kw_only=True)
class Sections:
    """The script's output by section name; a section that the script does not have reads as absent."""

    found: dict[str, Section]

    def __getitem__(self, name: str) -> Section:
        return self.found.get(name, ABSENT)


def split(output: bytes) -> Sections | Unobserved:
    """Takes the script's output apart.

    Returns `malformed` where there are no sections, where they are not one after the other, or where the end is
    missing (the caller knows better why: see `is_complete`).
    """
    found: dict[str, Section] = {}
    begun: re.Match[bytes] | None = None
    for line in _LINE.finditer(output):
        if line[7]:
            return Sections(found=found) if begun is None and found else _gap("ends inside a section")
        if line[1]:
            if begun is not None or line[2].decode() in found:
                return _gap("repeats or mixes its sections")
            begun = line
        elif begun is None or begun[2] != line[5]:
            return _gap("repeats or mixes its sections")
        else:
            found[line[5].decode()] = _section(output[begun.end() + 1 : line.start()], int(begun[3]), line[6])
            begun = None
    return _gap("has no end" if found or begun else "has none of the script's marks")


def is_complete(output: bytes) -> bool:
    """Whether the script came to its end."""
    return any(line[7] for line in _LINE.finditer(output))


def _section(raw: bytes, limit: int, status: bytes) -> Section:
    content = raw.removesuffix(b"\n")  # the script sets the mark on a line of its own
    text = content.decode("utf-8", "replace").replace("\r\n", "\n").removesuffix("\n")
    return Section(text=text, status=int(status or b"0"), cut=len(content) >= limit)


def _gap(what: str) -> Unobserved:
    return Unobserved(
        cause=Cause.MALFORMED,
        detail=f"The output of the disk script {what}; run what `civicseal plan` prints by hand to see why.",
    )
