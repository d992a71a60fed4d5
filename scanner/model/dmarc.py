"""DMARC (RFC 9989, May 2026): reading records, and which one counts for a domain. Pure.

The domain above which nobody is in charge is found by a walk up the DNS tree (section 4.10) and no list of suffixes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scanner.model.facts.mail import DmarcAnswer
from scanner.model.unobserved import Unobserved

# Section 4.8: the name of a tag in any case, the version in this one.
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_TAG = re.compile(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*([\x20-\x3a\x3c-\x7e]*?)[ \t]*")
_MAILTO = re.compile(r"mailto:[^@,!\s]+@([A-Za-z0-9._-]+)(?:![0-9]+[kmgt]?)?", re.IGNORECASE)

POLICIES = ("none", "quarantine", "reject")

MOST_QUERIES = 8
"""The most questions of one walk (section 4.10)."""


def is_record(text: str) -> bool:
    """Whether a TXT record is one of DMARC: the version must stand first, and be exactly `DMARC1`."""
    return _VERSION.match(text) is not None


@dataclass(frozen=True, kw_only=True)
class DmarcRecord:
    """A record that stands alone at its domain; what it does not say validly is None.

    Attributes:
        domain: where it stands, without `_dmarc.`.
        p, sp, np: policies for the domain, for its subdomains, and for those that do not exist.
        is_valid: whether `p` is there and valid, and `sp` and `np` are where they are there (section 4.10.1).
        psd: `y` for a public suffix, `n` for the head of an organization.
        testing: whether senders are asked not to act yet (`t=y`).
        destinations: the domains that aggregate and failure reports go to by mail.
    """

    domain: str
    text: str
    p: str | None
    sp: str | None
    np: str | None
    is_valid: bool
    psd: str | None
    testing: bool
    destinations: tuple[str, ...]
    asks_for_reports: bool


def read(domain: str, text: str) -> DmarcRecord:
    """The tags of a record. Unknown ones are ignored; one that is given twice is given by nobody."""
    tags = _tags(text)
    policies = {name: tags[name].lower() if name in tags else None for name in ("p", "sp", "np")}
    p, sp, np = (policy if policy in POLICIES else None for policy in policies.values())
    wrong = [name for name, policy in policies.items() if policy is not None and policy not in POLICIES]
    aggregate = _destinations(tags.get("rua", ""))
    return DmarcRecord(
        domain=domain,
        text=text,
        p=p,
        sp=sp,
        np=np,
        is_valid=p is not None and not wrong,
        psd=tags.get("psd", "").lower() or None,
        testing=tags.get("t", "").lower() == "y",
        destinations=tuple(dict.fromkeys((*aggregate, *_destinations(tags.get("ruf", ""))))),
        asks_for_reports=bool(aggregate),
    )


def _tags(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for part in text.split(";")[1:]:
        match = _TAG.fullmatch(part)
        if match is None:
            continue
        name = match[1].lower()
        if name in found:
            twice.add(name)
        found[name] = match[2]
    return {name: value for name, value in found.items() if name not in twice}


def _destinations(uris: str) -> tuple[str, ...]:
    matches = (_MAILTO.fullmatch(uri.strip()) for uri in uris.split(","))
    return tuple(match[1].lower().removesuffix(".") for match in matches if match is not None)


def record_of(answer: DmarcAnswer) -> DmarcRecord | None:
    """The record at one domain; of several none counts (section 4.10, step 2)."""
    if isinstance(answer.records, Unobserved) or len(answer.records) != 1:
        return None
    return read(answer.domain, answer.records[0])


def next_domain(start: str, answer: DmarcAnswer) -> str | None:
    """Where the walk from `start` goes after an answer; None where it ends (section 4.10, steps 2 to 8).

    It ends at once where the domain itself has a record: its own `p` is then the policy.
    """
    record = record_of(answer)
    if record is not None and (answer.domain == start or record.psd in {"y", "n"}):
        return None
    labels = answer.domain.split(".")
    if answer.domain == start and len(labels) >= MOST_QUERIES:
        return ".".join(labels[-(MOST_QUERIES - 1) :])
    return ".".join(labels[1:]) or None


@dataclass(frozen=True, kw_only=True)
class Effective:
    """The policy that holds for a domain.

    Attributes:
        policy: none, quarantine or reject; None where DMARC does not apply at all, as the record is not valid.
        tag: what of the record it comes from: p, sp or np; empty where a broken record counts as none.
    """

    record: DmarcRecord
    policy: str | None
    tag: str


def effective(domain: str, walk: Sequence[DmarcAnswer], *, exists: bool) -> Effective | None:
    """The policy that a walk found (section 4.10.1); None where there is no record for the domain."""
    records = [record for answer in walk if (record := record_of(answer)) is not None]
    record = _chosen(domain, records)
    if record is None:
        return None
    if not record.is_valid:
        return Effective(record=record, policy="none" if record.asks_for_reports else None, tag="")
    if record.domain == domain:
        return Effective(record=record, policy=record.p, tag="p")
    below = {"np": record.np, "sp": record.sp, "p": record.p} if not exists else {"sp": record.sp, "p": record.p}
    tag, policy = next((tag, policy) for tag, policy in below.items() if policy is not None)
    return Effective(record=record, policy=policy, tag=tag)


def _chosen(domain: str, records: Sequence[DmarcRecord]) -> DmarcRecord | None:
    """The domain's own record, else that of its organization, else that of the public suffix above it.

    The organization is found from the longest name to the shortest (section 4.10.2): `psd=n` is its head, `psd=y`
    stands right above it, and otherwise it is the shortest name with a record.
    """
    own = next((record for record in records if record.domain == domain), None)
    if own is not None:
        return own
    for record in records:
        if record.psd == "n":
            return record
        if record.psd == "y":
            below = [each for each in records if each.domain.count(".") == record.domain.count(".") + 1]
            return below[0] if below else record
    return records[-1] if records else None
