"""The browsers' HSTS preload list, as the package `hstspreload` ships it: nothing is downloaded."""

from __future__ import annotations

import hstspreload

from scanner.model.dns_names import a_labels, as_ip
from scanner.model.facts.page import Preload

# The list knows whole names alone. A parent covers its subdomains if it covers one that nobody can have entered.
_NOBODY = "not-an-entry-of-any-list"


def preload_of(host: str) -> Preload | None:
    """Where a host stands in the list; None for an IP address, which no list can hold."""
    if not host or as_ip(host) is not None:
        return None
    return Preload(entry=_entry(a_labels(host)), version=hstspreload.__version__)


def _entry(name: str) -> str | None:
    if not _listed(name):
        return None
    labels = name.split(".")
    parents = (".".join(labels[place:]) for place in range(1, len(labels)))
    return next((parent for parent in parents if _listed(f"{_NOBODY}.{parent}")), name)


def _listed(name: str) -> bool:
    return name.isascii() and bool(hstspreload.in_hsts_preload(name))
