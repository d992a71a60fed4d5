"""What the commands that work from the store share: which store, which run, which inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from reports.view import Report
from scanner.app import outputs
from scanner.app.judging import judge, report_of
from scanner.app.scanning import stored_inventory
from scanner.cli.options import DEFAULT_INVENTORY, Trouble
from scanner.model.inventory import Inventory
from scanner.model.policy import Policy
from scanner.model.run import Run
from scanner.store import Judgement, Store, StoreError
from scanner.store.database import STATE_FOLDER, default_url


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A run in the store, with the inventory that it read.

    Attributes:
        file: the inventory file that the run was made from, as it is named today; None if that is another one.
    """

    store: Store
    run: Run
    inventory: Inventory
    file: Path | None

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


def identity(store: str | None, inventory: Path) -> str:
    """The name of an inventory in its store: the file's name in the store beside it, the whole path in any other.

    So a folder keeps its history when it is moved or mounted elsewhere, and a shared store keeps cities apart.
    """
    return str(inventory.resolve()) if store else inventory.name


def find(name: str, inventory: Path | None, store: str | None) -> Stored:
    """The run that a command names, from `--store` or the store beside `--inventory`.

    Raises:
        StoreError: there is no such store or run.
    """
    path = (inventory or Path(DEFAULT_INVENTORY)).resolve()
    # In a store of several inventories, `latest` means the latest run of this one, if this one is there at all.
    known = identity(store, path) if inventory is not None or path.exists() else None
    try:
        opened = Store(store_address(store, path))
        run = opened.run(name, inventory_path=known if name == "latest" else None)
    except StoreError as error:
        # A file that is gone may still have its history; where there is none, its name was probably mistyped.
        gone = f"There is no file {inventory}. " if inventory is not None and not path.exists() else ""
        raise StoreError(f"{gone}{error}") from error
    meant = inventory is not None or run.inventory_path == identity(store, path)
    read = stored_inventory(opened, run, path)
    return Stored(store=opened, run=run, inventory=read, file=path if meant else None)


def require_other_files(wanted: Sequence[outputs.Output], inventory: Path) -> None:
    """A slip of the pen in `-o` must not cost a city its inventory or its history.

    Raises:
        Trouble: a report would replace one of them.
    """
    precious = {inventory.resolve(), inventory.resolve().parent / STATE_FOLDER / "history.db"}
    for output in wanted:
        if not output.to_stdout and Path(output.path).resolve() in precious:
            raise Trouble(f"-o {output.format}={output.path} would replace the inventory or its history; name another.")


def write_outputs(report: Report, wanted: tuple[outputs.Output, ...], folder: Path) -> list[Path]:
    """Writes the reports that were asked for, by default the dashboard; returns the files' paths.

    Raises:
        OutputError: one of them cannot be written.
    """
    default = outputs.Output(format="html", path=str(folder / "civicseal-report"))
    paths = [outputs.write(report, output) for output in wanted or (default,)]
    return [path for path in paths if path is not None]


def run_argument(command: click.decorators.FC) -> click.decorators.FC:
    """The argument RUN."""
    return click.argument("run", default="latest")(command)
