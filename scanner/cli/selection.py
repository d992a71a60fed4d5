"""Selections on the command line: a glob that matches nothing is a mistake, and is told."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.cli.options import Trouble
from scanner.inventory.nearest import Nearest
from scanner.model.inventory import Inventory
from scanner.model.run import Scope, matches

ALL_CHECKS = "`civicseal checks list` shows them all."

_SHOWN = 8


def require_match(inventory: Inventory, scope: Scope) -> None:
    """Makes sure that there is something to ask: a scan of nothing would look like a clean one.

    Raises:
        Trouble: the inventory is empty, or a glob matches nothing.
    """
    from checks import all_checks

    if not inventory.assets:
        raise Trouble(f"{inventory.path.name} declares no asset, so there is nothing to scan.")
    assets = [asset.id for asset in inventory.assets]
    _require("--only", scope.only, assets, "asset", f"The inventory has {_some(assets)}.")
    _require("--check", scope.check, [check.id for check in all_checks()], "check", ALL_CHECKS)


def nearest(wanted: str, known: Sequence[str], otherwise: str) -> str:
    """A sentence for a name that is not known: the nearest that is, else one that holds it, else `otherwise`."""
    near = Nearest(known).to(wanted) or next((name for name in known if wanted.casefold() in name.casefold()), None)
    return f"Did you mean {near}?" if near else otherwise


def _require(option: str, wanted: Sequence[str], known: Sequence[str], what: str, otherwise: str) -> None:
    for glob in wanted:
        if not any(matches(name, glob) for name in known):
            raise Trouble(f"{option} {glob} matches no {what}. {nearest(glob, known, otherwise)}")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
