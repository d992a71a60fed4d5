"""Progress: bars per kind of asset on a terminal, a plain line now and then where output is piped."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from scanner.cli.console import console
from scanner.model.asset import Asset
from scanner.model.foreign import harmless
from scanner.runner import Progress as RunnerProgress

# Seconds between two plain lines.
_EVERY = 5.0


@contextmanager
def progress_for(assets: Sequence[Asset], *, quiet: bool, no_color: bool) -> Iterator[RunnerProgress]:
    """The progress of a scan of these assets, on standard error."""
    if quiet:
        yield Silent()
    elif not sys.stderr.isatty():
        lines = Lines(len(assets))
        yield lines
        lines.end()
    else:
        bars = Bars(assets, no_color=no_color)
        with bars.display:
            yield bars


@contextmanager
def working(what: str, *, quiet: bool, no_color: bool) -> Iterator[None]:
    """Says on a terminal what is being done, for as long as it takes; nothing where output is piped."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    with console(no_color=no_color, stderr=True).status(what):
        yield


class Silent:
    """Says nothing."""

    def started(self, asset: Asset) -> None:
        """An asset is being asked."""

    def finished(self, asset: Asset) -> None:
        """All questions about an asset are answered."""


class Lines:
    """A line on standard error every few seconds."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = self._said = 0
        self._told = time.monotonic()
        self._say()

    def started(self, asset: Asset) -> None:
        """An asset is being asked."""

    def finished(self, asset: Asset) -> None:
        """All questions about an asset are answered."""
        self._done += 1
        if time.monotonic() - self._told >= _EVERY:
            self._told = time.monotonic()
            self._say()

    def end(self) -> None:
        """The last line, unless it has been said."""
        if self._done != self._said:
            self._say()

    def _say(self) -> None:
        self._said = self._done
        print(f"civicseal: {self._done} of {self._total} assets asked", file=sys.stderr, flush=True)


class Bars:
    """One bar per kind of asset: done, total, and what is being asked now."""

    def __init__(self, assets: Sequence[Asset], *, no_color: bool) -> None:
        self.display = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[now]}", markup=False),
            console=console(no_color=no_color, stderr=True),
            transient=True,
        )
        totals = Counter(asset.kind for asset in assets)
        self._tasks: dict[str, TaskID] = {
            kind: self.display.add_task(kind.replace("_", " "), total=total, now="")
            for kind, total in sorted(totals.items())
        }
        self._now: dict[str, list[str]] = {kind: [] for kind in totals}

    def started(self, asset: Asset) -> None:
        """Shows the asset as being asked."""
        self._now[asset.kind].append(asset.id)
        self._show(asset.kind)

    def finished(self, asset: Asset) -> None:
        """Counts the asset as done."""
        self._now[asset.kind].remove(asset.id)
        self.display.advance(self._tasks[asset.kind])
        self._show(asset.kind)

    def _show(self, kind: str) -> None:
        names = self._now[kind]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        self.display.update(self._tasks[kind], now=harmless(", ".join(names[:3]), limit=50) + more)
