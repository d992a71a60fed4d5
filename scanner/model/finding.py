"""Verdicts, findings, and the counts that a score is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scanner.model.facts.base import Facts
from scanner.model.unobserved import Cause, Unobserved


class Status(StrEnum):
    """How a question ended. `unknown`: we could not see. `error`: our own bug. Neither is ever a pass."""

    PASS = "pass"  # noqa: S105 (a verdict, no password)
    FAIL = "fail"
    UNKNOWN = "unknown"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


WORST_FIRST = (Status.ERROR, Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
"""Which outcome stands where one subject has several."""


class Severity(StrEnum):
    """How much a failure matters, from most to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for critical, 4 for info: lower is worse."""
        return list(Severity).index(self)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing that was seen: what, its value, and which facts it comes from (default: the check's first)."""

    fact: str
    value: str
    source: type[Facts] | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check may say about one subject; made by `passed`, `failed`, `not_applicable` and `undecided`."""

    subject: str | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Passed(Verdict):
    """The wanted state was seen."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Failed(Verdict):
    """The wanted state is not there; `fix` says what to do."""

    reason: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class NotApplicable(Verdict):
    """The question does not arise, and why."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Undecided(Verdict):
    """The verdict hangs on something that was not seen."""

    unobserved: Unobserved


def passed(reason: str, *, subject: str | None = None, evidence: Iterable[Evidence] = ()) -> Passed:
    """The wanted state was seen."""
    return Passed(subject=subject, evidence=tuple(evidence), reason=reason)


def failed(reason: str, *, fix: str, subject: str | None = None, evidence: Iterable[Evidence] = ()) -> Failed:
    """The wanted state is not there; `fix` is one sentence that tells the technician what to do."""
    return Failed(subject=subject, evidence=tuple(evidence), reason=reason, fix=fix)


def not_applicable(reason: str, *, subject: str | None = None, evidence: Iterable[Evidence] = ()) -> NotApplicable:
    """The question does not arise for this subject."""
    return NotApplicable(subject=subject, evidence=tuple(evidence), reason=reason)


def undecided(unobserved: Unobserved, *, evidence: Iterable[Evidence] = ()) -> Undecided:
    """Hands on a gap that the check was given. A check never makes one up."""
    return Undecided(subject=unobserved.subject, evidence=tuple(evidence), unobserved=unobserved)


def status_of(verdict: Verdict) -> Status:
    """How a verdict ends; a gap that our own bug made is an error.

    Raises:
        TypeError: it is none of the four that a check may say.
    """
    match verdict:
        case Passed():
            return Status.PASS
        case Failed():
            return Status.FAIL
        case NotApplicable():
            return Status.NOT_APPLICABLE
        case Undecided(unobserved=gap):
            return Status.ERROR if gap.cause is Cause.PROBE_CRASHED else Status.UNKNOWN
    raise TypeError(f"no verdict: {verdict!r}")


def fingerprint(check: str, asset: str, subject: str | None) -> str:
    """The identity of a finding over all runs: made of check, asset and subject alone, 32 hex digits."""
    parts = [check, asset] if subject is None else [check, asset, subject]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class SeenEvidence:
    """Evidence with the time of the observation that it comes from."""

    fact: str
    value: str
    observed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ValidWaiver:
    """The waiver that covers a finding on the day of the run."""

    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, kw_only=True)
class PackVerdict:
    """How the same question ends under a policy pack: ids of the pack and of its clause, and the outcome."""

    pack: str
    clause: str
    status: Status


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One judged question: check, asset, subject, and how it ended.

    `cause` is set for unknown and error only; `fix` is one sentence or None. `packs` holds one verdict for each policy
    pack that has a clause for the check; they decide nothing about `status`.
    """

    check: str
    asset: str
    subject: str | None
    principle: str
    severity: Severity
    status: Status
    reason: str
    revision: int = 1
    cause: Cause | None = None
    fix: str | None = None
    evidence: tuple[SeenEvidence, ...] = ()
    waiver: ValidWaiver | None = None
    packs: tuple[PackVerdict, ...] = ()

    @property
    def id(self) -> str:
        """The stable fingerprint."""
        return fingerprint(self.check, self.asset, self.subject)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Counts of findings without severity info, and the score that they make.

    The score is an interval: what we could not see counts against it at the low end and for it at the high end.
    """

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    error: int = 0
    not_applicable: int = 0
    waived: int = 0

    @property
    def asked(self) -> int:
        """Questions that count: everything but what does not apply."""
        return self.passed + self.failed + self.unknown + self.error

    @property
    def score_low(self) -> float | None:
        """Fraction that surely passes; None where nothing applies."""
        return self.passed / self.asked if self.asked else None

    @property
    def score_high(self) -> float | None:
        """Fraction that would pass if all that we could not see were well; None where nothing applies."""
        return (self.passed + self.unknown + self.error) / self.asked if self.asked else None

    @property
    def coverage(self) -> float | None:
        """Fraction of the questions that could be answered; None where nothing applies."""
        return (self.passed + self.failed) / self.asked if self.asked else None


_FIELDS = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.UNKNOWN: "unknown",
    Status.ERROR: "error",
    Status.NOT_APPLICABLE: "not_applicable",
}


def tally(findings: Iterable[Finding]) -> Tally:
    """Counts findings; those of severity info are left out, `waived` are failures under a valid waiver."""
    counts = dict.fromkeys([*_FIELDS.values(), "waived"], 0)
    for finding in findings:
        if finding.severity is Severity.INFO:
            continue
        counts[_FIELDS[finding.status]] += 1
        counts["waived"] += finding.status is Status.FAIL and finding.waiver is not None
    return Tally(**counts)
