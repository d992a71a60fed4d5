"""What hangs on more than one value: unique ids, references, transports, credentials, accounts.

Works on plain data that may be wrong in any way, so that these faults are told together with wrong types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from scanner.inventory.faults import Fault
from scanner.inventory.nearest import Nearest
from scanner.inventory.schema.document import ASSET_SECTIONS
from scanner.inventory.transports import ACCESS_KEYS, fits, transport_of, transports_with
from scanner.inventory.tree import Loc

_AWS_ACCOUNT = re.compile("[0-9]{12}")

Document = Mapping[str, Any]
LineOf = Callable[[Loc], int]


def entries(document: Document, *sections: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """The entries of some lists that are mappings, each with its place."""
    for section in sections:
        items = document.get(section)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                yield (section, index), item


def _ids(document: Document, *sections: str) -> Iterator[tuple[Loc, str]]:
    for loc, entry in entries(document, *sections):
        if isinstance(entry.get("id"), str):
            yield (*loc, "id"), entry["id"]


def broken_rules(document: Document, known_checks: Collection[str], line_of: LineOf) -> Iterator[Fault]:
    """Every fault that this module knows; `line_of` gives the line of a place."""
    for sections in (ASSET_SECTIONS, ("departments",), ("datasets",)):
        yield from _duplicates(document, sections, line_of)
    yield from _references(document)
    yield from _waivers(document, known_checks)
    for loc, host in entries(document, "hosts"):
        yield from _host(loc, host)
    for loc, entry in entries(document, "buckets", "cloud_accounts"):
        yield from _cloud(loc, entry)
    yield from _datasets(document)
    yield from _devices(document)


def _duplicates(document: Document, sections: tuple[str, ...], line_of: LineOf) -> Iterator[Fault]:
    first: dict[str, Loc] = {}
    for loc, name in _ids(document, *sections):
        if name in first:
            yield Fault(loc, f"this id is taken in line {line_of(first[name])}; ids are unique, choose another")
        first.setdefault(name, loc)


def _references(document: Document) -> Iterator[Fault]:
    departments = {name for _, name in _ids(document, "departments")}
    datasets = {name for _, name in _ids(document, "datasets")}
    vendors = {name for _, name in _ids(document, "vendors")}
    near = {"department": Nearest(departments), "dataset": Nearest(datasets), "vendor": Nearest(vendors)}
    for loc, entry in entries(document, *ASSET_SECTIONS, "datasets"):
        yield from _dangling((*loc, "department"), entry.get("department"), "department", departments, near)
        named = entry.get("datasets")
        for index, name in enumerate(named if isinstance(named, list) else ()):
            yield from _dangling((*loc, "datasets", index), name, "dataset", datasets, near)
    for loc, entry in entries(document, "buckets"):
        yield from _dangling((*loc, "vendor"), entry.get("vendor"), "vendor", vendors, near)


def _dangling(loc: Loc, name: Any, what: str, known: Collection[str], near: Mapping[str, Nearest]) -> Iterator[Fault]:
    if isinstance(name, str) and name not in known:
        hint = near[what].hint(name) or f"; declare it under {what}s or correct the name"
        yield Fault(loc, f"no {what} has this id{hint}")


def _waivers(document: Document, known_checks: Collection[str]) -> Iterator[Fault]:
    assets = {name for _, name in _ids(document, *ASSET_SECTIONS)}
    near_check, near_asset = Nearest(known_checks), Nearest(assets)
    for loc, waiver in entries(document, "waivers"):
        check, asset = waiver.get("check"), waiver.get("asset")
        if isinstance(check, str) and check not in known_checks:
            hint = near_check.hint(check) or "; `civicseal checks list` shows them all"
            yield Fault((*loc, "check"), f"no check has this id{hint}")
        if isinstance(asset, str) and asset not in assets:
            hint = near_asset.hint(asset) or "; correct the name or remove the waiver"
            yield Fault((*loc, "asset"), f"no asset has this id{hint}")


def _host(loc: Loc, host: dict[str, Any]) -> Iterator[Fault]:
    given = host.get("access")
    access = given if isinstance(given, dict) else {}
    transport, scheme = transport_of(host.get("platform"), access), access.get("scheme")
    if host.get("address") is None and transport in ("ssh", "winrm"):
        yield Fault((*loc, "address"), "this key is required unless access has transport local; add it")
    for key in [name for name in access if name in ACCESS_KEYS and access[name] is not None]:
        if not fits(key, transport, scheme):
            here = "winrm with scheme http" if (key, transport) == ("ca_bundle", "winrm") else transport
            told = f"{key} belongs to {transports_with(key)}, and this host has {here}; remove it, or change that"
            yield Fault((*loc, "access", key), told)
    if transport == "winrm" and scheme == "http" and access.get("auth") == "basic":
        told = "basic would send the password unencrypted over http; use scheme https or auth ntlm"
        yield Fault((*loc, "access", "auth"), told)


def _cloud(loc: Loc, entry: dict[str, Any]) -> Iterator[Fault]:
    account = entry.get("account")
    if entry.get("provider") == "aws" and isinstance(account, str) and not _AWS_ACCOUNT.fullmatch(account):
        yield Fault((*loc, "account"), 'an AWS account has 12 digits, in quotes, such as "123456789012"')
    credential = entry.get("credential")
    if isinstance(credential, dict):
        yield from _credential((*loc, "credential"), {key for key, value in credential.items() if value is not None})


def _credential(loc: Loc, given: Collection[str]) -> Iterator[Fault]:
    if "profile" in given and len(given) > 1:
        yield Fault(loc, "takes either a profile or a pair of keys; remove one")
    elif ("access_key" in given) != ("secret_key" in given):
        yield Fault(loc, "needs access_key and secret_key together; add the other")
    elif "session_token" in given and "access_key" not in given:
        yield Fault(loc, "session_token goes with access_key and secret_key; add them")


def _datasets(document: Document) -> Iterator[Fault]:
    for loc, dataset in entries(document, "datasets"):
        least, most = dataset.get("retention_min_days"), dataset.get("retention_days")
        if type(least) is int and type(most) is int and least > most:
            yield Fault((*loc, "retention_min_days"), "must not be more than retention_days; correct one of the two")


def _devices(document: Document) -> Iterator[Fault]:
    for loc, fleet in entries(document, "devices"):
        if fleet.get("columns") and fleet.get("source") != "csv":
            yield Fault((*loc, "columns"), "columns goes with source csv; the other exports have known columns")
