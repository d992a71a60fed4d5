"""A worker process: reads targets from standard input, writes what it sees to standard output.

It has an old OpenSSL inside that handles what strangers send, so it is given no secret, can crash or hang at no cost
to the scan, and ends as soon as its standard input does.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from scanner.model.facts.tls import Deployment
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_certificate import deployment
from scanner.transports._tls_enumerate import enumerate_server
from scanner.transports._tls_protocol import Part, TlsTarget, read_target, write_part
from scanner.transports._tls_trust import bundle_store, trust

# A server has one chain per kind of key; more are a peer that makes them up as it goes.
_MOST_DEPLOYMENTS = 4


def _deployments(target: TlsTarget, chains: tuple[tuple[str, ...], ...]) -> tuple[Deployment, ...] | Unobserved:
    if not chains:
        detail = f"{target.peer} completes TLS without presenting a certificate."
        return Unobserved(cause=Cause.MALFORMED, detail=detail)
    store = bundle_store(target.ca_bundle) if isinstance(target.ca_bundle, str) else target.ca_bundle
    gap = store if isinstance(store, Unobserved) else None
    known = None if isinstance(store, Unobserved) else store
    now = datetime.now(UTC)
    return tuple(deployment(chain, trust(chain, known, now), gap) for chain in chains[:_MOST_DEPLOYMENTS])


def serve(target: TlsTarget, tell: Callable[[Part], None]) -> None:
    """Scans one server and tells each part of the answer as soon as it is certain."""
    found = enumerate_server(target, lambda answer: tell(Part(version=answer)))
    if found.gap is not None:
        tell(Part(gap=found.gap, done=True))
        return
    for answer in found.versions:
        tell(Part(version=answer))
    tell(Part(deployments=_deployments(target, found.chains), done=True))


def _read_lines(lines: queue.SimpleQueue[bytes]) -> None:
    """Ends the whole process with its standard input, even while C code hangs in another thread."""
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def main() -> None:
    """Serves until standard input ends. Ctrl-C is for the scanner, which then closes our input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # nothing but our lines on standard output
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()

    def tell(part: Part) -> None:
        """Writes one part of an answer."""
        output.write(write_part(part))
        output.flush()

    while True:
        serve(read_target(lines.get()), tell)


if __name__ == "__main__":
    main()
