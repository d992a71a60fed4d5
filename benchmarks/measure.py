"""Runs a command and reads what the operating system says that it cost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost: wall and CPU seconds of it and its children, and the largest process in MB."""

    wall: float
    cpu: float
    peak_mb: float
    code: int


# In a process of its own: the kernel keeps children's figures per parent, and a second run would add to the first's.
_CHILD = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6, done.returncode)
"""


def cost_of(command: Sequence[str], *, folder: str | None = None) -> Cost:
    """Runs a command once to its end."""
    run = subprocess.run(
        [sys.executable, "-c", _CHILD, *command], cwd=folder, capture_output=True, text=True, check=True, timeout=900
    )
    wall, cpu, peak, code = run.stdout.split()
    return Cost(float(wall), float(cpu), float(peak), int(code))
