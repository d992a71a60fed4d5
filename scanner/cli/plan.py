"""`civicseal plan`: everything that a scan would do, without doing it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import options
from scanner.cli.loading import load_inventory, scope_of
from scanner.cli.selection import require_match

if TYPE_CHECKING:
    from scanner.model.inventory import Authorization


@click.command()
@click.argument("inventory", required=False, type=click.Path(dir_okay=False, path_type=Path))
@options.scope_options
def plan(inventory: Path | None, **given: Any) -> int:
    """Print every connection, account and remote command that `scan` would use. Connects to nothing."""
    with options.told():
        read = load_inventory(inventory or Path(options.DEFAULT_INVENTORY))
    scope = scope_of(given)
    require_match(read, scope)
    for line in (*_authorization(read.authorization), *_lines(read, scope)):
        click.echo(line)
    return 0


def _authorization(leave: Authorization | None) -> Iterator[str]:
    """What the authorization forbids: none of it is sent, whatever stands below."""
    if leave is None:
        return
    if leave.expires is not None:
        ended = leave.expires < date.today()
        yield f"The authorization {'ended' if ended else 'ends'} on {leave.expires}; after that nothing is sent."
    if leave.window is not None:
        yield f"Authorized hours: {leave.window[0]:%H:%M} to {leave.window[1]:%H:%M}; outside of them nothing is sent."
    if leave.exclude:
        yield f"Nothing is sent to {', '.join(map(str, leave.exclude))}."


def _lines(inventory: Any, scope: Any) -> Iterator[str]:
    from checks import all_checks
    from scanner import runner
    from scanner.model.foreign import harmless
    from scanner.probes.base import all_probes

    shown: dict[tuple[str, ...], str] = {}
    for question in runner.plan(inventory, scope, all_checks(), all_probes()):
        asset = question.asset
        yield f"{harmless(asset.id)} ({asset.kind.replace('_', ' ')}, {asset.place})"
        for probe, _ in question.probes:
            for step in probe.plan(asset, inventory.settings):
                account = f" (login: {harmless(step.account)})" if step.account else ""
                yield f"  {step.action}: {harmless(step.target)}{account}"
                yield from _commands(step.commands, harmless(asset.id), shown)
    yield "Nothing was connected to."


def _commands(commands: tuple[str, ...], asset: str, shown: dict[tuple[str, ...], str]) -> Iterator[str]:
    """The exact remote commands, each once: forty hosts get the same script. `shown` says where each stands."""
    if not commands:
        return
    if commands in shown:
        yield f"    the same commands as at {shown[commands]}"
        return
    shown[commands] = asset
    for command in commands:
        for line in command.splitlines():
            yield f"    | {line}"
