"""A worker process: reads jobs from standard input, writes what it sees to standard output.

Nearly all of a job is waiting for the network, so that each has a thread and many run at once. The process has an old
OpenSSL inside that handles what strangers send: it is given no secret, can crash or hang at no cost to the scan, and
ends as soon as its standard input does.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_certificate import deployment
from scanner.transports._tls_protocol import (
    AskEarlyData,
    CrossCheck,
    Get,
    Job,
    Judge,
    Part,
    RawHead,
    TryHoles,
    read_job,
    write_part,
)
from scanner.transports._tls_trust import bundle_store, load_public_stores, trust

# Seconds between two signs of life.
_BEAT = 1.0

# Judging a chain is computing and no waiting: one at a time, so that the root stores are loaded once.
_judging = threading.Lock()

# sslyze's packages import each other: two threads that load them at the same time would wait for each other.
_loading = threading.Lock()

Tell = Callable[[Part], None]


def _judge(task: Judge, end: float, tell: Tell) -> None:
    store = bundle_store(task.ca_bundle) if isinstance(task.ca_bundle, str) else task.ca_bundle
    gap = store if isinstance(store, Unobserved) else None
    known = None if isinstance(store, Unobserved) else store
    with _judging:
        tell(Part(deployment=deployment(task.chain, trust(task.chain, known, datetime.now(UTC)), gap)))


def _try_holes(task: TryHoles, end: float, tell: Tell) -> None:
    with _loading:
        from scanner.transports._tls_tests import try_holes

    try_holes(task.target, task.tls, task.holes, end, lambda answer: tell(Part(hole=answer)))


def _ask_early_data(task: AskEarlyData, end: float, tell: Tell) -> None:
    with _loading:
        from scanner.transports._tls_early import ask_early_data

    found = ask_early_data(task.target, end)
    tell(Part(gap=found) if isinstance(found, Unobserved) else Part(early_data=found))


def _cross_check(task: CrossCheck, end: float, tell: Tell) -> None:
    with _loading:
        from scanner.transports._tls_cross import cross_check

    cross_check(task.target, task.tls, end, lambda found: tell(Part(disagreement=found)))


def _get(task: Get, end: float, tell: Tell) -> None:
    with _loading:
        from scanner.transports._tls_get import get_head

    found = get_head(task.target, task.request.encode("latin-1", "replace"), end)
    tell(Part(head=found) if isinstance(found, RawHead) else Part(gap=found))


_DOES: dict[type[Any], Callable[[Any, float, Tell], None]] = {
    Judge: _judge,
    TryHoles: _try_holes,
    AskEarlyData: _ask_early_data,
    CrossCheck: _cross_check,
    Get: _get,
}


def serve(job: Job, tell: Tell) -> None:
    """Does one job; whatever goes wrong in it costs this job only."""
    end = time.monotonic() + job.seconds

    def tell_of_job(part: Part) -> None:
        """Writes a part under this job's number."""
        tell(replace(part, job=job.number))

    try:
        _DOES[type(job.task)](job.task, end, tell_of_job)
    except Exception as error:  # a bug of ours; the name of its type tells no peer's words
        detail = f"A TLS worker failed inside civicseal ({type(error).__name__}); please report this bug."
        tell_of_job(Part(gap=Unobserved(cause=Cause.PROBE_CRASHED, detail=detail)))
    tell_of_job(Part(done=True))


def _load() -> None:
    """Loads what the first jobs will need, while they are still on their way."""
    with _loading:
        from scanner.transports import _tls_early, _tls_tests  # noqa: F401
    with _judging:
        load_public_stores()


def _read_lines(lines: queue.SimpleQueue[bytes]) -> None:
    """Ends the whole process with its standard input, even while C code hangs in another thread."""
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def main() -> None:
    """Serves until standard input ends. Ctrl-C is for the scanner, which then closes our input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # nothing but our lines on standard output
    writing = threading.Lock()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()
    threading.Thread(target=_load, daemon=True).start()

    def tell(part: Part) -> None:
        """Writes one part of an answer."""
        line = write_part(part)
        with writing:
            output.write(line)
            output.flush()

    while True:
        tell(Part())
        with suppress(queue.Empty):
            threading.Thread(target=serve, args=(read_job(lines.get(timeout=_BEAT)), tell), daemon=True).start()


if __name__ == "__main__":
    main()
