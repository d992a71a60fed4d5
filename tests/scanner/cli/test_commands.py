"""The commands: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.cli import _COMMANDS
from scanner.cli.history import find
from scanner.model.observation import Observation

VENDORS = """
version: 1
municipality: {name: City of Riverton}
datasets: [{id: ids, name: Municipal IDs, sensitivity: vulnerable}]
vendors:
  - {id: acme, name: Acme Permits, datasets: [ids]}
backups: [{id: tape, where: city}]
"""

WAIVED = (
    VENDORS
    + """
waivers:
  - {check: vendor-contract, asset: acme, reason: in negotiation, owner: City Clerk, expires: 2999-01-31}
"""
)


def write(folder: Path, text: str = VENDORS) -> Path:
    path = folder / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def report_of(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys\nfrom scanner.cli import _code\n_code(['--help'])\n"
        "heavy = {'sslyze', 'boto3', 'botocore', 'paramiko', 'sqlalchemy', 'pydantic', 'jinja2', 'httpx', 'rich'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "HEAVY []" in done.stdout
    assert "scan" in done.stdout


def test_checks_list_names_every_check(civicseal) -> None:
    done = civicseal("checks", "list", network=False)
    assert done.returncode == 0
    assert "https-served" in done.stdout
    assert "vendor-contract" in done.stdout


def test_checks_show_tells_what_a_check_cannot_see(civicseal) -> None:
    done = civicseal("checks", "show", "disk-encrypted", network=False)
    assert done.returncode == 0
    assert "What it cannot see" in done.stdout
    assert "policy packs" not in done.stdout


def test_checks_show_tells_what_each_policy_pack_asks_for(civicseal) -> None:
    done = civicseal("checks", "show", "https-hsts", network=False)
    assert done.returncode == 0
    assert "- Mozilla intermediate (6.0), clause hsts_min_age: HSTS with a max-age of two years" in done.stdout


def test_an_example_in_a_checks_page_is_announced_by_one_colon(civicseal) -> None:
    done = civicseal("checks", "show", "tls-post-quantum", network=False)
    assert "for nginx:\n" in done.stdout
    assert "::\n" not in done.stdout


def test_an_unknown_check_is_told_with_the_nearest_name(civicseal) -> None:
    done = civicseal("checks", "show", "disk-encryptd", network=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "disk-encrypted" in done.stderr


def test_inventory_check_counts_what_it_read(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("inventory", "check", network=False)
    assert done.returncode == 0, done.stderr
    assert "is valid: backup 1, vendor 1" in done.stdout


def test_inventory_check_tells_all_errors_with_their_lines(civicseal, tmp_path: Path) -> None:
    write(tmp_path, VENDORS.replace("name: Acme", "nam: Acme").replace("sensitivity: vulnerable", "sensitivity: high"))
    done = civicseal("inventory", "check", network=False)
    assert done.returncode == 2
    assert "inventory.yaml:4:" in done.stderr
    assert "inventory.yaml:6:" in done.stderr
    assert "Traceback" not in done.stderr


def test_inventory_schema_is_json_schema(civicseal) -> None:
    done = civicseal("inventory", "schema", network=False)
    assert done.returncode == 0
    assert "properties" in json.loads(done.stdout)


def test_a_missing_inventory_says_how_to_begin(civicseal) -> None:
    done = civicseal("scan")
    assert done.returncode == 2
    assert "inventory.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 1), (("--fail-on", "critical"), 0), (("--fail-on", "none"), 0), (("--fail-on", "low"), 1)],
)
def test_fail_on_decides_between_0_and_1(civicseal, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    write(tmp_path)
    assert civicseal("scan", *arguments).returncode == code


def test_a_waived_failure_stays_fail_and_does_not_count(civicseal, tmp_path: Path) -> None:
    write(tmp_path, WAIVED)
    done = civicseal("scan", "-o", "json=report.json")
    assert done.returncode == 0, done.stderr
    report = report_of(tmp_path)
    (finding,) = report["findings"]
    assert finding["status"] == "fail"
    assert finding["waiver"] == {"reason": "in negotiation", "owner": "City Clerk", "expires": "2999-01-31"}
    (p5,) = [each for each in report["principles"] if each["id"] == "P5"]
    assert (p5["fail"], p5["waived"]) == (1, 1)


def test_kinds_that_no_check_covers_are_listed_as_not_judged(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    civicseal("scan", "-o", "json=report.json")
    assert {each["id"]: each["judged"] for each in report_of(tmp_path)["assets"]} == {"acme": True, "tape": False}


def test_json_on_stdout_is_json_alone(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("scan", "-o", "json=-")
    assert json.loads(done.stdout)["format"] == "civicseal-report"
    assert "vendor-contract" in done.stderr


def test_without_outputs_the_dashboard_is_written_beside_the_inventory(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("scan")
    page = tmp_path / "civicseal-report" / "index.html"
    assert page.is_file()
    assert str(page) in done.stdout
    assert page.stat().st_mode & 0o777 == 0o600


def test_piped_output_has_no_colours(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("scan")
    assert "\x1b" not in done.stdout + done.stderr


def test_quiet_says_nothing(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("scan", "--quiet")
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "pdf"),
        ("-o", "nonsense=x"),
        ("-o", "html=-"),
        ("--only", "nobody"),
        ("--check", "nothing"),
        ("--fail-on", "sometimes"),
        ("--concurrency", "0"),
        ("--concurrency", "1025"),
        ("--url", "https://a.example", "inventory.yaml"),
        ("--store", "nodatabase://x/y"),
    ],
)
def test_usage_errors_are_2_in_words_and_scan_nothing(civicseal, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(tmp_path)
    done = civicseal("scan", *arguments, network=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "civicseal-report").exists()


def test_evaluate_gives_the_same_findings_with_the_network_off_and_the_file_gone(civicseal, tmp_path: Path) -> None:
    path = write(tmp_path)
    civicseal("scan", "-o", "json=first.json")
    path.unlink()
    done = civicseal("evaluate", "-o", "json=second.json", network=False)
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "first.json").read_text() == (tmp_path / "second.json").read_text()


def test_evaluate_uses_the_policy_as_it_is_today(civicseal, tmp_path: Path) -> None:
    clauses = "clauses: {notice_of_demand: true}"
    signed = VENDORS.replace("datasets: [ids]}\n", f"datasets: [ids], contract: {{{clauses}}}}}\n", 1)
    write(tmp_path, signed)
    assert civicseal("scan").returncode == 1
    write(tmp_path, signed + "policy: {required_clauses: [notice_of_demand]}\n")
    assert civicseal("evaluate", network=False).returncode == 0


def test_report_renders_a_stored_run_again(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    civicseal("scan", "-o", "json=first.json")
    done = civicseal("report", "-o", "json=second.json", "-o", "html=page.html", network=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "first.json").read_text() == (tmp_path / "second.json").read_text()
    assert (tmp_path / "page.html").is_file()


def test_report_of_a_run_that_is_not_there_is_told(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    assert "There is no store" in civicseal("report").stderr
    civicseal("scan")
    done = civicseal("report", "20010101")
    assert done.returncode == 2
    assert "no run '20010101'" in done.stderr


def test_a_run_of_an_inventory_that_is_not_there_says_so_first(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    for _ in range(2):  # without a store, and with one that does not know it
        done = civicseal("report", "--inventory", "nope.yaml", network=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("There is no file nope.yaml. ")
        civicseal("scan", "--quiet")


def test_a_quiet_report_says_nothing(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    civicseal("scan", "--quiet")
    done = civicseal("report", "--quiet", "-o", "json=again.json", network=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "again.json").is_file()


def test_the_summary_says_what_could_not_be_seen_in_words_and_as_often_as_the_score(civicseal, tmp_path: Path) -> None:
    site = "websites: [{id: www, url: 'https://127.0.0.1:1', http_url: null}]\n"
    write(tmp_path, VENDORS + "messaging: [{id: chat, product: zoom}, {id: talk, product: signl}]\n" + site)
    done = civicseal("scan", "-o", "json=report.json", COLUMNS="1000")
    [p6] = [each for each in report_of(tmp_path)["principles"] if each["id"] == "P6"]
    refused = p6["unknown"] - 2
    assert f"- Nothing there would talk to us: {refused} questions on www. " in done.stdout
    assert "- Not declared, not allowed, or not known to civicseal: 2 questions on 2 assets.\n" in done.stdout
    assert "unreachable" not in done.stdout


def test_plan_prints_a_script_once_and_then_says_where_it_stands(civicseal, tmp_path: Path) -> None:
    hosts = "\n".join(f"  - {{id: db{each}, address: 192.0.2.{each}, platform: linux}}" for each in (1, 2, 3))
    write(tmp_path, f"version: 1\nhosts:\n{hosts}\n")
    done = civicseal("plan", network=False)
    assert done.stdout.count("    the same commands as at db1\n") == 2
    lines = [line for line in done.stdout.splitlines() if line.startswith("    | ")]
    assert done.stdout.index("db1 (host") < done.stdout.index(lines[0]) < done.stdout.index("db2 (host")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--check", "htps-hsts"), "Did you mean https-hsts?"),
        (("--check", "HSTS"), "Did you mean https-hsts?"),
        (("--check", "zzz"), "`civicseal checks list` shows them all."),
        (("--only", "ACM"), "Did you mean acme?"),
        (("--only", "zzz"), "The inventory has tape, acme."),
    ],
)
def test_a_selection_that_matches_nothing_names_what_there_is(
    civicseal, tmp_path: Path, arguments: tuple[str, str], told: str
) -> None:
    write(tmp_path)
    done = civicseal("plan", *arguments, network=False)
    assert done.returncode == 2
    assert told in done.stderr


def test_plan_tells_a_selection_that_matches_nothing(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("plan", "--only", "nobody", network=False)
    assert done.returncode == 2
    assert "--only nobody matches no asset" in done.stderr


def test_plan_says_what_the_authorization_forbids(civicseal, tmp_path: Path) -> None:
    write(tmp_path, VENDORS + "authorization: {expires: 2001-01-01, exclude: [192.0.2.0/24]}\n")
    done = civicseal("plan", network=False)
    assert done.returncode == 0
    assert "ended on 2001-01-01" in done.stdout
    assert "192.0.2.0/24" in done.stdout


def test_a_scan_of_a_part_says_so(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("scan", "--only", "acme")
    assert "a part of the inventory" in done.stdout
    assert "P6: nothing asked in this scan" in done.stdout


def test_a_pipe_that_closes_early_is_no_finding(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "done = subprocess.Popen([sys.executable, '-m', 'scanner.cli', 'checks', 'list'], stdout=subprocess.PIPE)\n"
        "done.stdout.close()\n"
        "print(done.wait())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "0", done.stderr


def test_plan_connects_to_nothing(civicseal, tmp_path: Path) -> None:
    text = VENDORS + "websites: [{id: www, url: 'https://www.riverton.example'}]\n"
    write(tmp_path, text)
    done = civicseal("plan", network=False)
    assert done.returncode == 0, done.stderr
    assert "www (website, " in done.stdout
    assert "https://www.riverton.example" in done.stdout
    assert not (tmp_path / ".civicseal").exists()


def test_the_store_option_moves_the_history(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    civicseal("scan", "--quiet", CIVICSEAL_STORE="elsewhere.db")
    assert (tmp_path / "elsewhere.db").is_file()
    assert not (tmp_path / ".civicseal").exists()
    assert civicseal("report", "--store", "elsewhere.db").returncode == 0


def test_outside_the_authorization_nothing_is_sent(civicseal, tmp_path: Path, silent_port: int) -> None:
    site = f"websites: [{{id: www, url: 'https://127.0.0.1:{silent_port}', http_url: null}}]\n"
    write(tmp_path, VENDORS + site + "authorization: {expires: 2001-01-01}\n")
    done = civicseal("scan", "-o", "json=report.json", network=False)
    assert done.returncode == 3, done.stderr
    found = [each for each in report_of(tmp_path)["findings"] if each["asset"] == "www"]
    assert {each["cause"] for each in found if each["status"] != "not_applicable"} == {"not_declared"}


def observations(folder: Path) -> dict[str, dict[str, Observation]]:
    stored = find("latest", folder / "inventory.yaml", None)
    seen = stored.store.observations(stored.run)
    return {asset.id: dict(seen.of(asset.id)) for asset in stored.inventory.assets}


def test_a_folder_keeps_its_history_when_it_moves(civicseal, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    write(tmp_path / "old")
    civicseal("scan", "old/inventory.yaml", "--quiet")
    (tmp_path / "old").rename(tmp_path / "new")
    assert civicseal("report", "--inventory", "new/inventory.yaml", network=False).returncode == 0


def test_two_inventories_of_one_folder_have_their_own_latest_run(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "schools.yaml").write_text(VENDORS.replace("Riverton", "Schools"), encoding="utf-8")
    civicseal("scan", "--quiet")
    civicseal("scan", "schools.yaml", "--quiet")
    for name, city in (("inventory.yaml", "City of Riverton"), ("schools.yaml", "City of Schools")):
        done = civicseal("report", "--inventory", name, "-o", "json=-", network=False)
        assert json.loads(done.stdout)["municipality"]["name"] == city


def test_a_site_scanned_by_url_does_not_replace_the_inventorys_latest_run(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    civicseal("scan", "--quiet")
    civicseal("scan", "--quiet", "--url", "https://127.0.0.1:1/")
    done = civicseal("report", "-o", "json=-", network=False)
    assert json.loads(done.stdout)["municipality"]["name"] == "City of Riverton"


def test_one_glob_that_matches_nothing_is_a_mistake_even_beside_a_good_one(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    done = civicseal("scan", "--only", "acme", "--only", "acne", network=False)
    assert done.returncode == 2
    assert "--only acne matches no asset. Did you mean acme?" in done.stderr


def test_an_id_with_glob_signs_can_be_named_to_the_letter(civicseal, tmp_path: Path) -> None:
    write(tmp_path, VENDORS.replace("id: acme", "id: '[acme]'"))
    assert civicseal("scan", "--only", "[acme]", network=False).returncode == 1


def test_a_reader_that_leaves_early_does_not_hide_findings(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    code = (
        "import subprocess, sys\n"
        "scan = subprocess.Popen([sys.executable, '-m', 'scanner.cli', 'scan', '-q', '-o', 'json=-'],"
        " stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
        "scan.stdout.close()\n"
        "told = scan.stderr.read().decode()\n"
        "print(scan.wait(), repr(told))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "1 ''"


def test_a_report_never_replaces_the_inventory(civicseal, tmp_path: Path) -> None:
    path = write(tmp_path)
    civicseal("scan", "--quiet")
    for command in ("scan", "report", "evaluate"):
        for name in ("inventory.yaml", ".civicseal/history.db"):
            done = civicseal(command, "-o", f"json={name}", network=False)
            assert done.returncode == 2
            assert "would replace the inventory" in done.stderr
    assert path.read_text(encoding="utf-8") == VENDORS


def test_a_report_that_cannot_be_written_is_told_by_its_own_name(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "folder").mkdir()
    done = civicseal("scan", "-o", "json=folder", network=False)
    assert done.returncode == 2
    assert "The json report folder cannot be written" in done.stderr


def test_an_existing_state_folder_is_made_private(civicseal, tmp_path: Path) -> None:
    write(tmp_path)
    civicseal("scan", "--quiet")
    state = tmp_path / ".civicseal"
    state.chmod(0o755)
    (state / "history.db").chmod(0o644)
    civicseal("scan", "--quiet")
    assert [each.stat().st_mode & 0o777 for each in (state, state / "history.db")] == [0o700, 0o600]


def test_no_text_names_a_command_that_does_not_exist() -> None:
    root = Path(__file__).resolve().parents[3]
    files = [p for folder in ("scanner", "checks", "reports", "demo", "docs") for p in (root / folder).rglob("*")]
    texts = [
        p for p in [*files, root / "README.md", root / "inventory.yaml"] if p.suffix in {".py", ".md", ".yaml", ".j2"}
    ]
    named = {word for path in texts for word in re.findall(r"`civicseal ([a-z]+)", path.read_text(encoding="utf-8"))}
    assert named <= set(_COMMANDS), named - set(_COMMANDS)
