"""Names of pages and anchors: safe on every file system and in every address, and never the same for two assets."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from urllib.parse import quote

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DIGEST_LIKE = re.compile(r".*-[0-9a-f]{12}")
_UNSAFE = re.compile(r"[^a-z0-9]+")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names that Windows keeps for itself


def safe_name(text: str) -> str:
    """A name made of `a-z 0-9 . _ -`: the text itself where it is plain, else a readable part and a digest of it.

    Plain names that look as if they ended in a digest get one too, so that no two texts share a name.
    """
    if _PLAIN.fullmatch(text) and not (_DIGEST_LIKE.fullmatch(text) or _DEVICES.fullmatch(text)):
        return text
    readable = _UNSAFE.sub("-", text[:200].lower()).strip("-")[:40].rstrip("-") or "asset"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{readable}-{digest}"


def link(page: str, target: str, anchor: str = "") -> str:
    """The relative address of one page as seen from another; both are paths below the same folder, with slashes."""
    path = "" if page == target else _quoted(posixpath.relpath(target, posixpath.dirname(page) or "."))
    return path + (f"#{quote(anchor)}" if anchor else "") or _quoted(posixpath.basename(target))


def _quoted(path: str) -> str:
    return quote(os.fsencode(path))
