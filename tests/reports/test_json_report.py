"""The JSON report keeps to the outer contract, byte by byte the same."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from reports import json_report
from reports.view import Report, SeenLeaf
from scanner.model.finding import Finding, PackVerdict, SeenEvidence, Severity, Status
from scanner.model.run import Scope


def written(report: Report) -> str:
    stream = io.StringIO()
    json_report.write(report, stream)
    return stream.getvalue()


def parsed(report: Report) -> Any:
    return json.loads(written(report))


def test_it_has_exactly_the_promised_shape(city: Report) -> None:
    told = parsed(city)
    assert list(told) == [
        "format", "version", "municipality", "run", "principles", "assets", "findings", "certificates",
    ]  # fmt: skip
    assert (told["format"], told["version"]) == ("civicseal-report", 1)
    assert told["municipality"] == {"name": "City of Riverton"}
    assert told["run"] == {
        "id": "20261122T164130Z-7f3a",
        "started_at": "2026-11-22T16:41:30Z",
        "finished_at": "2026-11-22T16:44:37Z",
        "tool_version": "0.1.0",
        "inventory_sha256": city.run.inventory_sha256,
        "complete": True,
    }


def test_all_ten_principles_are_listed_with_null_where_nothing_applies(city: Report) -> None:
    principles = {each["id"]: each for each in parsed(city)["principles"]}
    assert list(principles) == [f"P{number}" for number in range(1, 11)]
    assert principles["P1"] == {
        "id": "P1", "title": "Collect no sensitive information that is not necessary", "pass": 0, "fail": 0,
        "unknown": 0, "error": 0, "not_applicable": 0, "waived": 0,
        "score_low": None, "score_high": None, "coverage": None,
    }  # fmt: skip
    assert principles["P5"]["score_low"] == 1 / 5
    assert principles["P5"]["score_high"] == 3 / 5
    assert principles["P5"]["coverage"] == 3 / 5
    assert principles["P6"]["waived"] == 1


def test_a_finding_says_everything(city: Report) -> None:
    found = next(each for each in parsed(city)["findings"] if each["subject"] == "/srv/records")
    assert list(found) == [
        "id", "check", "asset", "subject", "principle", "severity", "status", "cause", "reason", "fix", "evidence",
        "waiver", "packs",
    ]  # fmt: skip
    assert (found["status"], found["severity"], found["cause"], found["waiver"]) == ("fail", "critical", None, None)
    assert found["evidence"][0] == {"fact": "path", "value": "sdb1 → ext4", "observed_at": "2026-11-22T16:41:42Z"}


def test_a_finding_says_how_it_ends_under_each_policy_pack(make_report: Any, finding: Any) -> None:
    packs = (PackVerdict(pack="bod-18-01", clause="II.1.b.i", status=Status.PASS),)
    with_packs, without = parsed(make_report([replace(finding("https-hsts", "www"), packs=packs), finding("x", "y")]))[
        "findings"
    ]
    assert with_packs["packs"] == [{"pack": "bod-18-01", "clause": "II.1.b.i", "status": "pass"}]
    assert without["packs"] == []


def test_a_waived_failure_stays_a_failure(city: Report) -> None:
    found = next(each for each in parsed(city)["findings"] if each["subject"] == "/boot/extra")
    assert found["status"] == "fail"
    assert found["waiver"] == {
        "reason": "The machine is switched off in spring.", "owner": "IT security", "expires": "2027-01-31",
    }  # fmt: skip


def test_an_unknown_names_its_cause_and_no_fix(city: Report) -> None:
    found = next(each for each in parsed(city)["findings"] if each["asset"] == "fs1")
    assert (found["status"], found["cause"], found["fix"]) == ("unknown", "host_key", None)


def test_every_asset_in_scope_is_listed_whether_judged_or_not(city: Report) -> None:
    assets = {each["id"]: each for each in parsed(city)["assets"]}
    assert len(assets) == len(city.inventory.assets)
    assert list(assets) == sorted(assets)
    assert assets["www"] == {
        "id": "www", "kind": "website", "department": "clerk", "datasets": ["muni-id"], "judged": True,
    }  # fmt: skip
    assert not assets["laptops"]["judged"]
    scoped = replace(city, run=replace(city.run, scope=Scope(only=("db*",))))
    assert [each["id"] for each in parsed(scoped)["assets"]] == ["db1"]


def test_the_same_run_gives_the_same_bytes(city: Report) -> None:
    assert written(city) == written(city)
    assert written(city).endswith("}\n")


def test_an_empty_report_is_whole(make_report: Any) -> None:
    told = parsed(make_report([], assets=(), certificates=()))
    assert told["assets"] == told["findings"] == told["certificates"] == []
    assert len(told["principles"]) == 10


def test_an_unfinished_run_has_no_end(city: Report) -> None:
    told = parsed(replace(city, run=replace(city.run, finished_at=None, complete=False)))
    assert told["run"]["finished_at"] is None
    assert told["run"]["complete"] is False


@pytest.mark.parametrize(
    "text", ["\ud800", "\x00\x1b[31m\x7f\x9b", "\u202e</script>", '"\\\n', "=1+1", "é" * 1_000_000]
)
def test_hostile_text_breaks_no_reader_and_drives_no_terminal(text: str, make_report: Any, finding: Any) -> None:
    hostile: Finding = finding("https-hsts", "www", reason=text, fix=text, evidence=[(text, text)])
    raw = written(make_report([hostile]))
    raw.encode("ascii")
    assert raw.replace("\n", "").isprintable()
    [told] = json.loads(raw)["findings"]
    expected = text.replace("\ud800", "\ufffd")
    assert told["reason"] == told["fix"] == told["evidence"][0]["value"] == expected


def test_findings_of_severity_info_are_listed_and_not_counted(make_report: Any, finding: Any) -> None:
    told = parsed(make_report([finding("tls-post-quantum", "www", Status.FAIL, severity=Severity.INFO)]))
    assert len(told["findings"]) == 1
    assert all(each["fail"] == 0 for each in told["principles"])


def test_evidence_keeps_its_own_time(make_report: Any, finding: Any, city: Report) -> None:
    late = SeenEvidence(fact="f", value="v", observed_at=city.run.started_at.replace(microsecond=5))
    told = parsed(make_report([replace(finding("https-hsts", "www"), evidence=(late,))]))
    assert told["findings"][0]["evidence"][0]["observed_at"] == "2026-11-22T16:41:30.000005Z"


def test_certificates_are_listed_with_those_who_renew_them(city: Report) -> None:
    expired, _, wildcard = parsed(city)["certificates"]
    assert wildcard == {
        "fingerprint": "print of *.riverton.example",
        "subject": "CN=*.riverton.example",
        "issuer": "CN=Issuing,O=DigiCert Inc",
        "not_before": "2026-01-01T17:41:31Z",
        "not_after": "2027-01-01T17:41:30Z",
        "days_left": 40,
        "lifetime_days": 365,
        "public": True,
        "probably_automatic": False,
        "assets": ["parks", "permits", "www"],
        "departments": ["clerk"],
    }
    assert (expired["subject"], expired["days_left"]) == ("CN=library", -3)


def test_whether_a_machine_renews_what_a_private_authority_issued_is_null(city: Report, certificate: Any) -> None:
    seen = [SeenLeaf(asset="www", certificate=certificate("www", 90, 80), public=False)]
    assert parsed(replace(city, certificates=seen))["certificates"][0]["probably_automatic"] is None
