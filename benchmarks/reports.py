"""How long a large report takes and how much memory: 10,000 assets, 200,000 findings made up as they are read.

Run from the repository: `python -m benchmarks.reports [FOLDER]`.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reports import html, json_report
from reports.files import atomic_text
from reports.view import CheckInfo, Report
from scanner.model.asset import Department, Place, Website
from scanner.model.finding import Finding, PackVerdict, SeenEvidence, Severity, Status
from scanner.model.inventory import Inventory, Municipality
from scanner.model.run import Run, Scope
from scanner.model.unobserved import Cause

ASSETS = 10_000
CHECKS = 20
CHECKS_IN_PACKS = 8
STARTED = datetime(2026, 11, 22, 16, 41, 30, tzinfo=UTC)


class MadeUp:
    """Findings in their order, none of them kept."""

    def __iter__(self) -> Iterator[Finding]:
        for asset in range(ASSETS):
            for check in range(CHECKS):
                yield made_up(asset, check)


def made_up(asset: int, check: int) -> Finding:
    """Of ten questions six pass, two fail, one is unknown, one does not apply."""
    status = (Status.FAIL, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE, *[Status.PASS] * 6)[
        (asset * 7 + check * 3) % 10
    ]
    evidence = SeenEvidence(fact="header", value=f"value {asset} of the header " * 4, observed_at=STARTED)
    return Finding(
        check=f"check-{check:02}",
        asset=f"site-{asset:05}",
        subject=None,
        principle="P6",
        severity=list(Severity)[check % 4],
        status=status,
        reason=f"The server of site {asset} answered with something that this sentence tells in a few words.",
        cause=Cause.TIMEOUT if status is Status.UNKNOWN else None,
        fix=f"Send the header {check} on every answer." if status is Status.FAIL else None,
        evidence=(evidence, evidence),
        packs=packs(status, asset) if check < CHECKS_IN_PACKS else (),
    )


def packs(status: Status, asset: int) -> tuple[PackVerdict, ...]:
    """Three packs that agree on three sites of four."""
    last = Status.FAIL if asset % 4 == 0 else status
    ids = ("bod-18-01", "mozilla-intermediate", "ncsc-nl-2025")
    return tuple(PackVerdict(pack=pack, clause="II.1.b.i", status=last if pack == ids[-1] else status) for pack in ids)


def large_report() -> Report:
    """The report of the made-up city."""
    assets = tuple(
        Website(
            id=f"site-{n:05}",
            url=f"https://site{n}.example",
            http_url=None,
            department=f"d{n % 30}",
            place=Place(file="inventory.yaml", line=n + 10),
        )
        for n in range(ASSETS)
    )
    inventory = Inventory(
        path=Path("inventory.yaml"),
        sha256="0" * 64,
        municipality=Municipality(name="City of Many"),
        departments=tuple(Department(id=f"d{n}", name=f"Department {n}") for n in range(30)),
        assets=assets,
    )
    checks = {
        f"check-{n:02}": CheckInfo(
            id=f"check-{n:02}", title=f"Check {n}", principle="P6", severity=Severity.HIGH, doc="Looks.\n"
        )
        for n in range(CHECKS)
    }
    run = Run(
        id="large",
        started_at=STARTED,
        finished_at=STARTED + timedelta(hours=1),
        tool_version="0",
        inventory_path="inventory.yaml",
        inventory_sha256="0" * 64,
        complete=True,
        scope=Scope(),
    )
    return Report(
        run=run,
        inventory=inventory,
        judged_kinds=frozenset({"website"}),
        findings=MadeUp(),
        checks=checks,
        tool_version="0",
    )


def main(folder: Path) -> None:
    """Writes both reports and prints what they cost."""
    print(f"{ASSETS:,} assets, {ASSETS * CHECKS:,} findings, as JSON and as a dashboard: about a minute.", flush=True)
    report = large_report()
    for _ in report.findings:
        pass
    show("made up", time.process_time())
    started = time.perf_counter()
    with atomic_text(folder / "report.json") as stream:
        json_report.write(report, stream)
    show("json", time.perf_counter() - started)
    started = time.perf_counter()
    first = html.write(report, folder / "html")
    show("html", time.perf_counter() - started)
    pages = list((folder / "html").rglob("*.html"))
    size = sum(page.stat().st_size for page in pages) / 1e6
    print(f"{len(pages)} pages, {size:.0f} MB; first page {first.stat().st_size / 1e3:.0f} kB")


def show(what: str, seconds: float) -> None:
    """One line of figures; memory is the peak so far."""
    print(
        f"{what}: {seconds:.1f} s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where the reports stay; left out, they are removed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        main(asked.folder or Path(made))
