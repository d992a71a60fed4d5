"""From a place in the document to a line and a printable key, and so from faults to problems.

A key of the file is printed only where it is one of the inventory's own names, or looks like a misspelt one in a place
where no secret can stand. A value is never printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.inventory.problems import Problem
from scanner.inventory.schema.document import model_at
from scanner.inventory.schema.holdings import CredentialModel
from scanner.inventory.tree import Entry, Loc, find

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Fault:
    """Something wrong at a place of the document: keys and indices from its root, and what to say."""

    loc: Loc
    message: str


def part_shown(above: Loc, name: str) -> bool:
    """Whether a key may be printed; a name that is unknown there only outside of credentials and secrets."""
    model = model_at(above)
    if model is None:
        return len(above) == 3 and above[0] == "devices" and bool(_NAME.fullmatch(name))  # a key of `columns`
    if name in model.model_fields:
        return True
    return model is not CredentialModel and bool(_NAME.fullmatch(name))


def key_of(loc: Loc) -> str:
    """The place as a person writes it, such as `hosts[0].access.port`, cut before what must not be shown."""
    text = ""
    for walked, part in enumerate(loc):
        if isinstance(part, int):
            text += f"[{part}]"
        elif part_shown(loc[:walked], part):
            text += f".{part}" if text else part
        else:
            break
    return text


def problems_of(faults: Iterable[Fault], root: Entry, file: str) -> list[Problem]:
    """Faults with their lines. One value that many entries share is told once, at the first of them."""
    told: set[tuple[int, Loc, str]] = set()
    found: list[Problem] = []
    for fault in faults:
        entry, rest = find(root, fault.loc)
        identity = (id(entry), rest, fault.message)
        if identity not in told:
            told.add(identity)
            found.append(Problem(file, entry.line, key_of(fault.loc), fault.message))
    return found
