"""A whole scan of a farm of 100 nginx listeners, beside sslyze, nmap and sslscan on the same farm in the same run.

    python -m benchmarks.tls                   civicseal and every rival that is installed, one after the other
    python -m benchmarks.tls --sites 2000      civicseal alone, 20 websites on each of the 100 listeners
    python -m benchmarks.tls --tarpits         civicseal alone, 5 good websites among 20 hostile peers

Each command is a whole program, start-up included, at its defaults. civicseal's figure also holds HTTP, the other
checks, the store and the dashboard. Memory is that of the whole tree of processes (see `benchmarks.measure`), without
nginx.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.farm import ADDRESS, Farm, program
from benchmarks.hostile import Hostile
from benchmarks.measure import Cost, cost_of

_LISTENERS = 100


def main() -> None:
    """Reads the command line and runs one of the three."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tls",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sites", type=int, help="civicseal alone, this many websites on the same listeners")
    parser.add_argument("--tarpits", action="store_true", help="civicseal alone, among hostile peers")
    parser.add_argument("--listeners", type=int, default=_LISTENERS, help="how many ports the farm has")
    parser.add_argument("--only", action="append", help="run this command alone; may be said again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)  # nginx's workers run as another account where root starts it
        if asked.tarpits:
            tarpits(folder)
        elif asked.sites:
            many(folder, asked.sites, asked.listeners)
        else:
            rivals(folder, asked.listeners, asked.only)


def rivals(folder: Path, listeners: int, only: list[str] | None) -> None:
    """civicseal, then each rival, on one farm."""
    with Farm(folder, listeners=listeners) as farm:
        print(f"{listeners} listeners, half modern, half with every old suite; {os.cpu_count()} cores.")
        print("With 100 listeners civicseal takes a minute or so, each rival some minutes. A line comes as each ends.")
        ours: Cost | None = None
        print(f"{'command':<34}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'× our wall':>12}{'exit':>6}", flush=True)
        for name, command in _commands(farm, folder).items():
            if only and not any(each in name for each in only):
                continue
            if command is None:
                print(f"{name:<34} is not installed on this machine")
                continue
            cost = cost_of(command, folder=str(folder))
            ours = ours or cost
            print(f"{name:<34}{_figures(cost)}{cost.wall / ours.wall:12.1f}{cost.code:6}", flush=True)


def many(folder: Path, sites: int, listeners: int) -> None:
    """civicseal alone: does its cost grow with the number of sites, and no faster?"""
    print(f"A quarter of {sites} sites, then all of them: some minutes. A line comes as each ends.")
    print(f"{'sites':<34}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'ms a site':>12}{'exit':>6}", flush=True)
    for part in (sites // 4, sites):
        names = max(1, part // listeners)
        with tempfile.TemporaryDirectory(dir=folder) as own, Farm(_open(own), listeners=listeners, names=names) as farm:
            cost = cost_of(_civicseal(farm.inventory(Path(own) / "inventory.yaml")), folder=own)
            count = sum(1 for _ in farm.sites)
            print(f"{count:<34}{_figures(cost)}{cost.wall / count * 1000:12.1f}{cost.code:6}", flush=True)


def tarpits(folder: Path) -> None:
    """civicseal alone: 5 good websites among 20 hostile peers, with a timeout of 3 s and a budget of 20 s."""
    print("5 good websites among 20 hostile peers, each with 20 s at most: about a minute.", flush=True)
    with Farm(folder, listeners=5) as farm, Hostile(folder, count=20) as hostile:
        inventory = farm.inventory(folder / "inventory.yaml", settings="{timeout: 3, asset_budget: 20}")
        with inventory.open("a") as file:
            for kind, port in hostile.ports:
                url = f"url: 'https://{kind}.farm.example:{port}', http_url: 'http://{kind}.farm.example:{port}'"
                file.write(f"  - {{id: {kind}, {url}}}\n")
        report = folder / "report.json"
        cost = cost_of([*_civicseal(inventory), "-o", f"json={report}"], folder=str(folder))
        print(f"{'5 good and 20 hostile peers':<34}{_figures(cost)}   (wall, cpu, peak MB)")
        for kind, told in _told(json.loads(report.read_text())).items():
            print(f"  {kind:<32}{told}")


def _told(report: Mapping[str, list[dict[str, str]]]) -> Mapping[str, str]:
    """How the findings of each asset ended, with the causes of what was not seen."""
    ends: dict[str, Counter[str]] = {}
    for finding in report["findings"]:
        end = finding["status"] + (f" ({finding['cause']})" if finding["cause"] else "")
        ends.setdefault(finding["asset"], Counter())[end] += 1
    return {asset: ", ".join(f"{count} {end}" for end, count in found.most_common()) for asset, found in ends.items()}


def _open(folder: str) -> Path:
    path = Path(folder)
    path.chmod(0o755)
    return path


def _figures(cost: Cost) -> str:
    return f"{cost.wall:9.1f}{cost.cpu:9.1f}{cost.peak_mb:9.0f}"


def _civicseal(inventory: Path) -> list[str]:
    return [sys.executable, "-m", "scanner.cli", "scan", str(inventory), "--quiet"]


def _commands(farm: Farm, folder: Path) -> Mapping[str, list[str] | None]:
    """Every command by its name; None where the rival is not installed."""
    return {
        "civicseal scan": _civicseal(farm.inventory(folder / "inventory.yaml")),
        "sslyze (its default commands)": _sslyze(farm),
        "nmap ssl-enum-ciphers,ssl-cert": _nmap(farm),
        "sslscan (one after the other)": _sslscan(farm),
    }


def _sslyze(farm: Farm) -> list[str] | None:
    found = shutil.which("sslyze", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    return [found, *(f"{site.host}:{site.port}{{{ADDRESS}}}" for site in farm.sites)] if found else None


def _nmap(farm: Farm) -> list[str] | None:
    """One run over all ports; `+` runs the scripts at ports that nmap does not take for TLS by their numbers."""
    found = program("nmap")
    ports = ",".join(map(str, farm.ports))
    return [found, "-Pn", "-p", ports, "--script", "+ssl-enum-ciphers,+ssl-cert", ADDRESS] if found else None


def _sslscan(farm: Farm) -> list[str] | None:
    """A loop in the shell: sslscan itself looks at one target after the other."""
    found = program("sslscan")
    return ["sh", "-c", "; ".join(_one_by_one(found, farm))] if found else None


def _one_by_one(sslscan: str, farm: Farm) -> Iterator[str]:
    for site in farm.sites:
        yield shlex.join([sslscan, "--no-colour", f"--sni-name={site.host}", f"{ADDRESS}:{site.port}"])


if __name__ == "__main__":
    main()
