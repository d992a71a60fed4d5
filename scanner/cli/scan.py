"""`civicseal scan`: load, probe, judge, store, report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scanner.cli import options
from scanner.cli.loading import load_inventory, scope_of, site_inventory
from scanner.model.inventory import MOST_AT_ONCE


@click.command()
@click.argument("inventory", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--url", metavar="URL", help="Scan this one site, without an inventory.")
@options.output_option
@options.scope_options
@click.option(
    "--depth",
    type=click.Choice(["standard", "deep"]),
    default="standard",
    show_default=True,
    help="How much is asked of TLS servers. deep takes longer: sslyze is asked too for what civicseal's own handshakes "
    "saw (a disagreement is shown as an error, a bug of ours to report), and every test for a known hole is sent, also "
    "where the handshakes exclude it.",
)
@options.fail_on_option
@options.store_option
@click.option("--concurrency", type=click.IntRange(1, MOST_AT_ONCE), metavar="N", help="Assets asked at once.")
@click.option("--resume", is_flag=True, help="Go on with the newest unfinished run of this inventory.")
@options.voice_options
def scan(inventory: Path | None, url: str | None, **given: Any) -> int:
    """Ask every asset in INVENTORY (default: inventory.yaml), judge what was seen, and report.

    Reads only; nothing is written to any target.
    """
    if inventory is not None and url is not None:
        raise click.UsageError("Give an inventory or --url, not both.")
    from scanner.cli.history import identity
    from scanner.cli.session import Wishes, run_scan

    wishes = Wishes(
        outputs=given["outputs"],
        fail_on=given["fail_on"],
        resume=given["resume"],
        quiet=given["quiet"],
        no_color=given["no_color"],
    )
    with options.told():
        read = site_inventory(url) if url else load_inventory(inventory or Path(options.DEFAULT_INVENTORY))
        if given["concurrency"]:
            read = replace(read, settings=replace(read.settings, concurrency=given["concurrency"]))
        name = url or identity(given["store"], read.path)
        return run_scan(read, scope_of(given), name, given["store"], wishes).code
