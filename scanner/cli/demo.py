"""`civicseal demo`: a small city on this machine, scanned for real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import options
from scanner.cli.loading import load_inventory
from scanner.model.finding import Finding, Severity, Status

if TYPE_CHECKING:
    from scanner.cli.session import Ended

# Where the demo city is laid out when the working folder is not a clone of civicseal.
_FOLDER = "civicseal-demo"


@click.command()
@options.output_option
@options.voice_options
def demo(outputs: tuple[Any, ...], quiet: bool, no_color: bool) -> int:
    """Start a small city on this machine's loopback, scan it, and write its dashboard.

    Exits with 0 when the faults planted in that city, and only those, were found.
    """
    with options.told():
        return _demo(outputs, quiet=quiet, no_color=no_color)


def _demo(outputs: tuple[Any, ...], *, quiet: bool, no_color: bool) -> int:
    from scanner.cli.session import Wishes

    try:
        from demo.city import City, DemoError
    except ImportError as error:
        raise options.Trouble(
            f"The demo city needs packages that are not installed ({error.name}): pip install 'civicseal[demo]'"
        ) from error
    wishes = Wishes(outputs=outputs, quiet=quiet, no_color=no_color, fail_on="none")
    try:
        path = _inventory()
        if not quiet:
            click.echo("civicseal: starting the demo city on 127.0.0.1", err=True)
        with City(path.parent, path.parent / ".civicseal" / "demo"):
            ended = _scan(path, wishes)
    except DemoError as error:
        raise options.Trouble(str(error)) from error
    return _verdict(ended, quiet=quiet)


def _inventory() -> Path:
    """The demo city's inventory: the one here, if it is the shipped one; else a copy in a folder of its own."""
    from demo import files

    here = Path("inventory.yaml")
    if here.is_file() and here.read_bytes() == files.shipped_inventory().read_bytes():
        return here.resolve()
    folder = Path(_FOLDER).resolve()
    return files.unpack(folder)


def _scan(path: Path, wishes: Any) -> Ended:
    from scanner.cli.history import identity
    from scanner.cli.session import run_scan
    from scanner.model.run import Scope

    return run_scan(load_inventory(path), Scope(), identity(None, path), None, wishes)


def _verdict(ended: Ended, *, quiet: bool) -> int:
    """0 if exactly the planted faults were found; else 1, and what differs. An interruption stays one."""
    if ended.code == 130:
        return ended.code
    differences = list(_differences(ended.report.findings))
    for difference in differences:
        click.echo(f"Not as planted: {difference}", err=True)
    if differences:
        return 1
    if not quiet:
        click.echo("civicseal: the planted faults were found, and only those", err=True)
    return 0


def _differences(findings: Iterable[Finding]) -> Iterator[str]:
    from demo.planted import PLANTED, UNSEEN

    failed, unseen = set(), {}
    for finding in findings:
        if finding.severity is Severity.INFO:
            continue  # what hangs on this machine's own libraries, such as hybrid key exchange
        key = (finding.check, finding.asset, finding.subject)
        if finding.status is Status.FAIL:
            failed.add(key)
        elif finding.status in (Status.UNKNOWN, Status.ERROR):
            unseen[key] = finding.cause.value if finding.cause else ""
    for key in sorted(PLANTED - failed, key=str):
        yield f"{_told(key)} should have failed"
    for key in sorted(failed - PLANTED, key=str):
        yield f"{_told(key)} failed"
    for key in sorted(UNSEEN.keys() | unseen.keys(), key=str):
        if UNSEEN.get(key) != unseen.get(key):
            yield f"{_told(key)} is unknown: {unseen.get(key)}, planted was {UNSEEN.get(key)}"


def _told(key: tuple[str, str, str | None]) -> str:
    check, asset, subject = key
    return f"{check} on {asset}{f' {subject}' if subject else ''}"
