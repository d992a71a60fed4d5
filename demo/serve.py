"""A server of the demo city in a process of its own, so that it takes nothing from the scanner that looks at it.

It says `ready` in one line when its ports answer, and ends when its standard input closes: also when whoever started
it was killed.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
from pathlib import Path

READY = b"ready\n"
SERVERS: tuple[str, ...] = ("web", "old_tls", "shell", "storage", "mail", "names")


async def _serve(name: str, state: Path) -> None:
    await importlib.import_module(f"demo.{name}").start(state)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    os._exit(0)  # closes every port at once; waiting for visitors who are still there would only take time


def main() -> None:
    """Serves `sys.argv[1]`, one of `SERVERS`, with the files in the folder `sys.argv[2]`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the scanner, which then closes our input
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
