"""A folder of pages that is replaced as a whole: new pages are made aside, then take the old ones' places.

A small list of our own pages stays in the folder, so that the next report removes the pages it no longer has, and
never a file of somebody else's.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from reports.files import make_folder, new_text

LIST_NAME = ".civicseal-pages.json"
_SUBFOLDER = "assets"
_OURS = re.compile(rf"(?:{_SUBFOLDER}/)?[a-z0-9+][a-z0-9._+-]*\.html")
_LARGEST_LIST = 64 * 1024 * 1024


class NewPages:
    """Pages that are made aside.

    `first` is the first page's final place, which may be beside the folder; all other names are below the folder.
    """

    def __init__(self, aside: Path, folder: Path, first: Path) -> None:
        self._aside = aside
        self._folder = folder
        self._first = first
        self._names: list[str] = []

    def page(self, name: str) -> AbstractContextManager[TextIO]:
        """A new page of that name, `assets/x.html` or `x.html`; a folder in it is made."""
        (self._aside / name).parent.mkdir(mode=0o700, exist_ok=True)
        self._names.append(name)
        return new_text(self._aside / name)

    def first_page(self) -> AbstractContextManager[TextIO]:
        """The page that readers open."""
        return new_text(self._aside / "first")

    def publish(self) -> None:
        """Puts every page in its place, the first page last, then removes what an earlier report left behind."""
        _refuse_links(self._folder, self._names)
        old = _listed(self._folder)
        self._publish_list(old | set(self._names))  # should we be stopped midway, the next report knows all of them
        for name in self._names:
            make_folder((self._folder / name).parent)
            os.replace(self._aside / name, self._folder / name)
        os.replace(self._aside / "first", self._first)
        for name in old - set(self._names) - {self._first.name}:
            with suppress(OSError):  # it may be gone already, and a stale page harms no new one
                (self._folder / name).unlink()
        self._publish_list(set(self._names))

    def _publish_list(self, names: set[str]) -> None:
        with new_text(self._aside / "list") as stream:
            json.dump({"format": "civicseal-pages", "version": 1, "pages": sorted(names)}, stream, indent=0)
        os.replace(self._aside / "list", self._folder / LIST_NAME)


@contextmanager
def replaced_folder(folder: Path, first: Path) -> Iterator[NewPages]:
    """Pages that replace those of an earlier report in `folder` when the block ends without an exception.

    Raises:
        OSError: if something cannot be written; while pages are being made, the old report is untouched.
    """
    make_folder(folder)
    make_folder(first.parent)
    _refuse_links(folder, [f"{_SUBFOLDER}/"])
    aside = Path(tempfile.mkdtemp(dir=folder, prefix=".civicseal-new-"))
    try:
        pages = NewPages(aside, folder, first)
        yield pages
        pages.publish()
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_links(folder: Path, names: Sequence[str]) -> None:
    """Nothing is written through a link below the report's folder: it may lead to files of somebody else.

    Raises:
        NotADirectoryError: if a subfolder that pages go to is a link.
    """
    for name in {subfolder for subfolder, slash, _ in (each.partition("/") for each in names) if slash}:
        if (folder / name).is_symlink() or _is_junction(folder / name):
            raise NotADirectoryError(f"{folder / name} is a link, and a report is not written through it; remove it")


def _is_junction(path: Path) -> bool:
    """Whether it is a folder link of Windows, which is no symbolic link."""
    try:
        told = path.lstat()
    except OSError:
        return False
    return getattr(told, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _listed(folder: Path) -> set[str]:
    """The pages that an earlier report listed; only names that a page of ours can have."""
    try:
        with (folder / LIST_NAME).open("rb") as stream:
            listed = json.loads(stream.read(_LARGEST_LIST))["pages"]
        return {name for name in listed if isinstance(name, str) and _OURS.fullmatch(name)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()
