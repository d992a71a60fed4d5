"""`civicseal inventory`: validate the inventory, or print its schema."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from scanner.cli.loading import load_inventory
from scanner.cli.options import DEFAULT_INVENTORY, told


@click.group()
def inventory() -> None:
    """Check inventory.yaml, or print its schema."""


@inventory.command()
@click.argument("path", metavar="[INVENTORY]", default=DEFAULT_INVENTORY, type=click.Path(path_type=Path))
def check(path: Path) -> int:
    """Validate an inventory: every error at once, with file, line and key. Connects to nothing."""
    with told():
        read = load_inventory(path, with_files=True)
    kinds = Counter(asset.kind.replace("_", " ") for asset in read.assets)
    counted = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "no assets"
    click.echo(f"{path} is valid: {counted}.")
    return 0


@inventory.command()
def schema() -> int:
    """Print the JSON Schema of inventory.yaml, for editors."""
    from scanner.inventory import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return 0
