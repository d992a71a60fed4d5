"""What the commands that work from the store share: which store, which run, which inventory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from reports.view import Report
from scanner.app import outputs
from scanner.app.judging import judge, report_of
from scanner.app.scanning import stored_inventory
from scanner.cli.options import DEFAULT_INVENTORY
from scanner.model.inventory import Inventory
from scanner.model.policy import Policy
from scanner.model.run import Run
from scanner.store import Judgement, Store
from scanner.store.database import default_url


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A run in the store, with the inventory that it read."""

    store: Store
    run: Run
    inventory: Inventory

    def report(self, judgement: Judgement) -> Report:
        """The read model of one judgement of it."""
        return report_of(self.store, self.run, self.inventory, judgement)

    def judged(self) -> Judgement:
        """Its newest judgement; a run that was killed before it was judged is judged now, as far as it got."""
        policy = Policy().with_overrides(self.inventory.policy)
        return self.store.judgement(self.run) or judge(self.store, self.run, self.inventory, policy)


def store_address(store: str | None, inventory: Path) -> str:
    """The store that is meant: the named one, or the one beside the inventory."""
    return store or default_url(inventory.resolve().parent)


def find(name: str, inventory: Path | None, store: str | None) -> Stored:
    """The run that a command names, from `--store` or the store beside `--inventory`.

    Raises:
        StoreError: there is no such store or run.
    """
    path = (inventory or Path(DEFAULT_INVENTORY)).resolve()
    opened = Store(store_address(store, path))
    # With a store that many inventories share, `latest` means the latest of this inventory, if there is one here.
    known = str(path) if inventory is not None or path.exists() else None
    run = opened.run(name, inventory_path=known if name == "latest" else None)
    return Stored(store=opened, run=run, inventory=stored_inventory(opened, run, path))


def write_outputs(report: Report, wanted: tuple[outputs.Output, ...], folder: Path) -> list[Path]:
    """Writes the reports that were asked for, by default the dashboard; returns the files' paths."""
    default = outputs.Output(format="html", path=str(folder / "civicseal-report"))
    paths = [outputs.write(report, output) for output in wanted or (default,)]
    return [path for path in paths if path is not None]


def run_argument(command: click.decorators.FC) -> click.decorators.FC:
    """The argument RUN."""
    return click.argument("run", default="latest")(command)
