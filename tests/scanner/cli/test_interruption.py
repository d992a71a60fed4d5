"""Ctrl-C and kill -9 in mid-scan: what was answered is kept, and `--resume` goes on with the rest."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from scanner.cli.history import find
from scanner.store import StoreError

INVENTORY = """
version: 1
municipality: {{name: City of Riverton}}
settings: {{concurrency: 2, timeout: 8, asset_budget: 20}}
websites:
  - {{id: www, url: "https://127.0.0.1:{port}", http_url: null}}
vendors:
  - {{id: acme, name: Acme Permits}}
"""


def stored(folder: Path):
    found = find("latest", folder / "inventory.yaml", None)
    return found.run, dict.fromkeys(found.store.asked(found.run)), found


def wait_for_vendor(folder: Path) -> None:
    """Waits until the first asset's answer is in the store; the second one hangs."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if any(asset == "acme" for asset, _ in stored(folder)[1]):
                return
        except StoreError:
            pass
        time.sleep(0.2)
    raise AssertionError("the vendor was never asked")


@pytest.fixture
def hanging(tmp_path: Path, silent_port: int, started):

    (tmp_path / "inventory.yaml").write_text(INVENTORY.format(port=silent_port), encoding="utf-8")
    process = started("scan", "-o", "json=first.json")
    wait_for_vendor(tmp_path)
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_scan_judges_what_it_has(hanging, tmp_path: Path, number: signal.Signals) -> None:
    hanging.send_signal(number)
    _, told = hanging.communicate(timeout=60)
    assert hanging.returncode == 130
    assert "Traceback" not in told
    report = json.loads((tmp_path / "first.json").read_text(encoding="utf-8"))
    assert report["run"]["complete"] is False
    found = {(each["asset"], each["status"], each["cause"]) for each in report["findings"]}
    assert ("acme", "fail", None) in found
    asked = {each for each in found if each[0] == "www" and each[1] != "not_applicable"}
    assert asked == {("www", "unknown", "interrupted")}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_kill_9_loses_nothing_that_was_stored_and_resume_goes_on(hanging, tmp_path: Path, civicseal) -> None:
    hanging.kill()
    hanging.communicate(timeout=60)
    run, _, before = stored(tmp_path)
    vendor = before.store.observations(run).of("acme")
    assert (run.complete, run.finished_at) == (False, None)
    quick = (tmp_path / "inventory.yaml").read_text(encoding="utf-8").replace("timeout: 8", "timeout: 1")
    (tmp_path / "inventory.yaml").write_text(quick, encoding="utf-8")

    # The run keeps the inventory that it read, with its timeout of 8 s; a report of what there is comes at once.
    partial = civicseal("report", "-o", "json=partial.json", network=False)
    assert partial.returncode == 0, partial.stderr

    done = civicseal("scan", "--resume", "-o", "json=second.json")
    assert done.returncode == 3, done.stderr
    assert "The inventory has changed since" in done.stderr
    report = json.loads((tmp_path / "second.json").read_text(encoding="utf-8"))
    assert report["run"]["id"] == run.id
    assert report["run"]["complete"] is True
    after = stored(tmp_path)[2]
    assert after.store.observations(run).of("acme") == vendor
    asked = [each for each in report["findings"] if each["asset"] == "www" and each["status"] != "not_applicable"]
    assert {each["cause"] for each in asked} == {"timeout"}


def test_resume_with_nothing_to_resume_starts_anew(tmp_path: Path, civicseal) -> None:
    text = INVENTORY.format(port=1).replace("websites:", "x-websites:")
    (tmp_path / "inventory.yaml").write_text(text, encoding="utf-8")
    done = civicseal("scan", "--resume")
    assert done.returncode == 1
    assert "No unfinished run" in done.stderr
