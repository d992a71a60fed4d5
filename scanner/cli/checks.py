"""`civicseal checks`: the catalogue, from the checks' own docstrings."""

from __future__ import annotations

import click

from scanner.cli.options import Trouble


@click.group()
def checks() -> None:
    """The catalogue of checks."""


@checks.command("list", short_help="Every check: id, principle, severity, title.")
def list_checks() -> int:
    """Every check: id, principle, severity of a failure, title."""
    from checks import all_checks

    width = max((len(check.id) for check in all_checks()), default=0)
    for check in all_checks():
        click.echo(f"{check.id:<{width}}  {check.principle.id:<3}  {check.severity.value:<8}  {check.title}")
    return 0


@checks.command("show", short_help="What a check looks at, and how to fix it.")
@click.argument("check_id", metavar="ID")
def show_check(check_id: str) -> int:
    """What a check looks at, why it matters, how to fix it and what it cannot see."""
    from checks import all_checks
    from scanner.app.documents import as_text, clause_lines
    from scanner.cli.selection import ALL_CHECKS, nearest

    known = {check.id: check for check in all_checks()}
    if check_id not in known:
        raise Trouble(f"There is no check of that name. {nearest(check_id, list(known), ALL_CHECKS)}")
    check = known[check_id]
    click.echo(f"{check.id} ({check.principle.id}: {check.principle.title}; a failure is {check.severity.value})\n")
    click.echo(as_text(check.doc))
    if rows := clause_lines(check_id):
        click.echo("\nIn the policy packs\n-------------------")
        for row in rows:
            click.echo(f"- {row}")
    return 0
