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

from scanner.model.facts.tls import Deployment
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_certificate import deployment
from scanner.transports._tls_enumerate import enumerate_server
from scanner.transports._tls_get import get_head
from scanner.transports._tls_protocol import Job, Part, RawHead, TlsTarget, read_job, write_part
from scanner.transports._tls_trust import bundle_store, trust

# A server has one chain per kind of key; more are a peer that makes them up as it goes.
_MOST_DEPLOYMENTS = 4

# Seconds between two signs of life.
_BEAT = 1.0

# Judging a chain is computing and no waiting: one at a time, so that the root stores are loaded once.
_judging = threading.Lock()

Tell = Callable[[Part], None]


def _deployments(target: TlsTarget, chains: tuple[tuple[str, ...], ...]) -> tuple[Deployment, ...] | Unobserved:
    if not chains:
        detail = f"{target.peer} completes TLS without presenting a certificate."
        return Unobserved(cause=Cause.MALFORMED, detail=detail)
    store = bundle_store(target.ca_bundle) if isinstance(target.ca_bundle, str) else target.ca_bundle
    gap = store if isinstance(store, Unobserved) else None
    known = None if isinstance(store, Unobserved) else store
    now = datetime.now(UTC)
    return tuple(deployment(chain, trust(chain, known, now), gap) for chain in chains[:_MOST_DEPLOYMENTS])


def enumerate_and_tell(target: TlsTarget, end: float, tell: Tell) -> None:
    """Scans one server and tells each part of the answer as soon as it is certain."""
    found = enumerate_server(target, end, lambda answer: tell(Part(version=answer)))
    if found.gap is not None:
        tell(Part(gap=found.gap, done=True))
        return
    for answer in found.versions:
        tell(Part(version=answer))
    with _judging:
        deployments = _deployments(target, found.chains)
    tell(Part(deployments=deployments, done=True))


def serve(job: Job, tell: Tell) -> None:
    """Does one job; whatever goes wrong in it costs this job only."""
    end = time.monotonic() + job.seconds

    def tell_of_job(part: Part) -> None:
        """Writes a part under this job's number."""
        tell(replace(part, job=job.number))

    try:
        if job.request is None:
            enumerate_and_tell(job.target, end, tell_of_job)
            return
        found = get_head(job.target, job.request.encode("latin-1", "replace"), end)
        tell_of_job(Part(head=found, done=True) if isinstance(found, RawHead) else Part(gap=found, done=True))
    except Exception as error:  # a bug of ours; the name of its type tells no peer's words
        detail = f"Scanning {job.target.peer} failed inside civicseal ({type(error).__name__}); please report this bug."
        tell_of_job(Part(gap=Unobserved(cause=Cause.PROBE_CRASHED, detail=detail), done=True))


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
