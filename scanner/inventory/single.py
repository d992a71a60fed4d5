"""The inventory of one website that was named on the command line."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from scanner.inventory import addresses
from scanner.inventory.problems import InventoryError, Problem
from scanner.inventory.snapshot import digest, rebuilt, snapshot_of
from scanner.inventory.validation import validate
from scanner.model.inventory import Inventory

FILE = "--url"


def for_url(url: str, *, folder: Path) -> Inventory:
    """The inventory of one website; its id and the municipality's name are the host's name.

    Args:
        url: an https URL.
        folder: where state and report go.

    Raises:
        InventoryError: for anything but a sane https URL; it does not repeat the URL, which may hold a password.
    """
    checked, failure = _checked(url)
    if failure:
        raise InventoryError([Problem(FILE, 0, "", f"{failure}; give an address such as https://www.city.gov")])
    host = urlsplit(checked).hostname or ""
    document = {
        "version": 1,
        "municipality": {"name": host},
        "websites": [{"id": host, "url": checked}],
    }
    path = folder.absolute() / "inventory.yaml"
    model, faults = validate(document, path.parent)
    if model is None:
        raise InventoryError(Problem(FILE, 0, "", fault.message) for fault in faults)
    return rebuilt(model, snapshot_of(model, None, FILE), path=path, sha256=digest(document))


def _checked(url: str) -> tuple[str, str]:
    """The URL in the form that the model keeps, or what is wrong with it."""
    try:
        return addresses.https_url(url), ""
    except PydanticCustomError as error:
        return "", error.message()
