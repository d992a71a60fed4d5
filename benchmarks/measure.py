"""Runs a command and reads what the operating system says that it cost, its children included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost.

    Attributes:
        wall, cpu: seconds; CPU of the command and of all its children that have ended.
        peak_mb: the most memory at one moment, summed over the whole tree of processes: each page that several share
            counts once (PSS, Linux), looked at ten times a second; elsewhere the largest process alone.
    """

    wall: float
    cpu: float
    peak_mb: float
    code: int


# In a process of its own: the kernel keeps children's figures per parent, and a second run would add to the first's.
_CHILD = """
import resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6, done.returncode)
"""


def cost_of(command: Sequence[str], *, folder: str | None = None, limit: float = 900) -> Cost:
    """Runs a command once to its end.

    Raises:
        subprocess.TimeoutExpired: after `limit` seconds.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, *command], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as child:
        tree = _Tree(child.pid)
        try:
            told, _ = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            tree.kill()
            raise
        finally:
            tree.stop()
    wall, cpu, largest, code = told.split()
    return Cost(float(wall), float(cpu), max(tree.peak_mb, float(largest)), int(code))


class _Tree:
    """Looks at the memory of all descendants of a process until it is stopped."""

    def __init__(self, root: int) -> None:
        self._root = root
        self.peak_mb = 0.0
        self._stopped = threading.Event()
        self._looker = threading.Thread(target=self._look, daemon=True)
        self._looker.start()

    def _look(self) -> None:
        while _PROC.is_dir() and not self._stopped.wait(_EVERY):
            self.peak_mb = max(self.peak_mb, sum(map(_pss_mb, descendants(self._root))))

    def stop(self) -> None:
        """No further look."""
        self._stopped.set()
        self._looker.join()

    def kill(self) -> None:
        """Ends every descendant and the root."""
        for pid in (*descendants(self._root), self._root):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def descendants(root: int) -> Iterator[int]:
    """The processes below one, as they are now (Linux; nothing elsewhere)."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents().items():
        children.setdefault(parent, []).append(pid)
    found = list(children.get(root, ()))
    while found:
        pid = found.pop()
        yield pid
        found += children.get(pid, ())


def _parents() -> Mapping[int, int]:
    parents = {}
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name stands in brackets and may hold anything, so what follows the last bracket is read.
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    return parents


def _pss_mb(pid: int) -> float:
    """A process's share of memory in MB; 0 for one that has ended."""
    with suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
