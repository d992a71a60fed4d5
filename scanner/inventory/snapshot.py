"""The inventory as JSON-ready data, kept with every run, and the way back.

The data hold the validated document with defaults merged and paths absolute, and the lines of its entries, so that a
stored run needs no inventory file to be judged and reported again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from scanner.inventory.conversion import to_inventory
from scanner.inventory.faults import Fault, key_of
from scanner.inventory.problems import InventoryError, Problem, problem_with
from scanner.inventory.schema.document import SECTIONS, DocumentModel
from scanner.inventory.tree import Loc
from scanner.inventory.validation import validate
from scanner.model.asset import Place
from scanner.model.inventory import Inventory

FORMAT: Final = 1


def snapshot_of(model: DocumentModel, line_of: Callable[[Loc], int] | None, file: str) -> dict[str, Any]:
    """What `from_snapshot` needs; without `line_of` there is no file, and so there are no lines."""
    document = model.model_dump(mode="json", exclude_unset=True, exclude={"defaults"})
    places: list[Loc] = [(section, index) for section in SECTIONS for index in range(len(document.get(section) or ()))]
    lines = {key_of(loc): line_of(loc) for loc in places} if line_of else {}
    return {"format": FORMAT, "file": file, "document": document, "lines": lines}


def rebuilt(model: DocumentModel, snapshot: Mapping[str, Any], *, path: Path, sha256: str) -> Inventory:
    """The inventory of a validated document and its snapshot."""
    file, lines = snapshot["file"], snapshot["lines"]

    def place(section: str, index: int) -> Place:
        """Where an entry stood."""
        line = lines.get(f"{section}[{index}]", 0)
        return Place(file=file if line else "", line=line)

    return to_inventory(model, path=path, sha256=sha256, place=place, snapshot=dict(snapshot))


def from_snapshot(snapshot: Mapping[str, Any], *, path: Path, sha256: str) -> Inventory:
    """Rebuilds the inventory that `load` or `for_url` made. Opens no file.

    Raises:
        InventoryError: if the data are no snapshot of this version.
    """
    name = str(snapshot.get("file", path))
    document, lines = snapshot.get("document"), snapshot.get("lines")
    if snapshot.get("format") != FORMAT or not isinstance(document, dict) or not isinstance(lines, dict):
        raise problem_with(name, "the stored inventory is not in a form that this version reads; scan again")
    model, faults = validate(document, path.absolute().parent)
    if model is None:
        raise InventoryError(_stored(fault, name, lines) for fault in faults)
    return rebuilt(model, {"file": name, **snapshot}, path=path, sha256=sha256)


def _stored(fault: Fault, file: str, lines: Mapping[str, Any]) -> Problem:
    line = lines.get(key_of(fault.loc[:2]), 0)
    return Problem(file, line if isinstance(line, int) else 0, key_of(fault.loc), f"stored inventory: {fault.message}")


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 in hex of a document in canonical JSON: sorted keys, no blanks."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
