"""Selections on the command line: a glob that matches nothing is a mistake, and is told."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from scanner.cli.options import Trouble
from scanner.model.inventory import Inventory
from scanner.model.run import Scope, matches


def require_match(inventory: Inventory, scope: Scope) -> None:
    """Makes sure that there is something to ask: a scan of nothing would look like a clean one.

    Raises:
        Trouble: the inventory is empty, or a glob matches nothing.
    """
    from checks import all_checks

    if not inventory.assets:
        raise Trouble(f"{inventory.path.name} declares no asset, so there is nothing to scan.")
    _require("--only", scope.only, [asset.id for asset in inventory.assets], "asset")
    _require("--check", scope.check, [check.id for check in all_checks()], "check")


def _require(option: str, wanted: Sequence[str], known: Sequence[str], what: str) -> None:
    for glob in wanted:
        if not any(matches(name, glob) for name in known):
            near = difflib.get_close_matches(glob, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise Trouble(f"{option} {glob} matches no {what}.{hint}")
