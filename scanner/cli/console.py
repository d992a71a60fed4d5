"""Terminals: where the summary goes, and that nothing from a target can steer them."""

from __future__ import annotations

import shutil
import sys

from rich.console import Console
from rich.text import Text

from scanner.model.foreign import harmless


def console(*, no_color: bool = False, stderr: bool = False) -> Console:
    """A console on standard output or error; without colours where asked for or not a terminal."""
    stream = sys.stderr if stderr else sys.stdout
    # COLUMNS decides where it is set; a pipe has no width of its own.
    plain_width = None if stream.isatty() else shutil.get_terminal_size((100, 24)).columns
    return Console(
        stderr=stderr, no_color=no_color or None, highlight=False, markup=False, emoji=False, width=plain_width
    )


def words(text: str, style: str = "") -> Text:
    """Text for a terminal: control characters, escapes and direction marks taken out, markup never read."""
    return Text(harmless(text), style=style)
