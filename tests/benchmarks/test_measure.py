"""What a benchmark reads of a command's cost."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.measure import cost_of, descendants

_HOLD = "import sys, time; held = bytearray(b'x' * 50_000_000); time.sleep(float(sys.argv[1]))"
_TWO = f"""
import subprocess, sys
held = [subprocess.Popen([sys.executable, "-c", {_HOLD!r}, "1.5"]) for _ in range(2)]
sys.exit(sum(each.wait() for each in held) + 7)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a whole tree of processes holds")
def test_memory_is_summed_over_children_and_the_exit_code_is_the_commands_own() -> None:
    cost = cost_of([sys.executable, "-c", _TWO])

    assert cost.code == 7
    assert cost.peak_mb > 100
    assert cost.wall >= 1.5


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own list of processes")
def test_a_command_that_takes_too_long_is_ended_with_its_children() -> None:
    before = set(descendants(os.getpid()))

    with pytest.raises(subprocess.TimeoutExpired):
        cost_of([sys.executable, "-c", _TWO.replace("1.5", "60")], limit=1)

    assert set(descendants(os.getpid())) <= before
