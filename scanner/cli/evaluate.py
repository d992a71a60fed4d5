"""`civicseal evaluate`: judge a stored run again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from scanner.cli import options
from scanner.cli.console import console
from scanner.cli.history import Stored, find, require_other_files, run_argument, write_outputs
from scanner.cli.loading import load_inventory
from scanner.cli.progress import working
from scanner.cli.summary import show_summary


@click.command()
@run_argument
@options.inventory_option
@options.store_option
@options.output_option
@options.fail_on_option
@options.voice_options
def evaluate(run: str, inventory: Path | None, store: str | None, **given: Any) -> int:
    """Judge a stored RUN again with today's checks and policy. Uses no network; the clock stays at the run's start.

    The policy is today's default with the overrides of the inventory file as it is now; where the file is gone, with
    those that the run was scanned with. Assets, relations and waivers stay those of the run.
    """
    from scanner.app.judging import exit_code, judge
    from scanner.cli.session import Wishes
    from scanner.model.policy import Policy

    wishes = Wishes(outputs=given["outputs"], fail_on=given["fail_on"])
    with options.told():
        stored = find(run, inventory, store)
        require_other_files(wishes.outputs, stored.inventory.path)
        policy = Policy().with_overrides(_overrides(stored))
        with working("Judging and writing reports", quiet=given["quiet"], no_color=given["no_color"]):
            report = stored.report(judge(stored.store, stored.run, stored.inventory, policy))
            paths = tuple(write_outputs(report, wishes.outputs, stored.inventory.folder))
    if not given["quiet"]:
        show_summary(report, paths, console(no_color=given["no_color"], stderr=wishes.data_on_stdout))
    return exit_code(report.findings, wishes.threshold)


def _overrides(stored: Stored) -> Mapping[str, object]:
    from scanner.inventory import InventoryError

    if stored.file is None or not stored.file.is_file():
        return stored.inventory.policy
    try:
        return load_inventory(stored.file).policy
    except InventoryError:
        click.echo(f"{stored.file} has errors today; judging with the policy that the run was scanned with.", err=True)
        return stored.inventory.policy
