"""Report formats and where they are written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from reports.view import Report
from scanner.app.pipes import discard


@dataclass(frozen=True, kw_only=True)
class Output:
    """One report to write: its format, and a path or `-` for standard output."""

    format: str
    path: str

    @property
    def to_stdout(self) -> bool:
        """Whether it goes to standard output."""
        return self.path == "-"


class OutputError(Exception):
    """A report cannot be written; the message says which and why."""


def _html(report: Report, output: Output) -> Path:
    from reports import html  # Jinja2 is only loaded by those who want a page

    return html.write(report, Path(output.path))


def _json(report: Report, output: Output) -> Path | None:
    from reports import json_report
    from reports.files import atomic_text

    if output.to_stdout:
        _to_stdout(report)
        return None
    path = Path(output.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_text(path) as stream:
        json_report.write(report, stream)
    return path


def _to_stdout(report: Report) -> None:
    """Writes the JSON report to standard output. A reader that leaves early changes nothing of how a scan ended."""
    from reports import json_report

    stream = _utf8_stdout()
    try:
        json_report.write(report, stream)
        stream.flush()
    except BrokenPipeError:
        discard(stream)


def _utf8_stdout() -> TextIO:
    """Standard output as UTF-8, whatever the terminal's own encoding is."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


FORMATS: dict[str, Callable[[Report, Output], Path | None]] = {"html": _html, "json": _json}


def parse(text: str) -> Output:
    """Reads `FORMAT=PATH`.

    Raises:
        ValueError: the format is not known, the path is missing, or html is to go to standard output.
    """
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise ValueError(f"{text!r} is not FORMAT=PATH, for instance json=report.json")
    if name not in FORMATS:
        raise ValueError(f"{name!r} is no report format of this version; it has {' and '.join(sorted(FORMATS))}")
    if path == "-" and name == "html":
        raise ValueError("html is a folder of pages and cannot go to standard output; use json=- or name a folder")
    return Output(format=name, path=path)


def write(report: Report, output: Output) -> Path | None:
    """Writes one report and returns its path (for html the first page); None for standard output.

    Raises:
        OutputError: it cannot be written; an earlier report at that place is left as it was.
    """
    try:
        return FORMATS[output.format](report, output)
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputError(f"The {output.format} report {output.path} cannot be written: {why}.") from error
