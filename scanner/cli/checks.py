"""`civicseal checks`: the catalogue, from the checks' own docstrings."""

from __future__ import annotations

import difflib

import click

from scanner.cli.options import Trouble


@click.group()
def checks() -> None:
    """The catalogue of checks."""


@checks.command("list")
def list_checks() -> int:
    """Every check: id, principle, severity of a failure, title."""
    from checks import all_checks

    width = max((len(check.id) for check in all_checks()), default=0)
    for check in all_checks():
        click.echo(f"{check.id:<{width}}  {check.principle.id:<3}  {check.severity.value:<8}  {check.title}")
    return 0


@checks.command("show")
@click.argument("check_id", metavar="ID")
def show_check(check_id: str) -> int:
    """What a check looks at, why it matters, how to fix it and what it cannot see."""
    from checks import all_checks
    from scanner.app.documents import clause_lines

    known = {check.id: check for check in all_checks()}
    if check_id not in known:
        near = difflib.get_close_matches(check_id, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else " `civicseal checks list` shows them all."
        raise Trouble(f"There is no check of that name.{hint}")
    check = known[check_id]
    click.echo(f"{check.id} ({check.principle.id}: {check.principle.title}; a failure is {check.severity.value})\n")
    click.echo(check.doc)
    if rows := clause_lines(check_id):
        click.echo("\nIn the policy packs\n-------------------")
        for row in rows:
            click.echo(f"- {row}")
    return 0
