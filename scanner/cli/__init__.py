"""The command `civicseal`. Commands are imported when they are called: sslyze and boto3 are heavy."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from scanner import __version__
from scanner.app.pipes import discard

# Name of the command: the module that holds it (function of the same name, dashes as underscores).
_COMMANDS = {
    "checks": "scanner.cli.checks",
    "demo": "scanner.cli.demo",
    "evaluate": "scanner.cli.evaluate",
    "inventory": "scanner.cli.inventory",
    "plan": "scanner.cli.plan",
    "report": "scanner.cli.report",
    "scan": "scanner.cli.scan",
}

_SUMMARIES = {
    "checks": "The catalogue of checks: what each looks at and how to fix it.",
    "demo": "Start a small city on this machine, scan it, and write its dashboard.",
    "evaluate": "Judge a stored run again with today's checks and policy; no network.",
    "inventory": "Check inventory.yaml, or print its schema for editors.",
    "plan": "Print every connection, account and command that a scan would use.",
    "report": "Render a stored run again; no network.",
    "scan": "Ask every asset in the inventory, judge what was seen, and report.",
}


class _Lazy(click.Group):
    """A group that imports a command's module when the command is called, and none of them for `--help`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names, sorted."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports one command."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands from the table above, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_SUMMARIES.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="civicseal")
def civicseal() -> None:
    """Security posture of a city: encryption and third parties, measured and never guessed.

    Exit codes: 0 all judged, nothing at or above --fail-on; 1 findings; 2 usage or inventory error; 3 something could
    not be tested; 4 a bug in civicseal; 130 interrupted (scan --resume goes on).
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with a code of the contract."""
    sys.exit(_code(arguments))


def _code(arguments: Sequence[str] | None) -> int:
    try:
        result = civicseal.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. What was answered is kept; `civicseal scan --resume` goes on.", err=True)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; closing quietly is what pipes expect.
        discard(sys.stdout)
        return 0
    except SystemExit:
        # click's own way to end when the reader of our output has gone, with a code that would mean findings here.
        return 0
    except Exception as error:  # the last resort: our own bug, told as such
        return _bug(error)
    return result if isinstance(result, int) else 0


def _bug(error: Exception) -> int:
    if os.environ.get("CIVICSEAL_DEBUG"):
        raise error
    click.echo(
        f"civicseal has a bug: {type(error).__name__}. Set CIVICSEAL_DEBUG=1 to see where, and please report it.",
        err=True,
    )
    return 4
