"""The command line as its users run it: in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

# Any attempt to reach a network ends the process: what a command says of itself is not enough.
NO_NETWORK = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        sys.stderr.write(f"NETWORK {event}\\n"); sys.stderr.flush()
        import os; os._exit(99)
sys.addaudithook(refuse)
from scanner.cli import main
main()
"""


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVICSEAL", "AWS"))}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", "COLUMNS": "120"}


@pytest.fixture
def civicseal(tmp_path: Path) -> Run:
    """Runs a command in the test's folder; `network=False` ends it with 99 if it tries to reach anybody."""

    def run(*arguments: str, network: bool = True, **changes: str) -> subprocess.CompletedProcess[str]:
        start = ["-m", "scanner.cli"] if network else ["-c", NO_NETWORK]
        return subprocess.run(
            [sys.executable, *start, *arguments],
            cwd=tmp_path,
            env={**environment(), **changes},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command and leaves it running; what still runs at the end is ended."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "scanner.cli", *arguments],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Started in the background, the tests themselves may have been told to ignore Ctrl-C.
            preexec_fn=None if sys.platform == "win32" else _heed_interrupts,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]
