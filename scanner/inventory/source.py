"""The bytes of an inventory file and the text in them, bounded in size and surely UTF-8."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from scanner.inventory.problems import InventoryError, problem_with

# A city with 10,000 assets needs about 3 MiB.
MAX_BYTES = 16 * 1024 * 1024

# What YAML 1.2 (2021-10-01), section 5.1, allows in a file.
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Source:
    """An inventory file as it was read: its name as the user gave it, its text, the SHA-256 of its bytes in hex."""

    file: str
    text: str
    sha256: str


def read(path: Path) -> Source:
    """Reads a file.

    Raises:
        InventoryError: if it is absent, no plain file, unreadable, too large, or not UTF-8 text.
    """
    file = str(path)
    data, failure = _bytes_of(path)
    if failure:  # raised here, outside of any handler, so that no other error hangs on it
        raise problem_with(file, failure)
    if len(data) > MAX_BYTES:
        raise problem_with(file, f"the file is larger than {MAX_BYTES >> 20} MiB; split it into several inventories")
    return Source(file=file, text=_text_of(file, data), sha256=hashlib.sha256(data).hexdigest())


def _bytes_of(path: Path) -> tuple[bytes, str]:
    """The file's bytes, at most one more than allowed, or a sentence about why there are none."""
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            return b"", "this is a folder; name the inventory file in it"
        if not stat.S_ISREG(kind):  # a pipe or a device may never end
            return b"", "this is no ordinary file; save the inventory to a file first"
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1), ""
    except FileNotFoundError:
        return (
            b"",
            "this file does not exist; name another one, begin with the README's example, or scan a site by --url",
        )
    except PermissionError:
        return b"", "this file may not be read by your account; change its permissions"
    except (OSError, ValueError) as error:
        return b"", f"this file cannot be read ({type(error).__name__}); check its name and the disk"


def _text_of(file: str, data: bytes) -> str:
    """Decodes UTF-8, with or without a byte order mark."""
    failure: InventoryError | None = None
    text = ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        failure = problem_with(file, "the text here is not UTF-8; save the file as UTF-8", line=line)
    if failure is None and (found := _NOT_ALLOWED.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        failure = problem_with(file, "a control character stands here; remove it", line=line)
    if failure:
        raise failure
    return text
