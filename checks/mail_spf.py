"""The domain says which servers send its mail, and that no others do.

What it checks
--------------
Whether there is exactly one SPF record, and whether it holds when it is evaluated as a receiver does: no error, no more
look-ups than receivers make (`policy.spf_max_lookups`), and in the end, after any redirect, `-all` or `~all` for a
sender whom nobody has heard of, over IPv4 or IPv6. A domain that sends no mail needs one too: `v=spf1 -all`.

Why it matters
--------------
Receivers ignore a record with an error, and then anybody can send mail in the city's name.

How to fix
----------
Publish one TXT record at the domain: `v=spf1`, a term for each of your servers and mail services, and `-all`. With too
many look-ups, replace `include`, `a` and `mx` of services that you no longer use, or whose addresses do not change, by
nothing or by `ip4` and `ip6`.

What it cannot see
------------------
Whether the servers that it names are the right ones; whether mail comes with a signature (DKIM) too.

References
----------
- RFC 7208 (2014-04), sections 3.2, 4.5, 4.6.4 (10 look-ups, 2 that find nothing), 4.7 and 5.1
- BOD 18-01 (2017-10-16): valid SPF records, for domains that send no mail too
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import MailDomain
from scanner.model.check import check
from scanner.model.facts.mail import SpfEvaluation, SpfFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved

_CLOSED = frozenset({"fail", "softfail"})


@check(id="mail-spf", title="SPF names the senders and excludes all others", principle=P6, severity=Severity.HIGH)
def mail_spf(domain: MailDomain, spf: SpfFacts, policy: Policy) -> Verdict:
    """Judges the one record and what comes of it."""
    evidence = [Evidence(fact=f"SPF record of {spf.domain}", value=record) for record in spf.records]
    if len(spf.records) != 1 or spf.evaluation is None:
        return failed(_not_one(spf), fix=_publish(spf.domain), evidence=evidence)
    if isinstance(spf.evaluation, Unobserved):
        return undecided(spf.evaluation, evidence=evidence)
    return _of(spf.domain, spf.evaluation, policy, (*evidence, *_evidence(spf.evaluation)))


def _not_one(spf: SpfFacts) -> str:
    if spf.records:
        return f"{spf.domain} has {len(spf.records)} SPF records, and receivers ignore all of them."
    return f"{spf.domain} has no SPF record."


def _publish(domain: str) -> str:
    return (
        f"Publish exactly one TXT record at {domain} that begins with v=spf1, names your senders and ends in -all "
        '("v=spf1 -all" if it sends no mail).'
    )


def _of(domain: str, seen: SpfEvaluation, policy: Policy, evidence: tuple[Evidence, ...]) -> Verdict:
    if seen.lookups > policy.spf_max_lookups:
        reason = (
            f"The SPF of {domain} takes {seen.lookups} DNS look-ups, and receivers stop at {policy.spf_max_lookups}."
        )
        return failed(reason, fix=f"Remove include, a, mx and exists terms from {domain}'s SPF.", evidence=evidence)
    if seen.result == "permerror":
        reason = f"Receivers ignore the SPF of {domain}, as it has an error: {seen.problem or 'not named'}."
        return failed(reason, fix=f"Correct the SPF record of {domain}, or the one that it names.", evidence=evidence)
    if seen.result in _CLOSED:
        return passed(f"The SPF of {domain} holds, and ends in {seen.ended_by or seen.result}.", evidence=evidence)
    told = "lets everybody send" if seen.result == "pass" else "leaves open who may send"
    reason = f"The SPF of {domain} {told}: it comes to {seen.ended_by or 'its end without an all'}."
    return failed(reason, fix=_close(domain, seen), evidence=evidence)


def _close(domain: str, seen: SpfEvaluation) -> str:
    if seen.result == "pass" and seen.ended_by:
        return f"Remove {seen.ended_by} from the SPF record of {domain} or narrow what it means, and end it in -all."
    return f"End the SPF record of {domain} in -all or ~all."


def _evidence(seen: SpfEvaluation) -> Iterator[Evidence]:
    if seen.lookups:
        void = f", and {seen.void_lookups} of the answers held nothing" if seen.void_lookups else ""
        yield Evidence(fact="DNS look-ups", value=f"{seen.lookups}{void}")
    for record in seen.read[1:]:  # the first is the domain's own
        yield Evidence(fact=f"SPF by include or redirect, {record.domain}", value=record.text or "no record")
