"""`civicseal plan`: everything that a scan would do, without doing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from scanner.cli import options
from scanner.cli.loading import load_inventory, scope_of


@click.command()
@click.argument("inventory", required=False, type=click.Path(dir_okay=False, path_type=Path))
@options.scope_options
def plan(inventory: Path | None, **given: Any) -> int:
    """Print every connection, account and remote command that `scan` would use. Connects to nothing."""
    with options.told():
        read = load_inventory(inventory or Path(options.DEFAULT_INVENTORY))
    for line in _lines(read, scope_of(given)):
        click.echo(line)
    return 0


def _lines(inventory: Any, scope: Any) -> Iterator[str]:
    from checks import all_checks
    from scanner import runner
    from scanner.model.foreign import harmless
    from scanner.probes.base import all_probes

    shown: set[tuple[str, ...]] = set()
    for question in runner.plan(inventory, scope, all_checks(), all_probes()):
        asset = question.asset
        yield f"{harmless(asset.id)} ({asset.kind.replace('_', ' ')}, {asset.place})"
        for probe, _ in question.probes:
            for step in probe.plan(asset, inventory.settings):
                account = f" as {harmless(step.account)}" if step.account else ""
                yield f"  {step.action}: {harmless(step.target)}{account}"
                yield from _commands(step.commands, shown)
    yield "Nothing was connected to."


def _commands(commands: tuple[str, ...], shown: set[tuple[str, ...]]) -> Iterator[str]:
    """The exact remote commands, each once: forty hosts get the same script."""
    if not commands:
        return
    if commands in shown:
        yield "    the same commands as above"
        return
    shown.add(commands)
    for command in commands:
        for line in command.splitlines():
            yield f"    | {line}"
