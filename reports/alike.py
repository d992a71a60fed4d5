"""Findings that say the same apart from the address at which it was seen, told as one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address

from scanner.model.finding import Finding

# Candidates only: what looks like an address, with or without a port. `ip_address` decides.
_LIKE_AN_ADDRESS = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?|(?<![\w.:])[0-9A-Fa-f:.]{2,51}(?!\w)")
_ITS_ADDRESS = "its address"


@dataclass
class Alike:
    """Findings with the same reason, and about parts of the same name, in their order; `reason` is theirs."""

    reason: str
    subject: str | None
    findings: list[Finding] = field(default_factory=list)


def alike(findings: Iterable[Finding]) -> list[Alike]:
    """Gathers findings of one check and one fix; a reason that stands for several addresses names none of them."""
    groups: dict[tuple[str, str | None], Alike] = {}
    for finding in findings:
        key = (without_addresses(finding.reason), finding.subject)
        groups.setdefault(key, Alike(reason=key[0], subject=key[1])).findings.append(finding)
    for group in groups.values():
        if len({finding.reason for finding in group.findings}) == 1:
            group.reason = group.findings[0].reason
    return list(groups.values())


def without_addresses(text: str) -> str:
    """The text with `its address` for every IP address, whether or not a port follows it."""
    return _LIKE_AN_ADDRESS.sub(_replaced, text)


def _replaced(match: re.Match[str]) -> str:
    written = match.group()
    told = written.rstrip(".:")  # what ends a sentence or a clause
    return _ITS_ADDRESS + written[len(told) :] if any(map(_is_address, _readings(told))) else written


def _readings(text: str) -> tuple[str, str]:
    """What may be the address: all of it, or what stands before a port."""
    if text.startswith("["):
        inside = text[1:].partition("]")[0]
        return inside, inside
    return text, text.rpartition(":")[0] if text.count(":") == 1 else text


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
