"""Files that appear whole or not at all: written aside, made durable, then renamed; readable by their owner only."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def make_folder(path: Path) -> None:
    """Makes a folder and its missing parents, each with mode 0700; folders that exist keep theirs.

    Raises:
        OSError: if one of them cannot be made, or a file of that name is in the way.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


@contextmanager
def atomic_text(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes the place of `path` (mode 0600) when the block ends without an exception.

    Missing parent folders are made. A device or pipe is written to directly, since it cannot be replaced. Characters
    that UTF-8 cannot hold (lone surrogates) become `?`.

    Raises:
        OSError: if the file cannot be written; what stood at `path` before is then untouched.
    """
    if _is_special(path):
        with path.open("w", encoding="utf-8", errors="replace", newline="\n") as direct:
            yield direct
        return
    make_folder(path.parent)
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".civicseal-", suffix=".new")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as stream:
            yield stream
            _to_disk(stream)
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


@contextmanager
def new_text(path: Path) -> Iterator[TextIO]:
    """A new UTF-8 text file of mode 0600, on disk when the block ends; for folders that are renamed afterwards.

    Raises:
        FileExistsError: if there is one already.
        OSError: if it cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as stream:
        yield stream
        _to_disk(stream)


def _to_disk(stream: TextIO) -> None:
    """A full disk is told here at the latest, before anything is replaced."""
    stream.flush()
    os.fsync(stream.fileno())


def _is_special(path: Path) -> bool:
    if str(path).startswith(("/dev/", "/proc/")):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
