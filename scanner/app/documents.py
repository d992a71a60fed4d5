"""The catalogue's pages, `docs/checks/`, written from the checks' own docstrings and the policy packs' clauses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks import all_checks
from scanner.model.check import Check
from scanner.model.packs import PACKS

_ANNOUNCED = re.compile(r"(?<=\w)::$", re.MULTILINE)


def pages() -> Mapping[str, str]:
    """Every page by file name: one per check, and an index of them."""
    found = {f"{check.id}.md": _page(check) for check in all_checks()}
    return {**found, "README.md": _index()}


def _page(check: Check) -> str:
    summary, _, rest = as_text(check.doc).partition("\n")
    facts = f"{check.principle.id}, {check.principle.title} · severity of a failure: {check.severity.value}"
    head = f"# {check.id}: {check.title}\n\n{summary}\n\n*{facts} · revision {check.revision}*\n"
    return f"{head}{_headings(rest)}\n{_clauses(check)}"


def _clauses(check: Check) -> str:
    """What the policy packs ask for in this check's matter; empty where none does."""
    rows = clause_lines(check.id)
    return "\n## In the policy packs\n\n" + "".join(f"- {row}\n" for row in rows) if rows else ""


def clause_lines(check: str) -> list[str]:
    """One line for each policy pack that has a clause for a check: its name, the clause, and what it asks for."""
    asked = [(pack, pack.clause(check)) for pack in PACKS]
    return [f"{pack.name} ({pack.version}), clause {each.id}: {each.requirement}" for pack, each in asked if each]


def as_text(doc: str) -> str:
    """A docstring as people read it: the two colons that announce an example (reStructuredText) become one."""
    return _ANNOUNCED.sub(":", doc)


def _headings(text: str) -> str:
    """Underlined headings of a docstring as Markdown's second level."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and line and set(line) == {"-"}:
            lines[-1] = f"## {lines[-1]}"
        else:
            lines.append(line)
    return "\n".join(lines).rstrip()


def _index() -> str:
    head = "# Checks\n\nWritten from the checks' docstrings by `make docs`.\n\n"
    rows = [
        f"| [{check.id}]({check.id}.md) | {check.principle.id} | {check.severity.value} | {check.title} |"
        for check in all_checks()
    ]
    return head + "| check | principle | severity | the wanted state |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
