import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.files import HOME
from demo.planted import PLANTED, UNSEEN

pytestmark = pytest.mark.usefixtures("free_ports")


def test_a_scan_of_the_demo_city_finds_exactly_the_planted_faults(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scanner.cli", "demo", "-o", "json=report.json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOME.parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    findings = [each for each in report["findings"] if each["severity"] != "info"]
    places = {(each["check"], each["asset"], each["subject"]): each for each in findings}
    assert {place for place, each in places.items() if each["status"] == "fail"} == PLANTED
    unseen = {place: each["cause"] for place, each in places.items() if each["status"] in ("unknown", "error")}
    assert unseen == UNSEEN
    assert {asset["id"] for asset in report["assets"] if not asset["judged"]} == {"tapes"}
