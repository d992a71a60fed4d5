"""From the file to the inventory, with everything that is wrong told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.inventory.defaults import merged_size, with_defaults
from scanner.inventory.faults import Fault, key_of, problems_of
from scanner.inventory.files import bundles, missing
from scanner.inventory.problems import InventoryError, Problem, problem_with
from scanner.inventory.rules import broken_rules
from scanner.inventory.snapshot import rebuilt, snapshot_of
from scanner.inventory.source import Source, read
from scanner.inventory.tree import Entry, find, plain
from scanner.inventory.validation import validate
from scanner.inventory.yaml_reader import MAX_NODES, Flaw, parse
from scanner.model.inventory import Inventory


def load(path: Path, *, known_checks: Collection[str], with_files: bool = False) -> Inventory:
    """Reads and validates an inventory file.

    Args:
        path: the file; paths in it are relative to its folder.
        known_checks: ids of the checks that a waiver may name.
        with_files: whether keys, known hosts, exports and documents must be there too; a scan goes on without them.

    Raises:
        InventoryError: with everything that is wrong, if anything is.
    """
    source = read(path)
    parsed = parse(source.text)
    flaws = [_problem_of(flaw, source.file) for flaw in parsed.flaws]
    if parsed.root is None:
        raise InventoryError(flaws)
    root = _merged(parsed.root, source)
    return _judged(source, root, flaws, path, _Rules(frozenset(known_checks), with_files))


@dataclass(frozen=True)
class _Rules:
    """What is asked of a document beyond its types."""

    known_checks: frozenset[str]
    with_files: bool


def _problem_of(flaw: Flaw, file: str) -> Problem:
    return Problem(file, flaw.line, key_of(flaw.loc), flaw.message)


def _merged(root: Entry, source: Source) -> Entry:
    if not isinstance(root.node.value, dict):
        told = "an inventory is a mapping of keys; start it with `version: 1`"
        raise problem_with(source.file, told, line=root.line)
    if merged_size(root) > MAX_NODES:
        told = f"with its defaults the document has more than {MAX_NODES:,} values; split it"
        raise problem_with(source.file, told, line=root.line)
    return with_defaults(root)


def _judged(source: Source, root: Entry, flaws: list[Problem], path: Path, rules: _Rules) -> Inventory:
    """The inventory of a merged document, if nothing at all is wrong with it."""
    whole: dict[str, Any] = plain(root.node)
    document = {key: value for key, value in whole.items() if not key.startswith("x-")}
    folder = path.absolute().parent
    model, faults = validate(document, folder)
    faults += _beyond_types(document, root, folder, rules)
    problems = [*flaws, *problems_of(faults, root, source.file)]
    if model is None or problems:
        raise InventoryError(sorted(problems, key=lambda problem: problem.line))
    snapshot = snapshot_of(model, lambda loc: find(root, loc)[0].line, source.file)
    return rebuilt(model, snapshot, path=path.absolute(), sha256=source.sha256)


def _beyond_types(document: dict[str, Any], root: Entry, folder: Path, rules: _Rules) -> Iterator[Fault]:
    yield from broken_rules(document, rules.known_checks, lambda loc: find(root, loc)[0].line)
    yield from bundles(document, folder)
    if rules.with_files:
        yield from missing(document, folder)
