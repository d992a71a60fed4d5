"""`civicseal report`: render a stored run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scanner.cli import options
from scanner.cli.history import find, require_other_files, run_argument, write_outputs


@click.command()
@run_argument
@options.inventory_option
@options.store_option
@options.output_option
@options.quiet_option
def report(run: str, inventory: Path | None, store: str | None, outputs: tuple[Any, ...], quiet: bool) -> int:
    """Render a stored RUN (id, prefix of one, or latest) again. Uses no network and asks nobody."""
    with options.told():
        stored = find(run, inventory, store)
        require_other_files(outputs, stored.inventory.path)
        rendered = stored.report(stored.judged())
        written = write_outputs(rendered, outputs, stored.inventory.folder)
    for path in () if quiet else written:
        click.echo(f"Wrote {path}", err=True)
    return 0
