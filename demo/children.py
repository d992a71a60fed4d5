"""The demo city's servers as child processes: started together, waited for, ended together."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Timer

from demo import files
from demo.errors import DemoFailed
from demo.serve import READY, SERVERS

START_LIMIT = 60.0  # seconds; a few are usual
STOP_LIMIT = 3.0  # seconds until a server that does not end is killed

# -P keeps the working folder out of the import path: it may hold a folder named `demo` of its own.
_PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from demo.serve import main; main()"

Child = subprocess.Popen[bytes]


def _log(name: str, state: Path) -> Path:
    return state / f"{name}.log"


def _start(name: str, state: Path) -> Child:
    files.write_private(_log(name, state), b"")
    with _log(name, state).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-P", "-c", _PROGRAM, str(files.HOME.parent), name, str(state)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | {"NO_PROXY": "*", "no_proxy": "*"},
        )


def _wait(name: str, child: Child, state: Path) -> None:
    """Waits until a server says that it is ready.

    Raises:
        DemoFailed: if it ends first, or takes too long.
    """
    assert child.stdout is not None  # noqa: S101 (it was opened with a pipe)
    watchdog = Timer(START_LIMIT, child.kill)
    watchdog.start()
    try:
        said = child.stdout.readline()
    finally:
        watchdog.cancel()
    if said != READY:
        raise DemoFailed(f"The demo city's server {name!r} did not start; {_log(name, state)} says why.")


def start_all(state: Path) -> list[Child]:
    """Starts every server at once and waits until all are ready.

    Raises:
        DemoFailed: if one does not start; the others are stopped then.
    """
    children: list[Child] = []
    try:
        children.extend(_start(name, state) for name in SERVERS)
        with ThreadPoolExecutor(len(children)) as pool:
            list(pool.map(_wait, SERVERS, children, [state] * len(children)))
    except BaseException:
        stop_all(children)
        raise
    return children


def stop_all(children: list[Child]) -> None:
    """Ends every server and waits until all have ended."""
    for child in children:
        assert child.stdin is not None  # noqa: S101 (it was opened with a pipe)
        with suppress(OSError):
            child.stdin.close()
    for child in children:
        try:
            child.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()
