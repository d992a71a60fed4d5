"""From what stands on the command line to an inventory and a scope. Imports what is heavy when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner.model.inventory import Inventory
    from scanner.model.run import Scope


def load_inventory(path: Path, *, with_files: bool = False) -> Inventory:
    """Reads and validates an inventory against the checks that there are, and with the files that it names.

    Raises:
        InventoryError: with every problem at once.
    """
    from checks import all_checks
    from scanner.inventory import load

    return load(path, known_checks=frozenset(check.id for check in all_checks()), with_files=with_files)


def site_inventory(url: str) -> Inventory:
    """The inventory of one site, with its state in the working folder.

    Raises:
        InventoryError: the URL is none that can be scanned.
    """
    from scanner.inventory import for_url

    return for_url(url, folder=Path.cwd())


def scope_of(given: Mapping[str, Any]) -> Scope:
    """The scope that the options `--only`, `--check` and `--depth` ask for."""
    from scanner.model.observation import Depth
    from scanner.model.run import Scope

    return Scope(only=given["only"], check=given["check"], depth=Depth(given.get("depth", Depth.STANDARD)))
