"""Facts and findings to JSON and back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row

from scanner.model.facts.base import Facts, kinds_of_facts
from scanner.model.finding import Finding, PackVerdict, SeenEvidence, Severity, Status, ValidWaiver
from scanner.model.observation import Observation, Outcome
from scanner.model.unobserved import Cause, Unobserved


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _kinds() -> Mapping[str, type[Facts]]:
    return kinds_of_facts()


_EVIDENCE = tuple[SeenEvidence, ...]
_PACKS = tuple[PackVerdict, ...]


def observation_row(run: int, observation: Observation) -> dict[str, Any]:
    """A row of `observations`."""
    outcome = observation.outcome
    return {
        "run": run,
        "asset": observation.asset,
        "kind": observation.kind,
        "probe": observation.probe,
        "observed_at": observation.observed_at,
        "revision": None if isinstance(outcome, Unobserved) else type(outcome).revision,
        "outcome": _adapter(cast(Hashable, type(outcome))).dump_python(outcome, mode="json"),
        "digest": observation.digest,
    }


def observation(row: Row[Any]) -> Observation:
    """The observation of a row."""
    return Observation(
        asset=row.asset,
        kind=row.kind,
        probe=row.probe,
        observed_at=row.observed_at,
        outcome=_outcome(row.kind, row.revision, row.outcome),
        digest=row.digest,
    )


def _outcome(kind: str, revision: int | None, body: Any) -> Outcome:
    """Stored facts as today's type; facts of a kind or revision that we no longer read are a gap, never a guess."""
    if revision is None:
        gap: Unobserved = _adapter(Unobserved).validate_python(body)
        return gap
    cls = _kinds().get(kind)
    try:
        if cls is None or cls.revision != revision:
            raise LookupError(kind)
        facts: Facts = _adapter(cast(Hashable, cls)).validate_python(body)
    except (LookupError, ValidationError):
        return Unobserved(
            cause=Cause.UNSUPPORTED,
            detail=f"The stored {kind} were written by another version of civicseal; scan again with this one.",
        )
    return facts


def finding_row(judgement: int, finding: Finding) -> dict[str, Any]:
    """A row of `findings`."""
    waiver = finding.waiver
    return {
        "judgement": judgement,
        "fingerprint": finding.id,
        "check": finding.check,
        "asset": finding.asset,
        "subject": finding.subject,
        "principle": finding.principle,
        "severity": finding.severity.value,
        "status": finding.status.value,
        "revision": finding.revision,
        "cause": finding.cause.value if finding.cause else None,
        "reason": finding.reason,
        "fix": finding.fix,
        "evidence": _adapter(_EVIDENCE).dump_python(finding.evidence, mode="json"),
        "waiver": None if waiver is None else _adapter(ValidWaiver).dump_python(waiver, mode="json"),
        "packs": _adapter(_PACKS).dump_python(finding.packs, mode="json") if finding.packs else None,
    }


def finding(row: Row[Any]) -> Finding:
    """The finding of a row."""
    return Finding(
        check=row.check,
        asset=row.asset,
        subject=row.subject,
        principle=row.principle,
        severity=Severity(row.severity),
        status=Status(row.status),
        reason=row.reason,
        revision=row.revision,
        cause=Cause(row.cause) if row.cause else None,
        fix=row.fix,
        evidence=_adapter(_EVIDENCE).validate_python(row.evidence),
        waiver=None if row.waiver is None else _adapter(ValidWaiver).validate_python(row.waiver),
        packs=() if row.packs is None else _adapter(_PACKS).validate_python(row.packs),
    )
