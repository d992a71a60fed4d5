"""Options that several commands share, and the errors that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_INVENTORY = "inventory.yaml"


class Trouble(click.ClickException):
    """A usage or inventory error: told in words, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Prints the message to standard error, without a prefix: it says itself what is wrong."""
        click.echo(self.format_message(), err=True, file=file)


@contextmanager
def told() -> Iterator[None]:
    """Turns the errors that a user can mend into words and exit code 2."""
    from scanner.app.outputs import OutputError
    from scanner.inventory import InventoryError
    from scanner.store import StoreError

    try:
        yield
    except (InventoryError, StoreError, OutputError) as error:
        raise Trouble(str(error)) from error
    except BrokenPipeError:
        raise  # the reader of our output has gone: nobody is left to be told
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise Trouble(f"Cannot read or write{where}: {error.strerror or error}.") from error


def output_option(command: Command) -> Command:
    """`--output FORMAT=PATH`, as often as needed."""
    return click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT=PATH",
        callback=_outputs,
        help="Report to write, repeatable: html=FOLDER, html=PAGE.html, json=FILE, json=-."
        " Default: civicseal-report/ beside the inventory.",
    )(command)


def _outputs(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[Any, ...]:
    from scanner.app import outputs

    try:
        return tuple(outputs.parse(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def store_option(command: Command) -> Command:
    """`--store URL`."""
    return click.option(
        "--store",
        envvar="CIVICSEAL_STORE",
        metavar="URL",
        help="Database to keep the history in. Default: .civicseal/history.db beside the inventory.",
    )(command)


def inventory_option(command: Command) -> Command:
    """`--inventory FILE`, for commands that work from the store."""
    return click.option(
        "--inventory",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The inventory whose history is meant. Default: inventory.yaml.",
    )(command)


def fail_on_option(command: Command) -> Command:
    """`--fail-on SEVERITY`."""
    return click.option(
        "--fail-on",
        type=click.Choice(["critical", "high", "medium", "low", "none"]),
        default="high",
        show_default=True,
        help="Exit with 1 if a failure is at least this severe.",
    )(command)


def scope_options(command: Command) -> Command:
    """`--only` and `--check`."""
    only = click.option("--only", multiple=True, metavar="ID_OR_GLOB", help="Only these assets; repeatable.")
    check = click.option("--check", multiple=True, metavar="ID_OR_GLOB", help="Only these checks; repeatable.")
    return only(check(command))


def voice_options(command: Command) -> Command:
    """`--quiet` and `--no-color`."""
    plain = click.option("--no-color", is_flag=True, help="No colours; NO_COLOR in the environment does the same.")
    return quiet_option(plain(command))


def quiet_option(command: Command) -> Command:
    """`--quiet`."""
    return click.option("--quiet", "-q", is_flag=True, help="No progress and no summary; errors are told.")(command)
