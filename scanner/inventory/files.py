"""The files that an inventory names: trust anchors, which must be there, and the rest, which `inventory check` seeks.

Works on a document as it stands in the file, so that what is missing is told together with everything else.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.inventory.faults import Fault
from scanner.inventory.rules import Document, entries
from scanner.inventory.schema.secret import SOURCES
from scanner.inventory.schema.types import resolve_path
from scanner.inventory.tree import Loc

_MAX_BUNDLE = 16 * 1024 * 1024

# RFC 7468 section 5; OpenSSL reads the other two labels as well.
_CERTIFICATE = re.compile(
    rb"-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----([A-Za-z0-9+/=\s]+)-----END \1-----", re.ASCII
)
_NAMES = frozenset({"key_file", "known_hosts", "path", "register", "document"})
# Mappings whose keys are the city's or that name no files.
_SKIPPED = frozenset({"columns", "policy", "defaults", "settings"})


def bundles(document: Document, folder: Path) -> Iterator[Fault]:
    """What is wrong with the `ca_bundle` files: absent, unreadable, or no certificate in PEM."""
    told: dict[str, str] = {}
    for loc, value in _bundle_values(document):
        if not isinstance(value, str):
            continue  # a wrong type, which the models tell
        if value not in told:
            told[value] = _bundle_fault(value, folder)
        if told[value]:
            yield Fault(loc, told[value])


def _bundle_values(document: Document) -> Iterator[tuple[Loc, Any]]:
    for loc, entry in entries(document, "websites", "services", "buckets"):
        yield (*loc, "ca_bundle"), entry.get("ca_bundle")
    for loc, host in entries(document, "hosts"):
        if isinstance(access := host.get("access"), dict):
            yield (*loc, "access", "ca_bundle"), access.get("ca_bundle")


def _bundle_fault(text: str, folder: Path) -> str:
    try:
        path = Path(resolve_path(text, folder))
    except ValueError:
        return ""  # no path at all, which the models tell
    if failure := absence(path):
        return failure
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BUNDLE)
    except OSError:
        return "the file may not be read by your account; change its permissions"
    if not any(_is_der(found[2]) for found in _CERTIFICATE.finditer(data)):
        return "the file holds no certificate in PEM (`-----BEGIN CERTIFICATE-----`); convert it with `openssl x509`"
    return ""


def _is_der(body: bytes) -> bool:
    """Whether Base64 text holds a DER SEQUENCE, as every certificate does (RFC 5280 section 4.1)."""
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)[:1] == b"\x30"
    except (binascii.Error, ValueError):
        return False


def absence(path: Path) -> str:
    """Why a file cannot be used, as a sentence; empty where it can."""
    try:
        if not path.exists():
            return "this file does not exist; put it there or correct the path"
        if not path.is_file():
            return "this is no file; name the file itself"
        if not os.access(path, os.R_OK):
            return "this file may not be read by your account; change its permissions"
    except (OSError, ValueError):
        return "this file cannot be read; check the path"
    return ""


def missing(document: Document, folder: Path) -> Iterator[Fault]:
    """Keys, known hosts, exports and documents that are absent or unreadable."""
    for loc, text in _files_in(document, ()):
        try:
            path = Path(resolve_path(text, folder))
        except ValueError:
            continue  # no path at all, which the models tell
        if failure := absence(path):
            yield Fault(loc, failure)


def _files_in(value: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _files_in(item, (*loc, index))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key in _NAMES and isinstance(item, str):
                yield (*loc, key), item
            elif key == "file" and set(value) <= set(SOURCES) and isinstance(item, str):
                yield loc, item
            elif key not in _SKIPPED:
                yield from _files_in(item, (*loc, key))
