"""One scan of one inventory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from scanner.model.observation import Depth


def matches(name: str, wanted: str) -> bool:
    """Whether a name is the wanted one, to the letter, or matches it as a glob."""
    return name == wanted or fnmatchcase(name, wanted)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a run was asked to look at: ids or globs of assets and of checks; empty is everything."""

    only: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    depth: Depth = Depth.STANDARD

    def has_asset(self, asset: str) -> bool:
        """Whether an asset is in scope."""
        return not self.only or any(matches(asset, glob) for glob in self.only)

    def has_check(self, check: str) -> bool:
        """Whether a check is in scope."""
        return not self.check or any(matches(check, glob) for glob in self.check)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A stored scan.

    Attributes:
        id: sortable by time.
        started_at: UTC; the `now` of every judgement of this run.
        finished_at: UTC, None while unfinished.
        complete: every planned question was asked (a dead host leaves a run complete, Ctrl-C does not).
    """

    id: str
    started_at: datetime
    finished_at: datetime | None
    tool_version: str
    inventory_path: str
    inventory_sha256: str
    complete: bool
    scope: Scope
