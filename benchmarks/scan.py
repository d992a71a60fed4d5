"""The whole demo city scanned by civicseal, beside the sslyze command line on the same TLS sites alone.

Run with `make bench`. Both are whole programs, start-up included. sslyze answers for the certificate and TLS checks
only; civicseal's figure also holds HTTP, disks, buckets, contracts, the store and the dashboard.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import Cost, cost_of
from demo import files
from demo.city import City

_ROUNDS = 3


def main() -> None:
    """Prints each run as it ends, the two commands in turn, and then a table of their medians."""
    argparse.ArgumentParser(prog="python -m benchmarks.scan", description=__doc__).parse_args()
    print(
        f"The demo city, scanned by civicseal and its TLS sites by sslyze, {_ROUNDS} times each: some three minutes.",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as scratch:
        inventory = files.unpack(Path(scratch) / "city")
        with City(inventory.parent, inventory.parent / ".civicseal" / "demo"):
            commands = {"civicseal scan": _civicseal(inventory), "sslyze (TLS sites only)": _sslyze(inventory)}
            costs: dict[str, list[Cost]] = {name: [] for name in commands}
            for turn in range(_ROUNDS):
                for name, command in commands.items():
                    costs[name].append(cost_of(command, folder=str(inventory.parent)))
                    print(f"  {turn + 1} of {_ROUNDS}: {name}, {costs[name][-1].wall:.1f} s", flush=True)
    _print(costs)


def _civicseal(inventory: Path) -> list[str]:
    return [sys.executable, "-m", "scanner.cli", "scan", str(inventory), "--quiet"]


def _sslyze(inventory: Path) -> list[str]:
    """The TLS sites that answer, by address, with their names as SNI."""
    found = re.findall(r"url: https://([\w.-]+):(\d+)", inventory.read_text(encoding="utf-8"))
    sites = [f"{name}:{port}{{127.0.0.1}}" for name, port in found]
    return [shutil.which("sslyze") or str(Path(sys.executable).parent / "sslyze"), *dict.fromkeys(sites)]


def _print(costs: dict[str, list[Cost]]) -> None:
    print(f"{'command':<26}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}   (medians of {_ROUNDS})")
    for name, runs in costs.items():
        figures = (median(r.wall for r in runs), median(r.cpu for r in runs), median(r.peak_mb for r in runs))
        print(f"{name:<26}" + "".join(f"{figure:9.1f}" for figure in figures))


if __name__ == "__main__":
    main()
