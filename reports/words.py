"""Plain words for a tired reader: what statuses, causes and numbers are called in a report."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime

from scanner.model.finding import Severity, Status, Tally
from scanner.model.unobserved import Cause

NBSP = "\u00a0"

NO_CHECK_YET = "Partly judged by machine; this version has no check of it yet."
"""Of a principle that civicseal judges in part, in a version without any check of it."""


@dataclass(frozen=True, kw_only=True)
class Sign:
    """How a status looks: a mark and a word, so that colour never carries the meaning alone."""

    mark: str
    word: str
    plural: str


STATUS_SIGNS: dict[Status, Sign] = {
    Status.FAIL: Sign(mark="✕", word="Fail", plural="failed"),
    Status.ERROR: Sign(mark="!", word="Error", plural="ended in an error of civicseal"),
    Status.UNKNOWN: Sign(mark="?", word="Unknown", plural="unknown"),
    Status.PASS: Sign(mark="✓", word="Pass", plural="passed"),
    Status.NOT_APPLICABLE: Sign(mark="–", word="Does not apply", plural="do not apply"),
}

SEVERITY_WORDS: dict[Severity, str] = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.INFO: "For information",
}

KIND_WORDS: dict[str, str] = {
    "website": "Website",
    "service": "TLS service",
    "mail_domain": "Mail domain",
    "messaging": "Messaging product",
    "host": "Computer",
    "devices": "Laptops and phones",
    "backup": "Backup",
    "vendor": "Vendor",
    "bucket": "Storage bucket",
    "cloud_account": "Cloud account",
}


@dataclass(frozen=True, kw_only=True)
class CauseWords:
    """A cause of not knowing: its name, what happened, and what a person can do about it."""

    title: str
    meaning: str
    remedy: str


_FIREWALL = "make sure that a firewall lets the scanning machine through"

CAUSE_WORDS: dict[Cause, CauseWords] = {
    Cause.UNREACHABLE: CauseWords(
        title="Nothing there would talk to us",
        meaning="The connection was refused or cut, or no network path led there.",
        remedy=f"Check that the asset is running and its address in the inventory is right, and {_FIREWALL}.",
    ),
    Cause.TIMEOUT: CauseWords(
        title="No answer in time",
        meaning="The other side stayed silent until the time allowed for it was over.",
        remedy=f"Check that the asset is running, {_FIREWALL}, or raise `timeout` in the inventory's settings.",
    ),
    Cause.DNS: CauseWords(
        title="The name could not be looked up",
        meaning="DNS gave no address for the name, or did not answer.",
        remedy="Check the spelling in the inventory and the DNS entry, or set `address` or `resolver`.",
    ),
    Cause.DENIED: CauseWords(
        title="We were known but not permitted",
        meaning="The login worked, but this account may not read what was asked.",
        remedy="Grant the account the read-only permission that the detail names, then scan again.",
    ),
    Cause.CREDENTIALS: CauseWords(
        title="The login was missing or not accepted",
        meaning="No credential was found where the inventory points, or the other side refused it.",
        remedy="Check the account, the key or password that the inventory refers to, and that it has not expired.",
    ),
    Cause.HOST_KEY: CauseWords(
        title="The other side's identity is not verified",
        meaning="The host key is unknown or has changed, so nothing was sent, not even a user name.",
        remedy="Compare the fingerprint with the machine's own, then put the key into known_hosts; if it changed and "
        "nobody knows why, treat it as an incident.",
    ),
    Cause.RATE_LIMITED: CauseWords(
        title="We were told to slow down",
        meaning="The service limits how many questions it answers.",
        remedy="Scan again at a quiet hour, or with a smaller `--concurrency`.",
    ),
    Cause.BLOCKED: CauseWords(
        title="A wall answered instead",
        meaning="A filter or bot protection stands before the asset and answered in its place.",
        remedy="Let the scanning machine's address through the protection, then scan again.",
    ),
    Cause.MALFORMED: CauseWords(
        title="The answer made no sense",
        meaning="Something answered, but not in the protocol that belongs there.",
        remedy="Check that address and port in the inventory belong to this kind of asset.",
    ),
    Cause.UNSUPPORTED: CauseWords(
        title="civicseal cannot ask this yet",
        meaning="The asset has a form that this version or this machine has no way to question.",
        remedy="Follow the detail; where this version has no way to ask, judge it by hand until one has.",
    ),
    Cause.STALE: CauseWords(
        title="What we have is too old",
        meaning="An export, attestation or reference entry is older than the age allowed for it.",
        remedy="Make a new export or renew the attestation, then scan again.",
    ),
    Cause.NOT_DECLARED: CauseWords(
        title="Not declared, not allowed, or not known to civicseal",
        meaning="The inventory lacks or forbids what it takes to answer, or civicseal's own reference data lacks it.",
        remedy="Where the inventory lacks it, add what the detail names; where the authorization forbids it, renew "
        "that; where civicseal's reference data lacks it, find it out as the detail says, and waive this until then.",
    ),
    Cause.INTERRUPTED: CauseWords(
        title="The scan ended before this was asked",
        meaning="The scan was stopped, or the time for this asset was used up.",
        remedy="Run `civicseal scan --resume`, or raise `asset_budget` in the inventory's settings.",
    ),
    Cause.PROBE_CRASHED: CauseWords(
        title="civicseal itself failed here",
        meaning="This is a bug in civicseal, not in the asset. It is never counted as a pass.",
        remedy="Please report it with the detail below.",
    ),
}

# strftime would follow the machine's language.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def percent(fraction: float) -> str:
    """A fraction in whole percent. 0 and 100 are said only where they are exact."""
    if fraction in (0, 1):
        return f"{fraction * 100:.0f}{NBSP}%"
    return f"{min(99, max(1, math.floor(fraction * 100 + 0.5)))}{NBSP}%"


def number(count: int) -> str:
    """A count with thousands separated."""
    return f"{count:,}"


def score_short(tally: Tally) -> str:
    """The score as a range, e.g. `62–85 %`; a dash where nothing was asked."""
    low, high = tally.score_low, tally.score_high
    if low is None or high is None:
        return "–"
    first, last = percent(low), percent(high)
    return first if first == last else f"{first.removesuffix(NBSP + '%')}–{last}"


def score_words(tally: Tally) -> str:
    """The score and its coverage as a clause without a full stop."""
    low, high, coverage = tally.score_low, tally.score_high, tally.coverage
    if low is None or high is None or coverage is None:
        return "no question applied, so there is no score"
    if coverage == 1:
        return f"{percent(low)}, and every question could be answered"
    answered = "none" if coverage == 0 else percent(coverage)
    return f"between {percent(low)} and {percent(high)}, {answered} of the questions could be answered"


def day(value: date) -> str:
    """A day as `November 22, 2026`."""
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def month(value: date) -> str:
    """A month as `November 2026`."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def day_and_time(moment: datetime) -> str:
    """A moment in UTC as `November 22, 2026, 16:41 UTC`."""
    utc = _utc(moment)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def moment(value: datetime) -> str:
    """A moment in UTC to the second, as `2026-11-22 16:41:30 UTC`."""
    return f"{_utc(value).replace(tzinfo=None, microsecond=0).isoformat(sep=' ')} UTC"


def timestamp(value: datetime) -> str:
    """A moment in UTC for machines, `2026-11-22T16:41:30Z`, with a fraction where it has one."""
    return _utc(value).replace(tzinfo=None).isoformat() + "Z"


def _utc(value: datetime) -> datetime:
    """The moment in UTC; without a zone it is UTC already."""
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
