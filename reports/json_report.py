"""The JSON report: every judged question of one run, in a form that other tools read and that can be signed.

Written as a stream, one asset or finding a line, in a fixed order, in ASCII (hence valid UTF-8): the same run gives the
same bytes on every machine, and nothing in it can drive a terminal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TextIO

from reports.renewals import Renewal, Renewer, calendar
from reports.view import PrincipleScore, Report, scores_by_principle
from reports.words import timestamp
from scanner.model.asset import Asset
from scanner.model.finding import Finding, PackVerdict, SeenEvidence, ValidWaiver

FORMAT = "civicseal-report"
VERSION = 1

# Half of a character: strict JSON readers refuse the whole file for one of them.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def write(report: Report, stream: TextIO) -> None:
    """Writes the report (outer contract, section 3), ended by a newline. Two passes over the findings."""
    head = {"format": FORMAT, "version": VERSION, "municipality": {"name": report.inventory.municipality.name}}
    stream.write("{\n")
    for key, value in head.items():
        stream.write(f"{_text(key)}: {_text(value)},\n")
    stream.write(f'"run": {_text(_run(report))},\n')
    _write_list(stream, "principles", map(_principle, scores_by_principle(report)))
    stream.write(",\n")
    _write_list(stream, "assets", (_asset(report, asset) for asset in report.assets()))
    stream.write(",\n")
    _write_list(stream, "findings", map(_finding, report.findings))
    stream.write(",\n")
    dates = calendar(report)
    _write_list(stream, "certificates", (_certificate(renewal, dates.now) for renewal in dates.renewals))
    stream.write("\n}\n")


def _write_list(stream: TextIO, key: str, items: Iterable[dict[str, Any]]) -> None:
    stream.write(f"{_text(key)}: [")
    separator = "\n"
    for item in items:
        stream.write(separator + _text(item))
        separator = ",\n"
    stream.write("\n]")


def _text(value: Any) -> str:
    """One value as ASCII JSON on one line. DEL, the one control character that JSON lets through, is escaped too."""
    return json.dumps(_sound(value), allow_nan=False).replace("\x7f", "\\u007f")


def _sound(value: Any) -> Any:
    """The value with every lone surrogate replaced by U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() else _LONE_SURROGATE.sub("�", value)
    if isinstance(value, dict):
        return {key: _sound(item) for key, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list) else value


def _run(report: Report) -> dict[str, Any]:
    run = report.run
    return {
        "id": run.id,
        "started_at": timestamp(run.started_at),
        "finished_at": timestamp(run.finished_at) if run.finished_at else None,
        "tool_version": run.tool_version,
        "inventory_sha256": run.inventory_sha256,
        "complete": run.complete,
    }


def _principle(score: PrincipleScore) -> dict[str, Any]:
    tally = score.tally
    return {
        "id": score.principle.id,
        "title": score.principle.title,
        "pass": tally.passed,
        "fail": tally.failed,
        "unknown": tally.unknown,
        "error": tally.error,
        "not_applicable": tally.not_applicable,
        "waived": tally.waived,
        "score_low": tally.score_low,
        "score_high": tally.score_high,
        "coverage": tally.coverage,
    }


def _asset(report: Report, asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "kind": asset.kind,
        "department": asset.department,
        "datasets": list(asset.datasets),
        "judged": report.is_judged(asset),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "check": finding.check,
        "asset": finding.asset,
        "subject": finding.subject,
        "principle": finding.principle,
        "severity": str(finding.severity),
        "status": str(finding.status),
        "cause": str(finding.cause) if finding.cause else None,
        "reason": finding.reason,
        "fix": finding.fix,
        "evidence": [_evidence(item) for item in finding.evidence],
        "waiver": _waiver(finding.waiver) if finding.waiver else None,
        "packs": [_pack(verdict) for verdict in finding.packs],
    }


def _certificate(renewal: Renewal, now: datetime) -> dict[str, Any]:
    return {
        "fingerprint": renewal.fingerprint,
        "subject": renewal.subject,
        "issuer": renewal.issuer,
        "not_before": timestamp(renewal.not_before),
        "not_after": timestamp(renewal.not_after),
        "days_left": renewal.days_left(now),
        "lifetime_days": renewal.lifetime,
        "public": renewal.public,
        "probably_automatic": _automatic(renewal.renewer(now)),
        "assets": renewal.assets,
        "departments": [department for department in renewal.departments if department is not None],
    }


def _automatic(renewer: Renewer) -> bool | None:
    """None where it cannot be told."""
    return None if renewer is Renewer.UNTOLD else renewer is Renewer.MACHINE


def _evidence(item: SeenEvidence) -> dict[str, str]:
    return {"fact": item.fact, "value": item.value, "observed_at": timestamp(item.observed_at)}


def _pack(verdict: PackVerdict) -> dict[str, str]:
    return {"pack": verdict.pack, "clause": verdict.clause, "status": str(verdict.status)}


def _waiver(waiver: ValidWaiver) -> dict[str, str]:
    return {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires.isoformat()}
