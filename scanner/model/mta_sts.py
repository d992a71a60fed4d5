"""MTA-STS (RFC 8461, September 2018): the TXT record and the policy file. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scanner.model.dns_names import a_labels, matches_dns
from scanner.model.facts.mail import StsBroken, StsMode, StsPolicy
from scanner.model.foreign import harmless

# Section 3.1. Fields that the RFC does not name are ignored.
_VERSION = re.compile(r"v=STSv1(?=[ \t]*(?:;|$))")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")

# Section 3.2: a domain, or a wildcard for its first label.
_PATTERN = re.compile(r"(?:\*\.)?[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_LINE_END = re.compile(r"\r?\n")

LONGEST_AGE = 31_557_600
"""The largest `max_age` that a policy may have, in seconds: about a year."""

_MOST_PATTERNS = 200


def is_record(text: str) -> bool:
    """Whether a TXT record at `_mta-sts` is meant as one of MTA-STS; others are ignored (section 3.1)."""
    return _VERSION.match(text) is not None


def record_fault(text: str) -> str | None:
    """What is wrong with a record, one clause; None for a valid one."""
    fields = [field.strip(" \t") for field in text.split(";")[1:]]
    ids = [field.partition("=")[2] for field in fields if field.partition("=")[0] == "id"]
    if not ids:
        return "it has no id"
    return None if _ID.fullmatch(ids[0]) else "its id is not 1 to 32 letters and digits"


def policy_from(text: str) -> StsPolicy | StsBroken:
    """A policy file (section 3.2). Of a key that stands twice the first counts, of `mx` all."""
    pairs = [line.partition(":") for line in _LINE_END.split(text) if line.strip()]
    faulty = [line for line, colon, _ in pairs if not colon]
    if faulty:
        return StsBroken(why=f'it has a line that is no key and value, "{harmless(faulty[0], 80)}"')
    found: dict[str, str] = {}
    for key, _, value in pairs:
        found.setdefault(key.strip(), value.strip())
    patterns = tuple(value.strip() for key, _, value in pairs if key.strip() == "mx")
    why = _fault(found, patterns)
    if why is not None:
        return StsBroken(why=why)
    mx = tuple(a_labels(pattern) for pattern in patterns)
    return StsPolicy(mode=StsMode(found["mode"]), mx=mx, max_age=int(found["max_age"]))


def _fault(found: Mapping[str, str], patterns: tuple[str, ...]) -> str | None:
    if found.get("version") != "STSv1":
        return "it lacks `version: STSv1`"
    if found.get("mode") not in {mode.value for mode in StsMode}:
        return "it has no mode of enforce, testing or none"
    if not re.fullmatch(r"[0-9]{1,10}", found.get("max_age", "")) or int(found["max_age"]) > LONGEST_AGE:
        return f"its max_age is no number of seconds up to {LONGEST_AGE}"
    if not patterns and found["mode"] != StsMode.NONE:
        return "it names no mx"
    if len(patterns) > _MOST_PATTERNS:
        return f"it names more than {_MOST_PATTERNS} mx patterns"
    odd = [pattern for pattern in patterns if not _PATTERN.fullmatch(pattern)]
    return f'its mx "{harmless(odd[0], 80)}" is no host name' if odd else None


def not_covered(hosts: Iterable[str], policy: StsPolicy) -> tuple[str, ...]:
    """The mail hosts that no pattern of a policy matches (section 4.1)."""
    return tuple(host for host in hosts if not any(matches_dns(host, pattern) for pattern in policy.mx))
