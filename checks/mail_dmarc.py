"""Mail that only pretends to come from the domain is to be turned away.

What it checks
--------------
Which DMARC policy holds for the domain: its own record, else that of its organization or of the public suffix above,
found by a walk up the DNS tree. It must be quarantine or reject (`policy.dmarc_policies`), and not in testing (`t=y`).

Why it matters
--------------
Without it anybody can write to residents in the city's name: a fine to be paid, a form with a password to be filled in.

How to fix
----------
Publish `_dmarc.DOMAIN TXT "v=DMARC1; p=none; rua=mailto:dmarc@DOMAIN"`, read the reports until every sender of yours is
covered by SPF or DKIM, then raise it to `p=quarantine` and to `p=reject`. A domain that sends no mail can have
`p=reject` at once.

What it cannot see
------------------
Whether the city's own mail passes SPF or DKIM; the reports (`rua`) show it. What receivers make of the policy.

References
----------
- RFC 9989 (2026-05), DMARC, sections 4.7, 4.8 and 4.10; RFC 9990, verifying external destinations
- BOD 18-01 (2017-10-16): a policy of reject on every second-level domain
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import MailDomain
from scanner.model.check import check
from scanner.model.dmarc import Effective, effective
from scanner.model.facts.mail import DmarcFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved


@check(id="mail-dmarc", title="Forged mail in the city's name is turned away", principle=P6, severity=Severity.MEDIUM)
def mail_dmarc(domain: MailDomain, dmarc: DmarcFacts, policy: Policy) -> Verdict:
    """Judges the policy that holds."""
    evidence = tuple(_evidence(dmarc))
    gap = next((answer.records for answer in dmarc.walk if isinstance(answer.records, Unobserved)), None)
    if gap is not None:
        return undecided(gap, evidence=evidence)
    found = effective(dmarc.domain, dmarc.walk, exists=dmarc.exists is not False)
    if found is None:
        return failed(_nothing(dmarc), fix=_fix(dmarc, policy), evidence=evidence)
    if isinstance(dmarc.exists, Unobserved) and found != effective(dmarc.domain, dmarc.walk, exists=False):
        return undecided(dmarc.exists, evidence=evidence)
    return _of(found, dmarc, policy, (*evidence, *_tags(found)))


def _of(found: Effective, dmarc: DmarcFacts, policy: Policy, evidence: tuple[Evidence, ...]) -> Verdict:
    where, fix = f"the DMARC record at _dmarc.{found.record.domain}", _fix(dmarc, policy)
    if found.policy is None:
        return failed(f"Receivers ignore {where}, as it holds no valid policy.", fix=fix, evidence=evidence)
    if found.policy not in policy.dmarc_policies:
        told = f"{found.tag}={found.policy}" if found.tag else "no valid policy, which counts as p=none"
        reason = f"Forged mail from {dmarc.domain} is not acted on: {where} says {told}."
        return failed(reason, fix=fix, evidence=evidence)
    if found.record.testing:
        reason = f"Forged mail from {dmarc.domain} is not acted on: {where} is in testing (t=y)."
        return failed(reason, fix=f"Remove t=y from {where}.", evidence=evidence)
    reason = f"Receivers are to {found.policy} forged mail from {dmarc.domain} ({found.tag} at {found.record.domain})."
    return passed(reason, evidence=evidence)


def _fix(dmarc: DmarcFacts, policy: Policy) -> str:
    wanted = " or ".join(f"p={each}" for each in policy.dmarc_policies) or "a policy that the city allows"
    return f"Publish one TXT record at _dmarc.{dmarc.domain} that begins with v=DMARC1 and has {wanted}."


def _nothing(dmarc: DmarcFacts) -> str:
    for answer in dmarc.walk:
        if not isinstance(answer.records, Unobserved) and len(answer.records) > 1:
            return f"There are {len(answer.records)} DMARC records at _dmarc.{answer.domain}, so receivers ignore them."
    return f"There is no DMARC record for {dmarc.domain}, at it or above it."


def _evidence(dmarc: DmarcFacts) -> Iterator[Evidence]:
    for answer in dmarc.walk:
        told = answer.records.detail if isinstance(answer.records, Unobserved) else " | ".join(answer.records)
        yield Evidence(fact=f"_dmarc.{answer.domain}", value=told or "no record")
    for each in dmarc.destinations:
        told = each.accepts.detail if isinstance(each.accepts, Unobserved) else _agreed(each.accepts)
        yield Evidence(fact=f"reports to {each.domain}", value=told)


def _agreed(accepts: bool) -> str:
    return "that domain agreed to take them" if accepts else "that domain did not agree, so nobody sends them"


def _tags(found: Effective) -> Iterator[Evidence]:
    for tag, value in (("sp", found.record.sp), ("np", found.record.np)):
        if value is not None:
            yield Evidence(fact=f"policy {tag} of {found.record.domain}", value=value)
    reports = ", ".join(found.record.destinations) or "nobody"
    yield Evidence(fact="reports go to", value=reports)
