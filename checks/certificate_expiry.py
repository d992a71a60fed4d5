"""The certificate is inside its dates, with enough time left to replace it.

What it checks
--------------
Whether the run's start lies between the certificate's first and last moment, at every address of the server, and
whether enough time is left: 7 days (`policy.certificate_min_days`), or a tenth of its lifetime
(`policy.certificate_min_fraction`) if that is shorter. An intermediate certificate that is outside its dates fails too,
where every accepted path leads through it.

The evidence also tells the lifetime, and for a certificate of a public authority how long it may be after the day of
issue: 398 days, since 2026-03-15 200, from 2027-03-15 100, from 2029-03-15 47. A longer one is the authority's mistake
and no failure here, but browsers refuse it.

Why it matters
--------------
On the day of expiry every browser and every phone stops at a warning page, and the service is down for residents.

How to fix
----------
Renew the certificate and restart the server. Lifetimes fall to 47 days by 2029, so have it renewed by itself (ACME) and
watch the date from outside.

What it cannot see
------------------
Whether a renewed certificate already lies on the server and only waits for a restart.

References
----------
- RFC 5280, section 4.1.2.5
- CA/Browser Forum, Baseline Requirements, section 6.3.2; ballots 193 (2017-03-17), SC-31 (2020-07-16) and SC-081v3
  (2025-04-11): lifetimes of 825, 398, 200, 100 and 47 days
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scanner.model.asset import TlsServer
from scanner.model.certificate_lifetimes import lifetime_days, limit_at
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import (
    CA_BUNDLE,
    Accepted,
    Certificate,
    CertificateFacts,
    Deployment,
    PathStep,
)
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.tls_verdicts import over_deployments
from scanner.model.unobserved import Unobserved

_FIX = "Renew the certificate, restart the server, and have the renewal done by itself (ACME)."


@check(
    id="certificate-expiry",
    title="The certificate is valid today and for long enough",
    principle=P6,
    severity=Severity.HIGH,
)
def certificate_expiry(
    server: TlsServer,
    certificates: CertificateFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
    policy: Policy,
    now: datetime,
) -> Verdict:
    """Compares the dates of every leaf, and of the intermediates above it, with the run's start."""
    return over_deployments(
        certificates,
        (http, service),
        lambda address, deployment: _verdicts(address, deployment, policy, _utc(now)),
        otherwise="No certificate is presented that could expire.",
    )


def _verdicts(address: str, deployment: Deployment, policy: Policy, now: datetime) -> Iterator[Verdict]:
    if isinstance(deployment.leaf, Unobserved):
        yield undecided(deployment.leaf)
        return
    verdict = _judge_leaf(address, deployment.leaf, policy, now)
    lifetime = _lifetime(address, deployment.leaf, public=deployment.is_public)
    yield replace(verdict, evidence=(*verdict.evidence, lifetime))
    yield from _judge_path(address, deployment, policy, now)


def _judge_leaf(address: str, leaf: Certificate, policy: Policy, now: datetime) -> Verdict:
    evidence = [Evidence(fact=f"validity of the certificate at {address}", value=_span(leaf))]
    not_before, not_after = _utc(leaf.not_before), _utc(leaf.not_after)
    if now < not_before:
        reason = f"The certificate at {address} is not valid before {_told(not_before)}."
    elif now > not_after:
        reason = f"The certificate at {address} expired on {_told(not_after)}."
    elif _days(not_after - now) < _days_wanted(_days(not_after - not_before), policy):
        reason = f"The certificate at {address} expires on {_told(not_after)}, in {_days(not_after - now):.1f} days."
    else:
        return passed(f"The certificate is valid until {_told(not_after)}.", evidence=evidence)
    return failed(reason, fix=_FIX, evidence=evidence)


def _lifetime(address: str, leaf: Certificate, *, public: bool) -> Evidence:
    """The lifetime, and what a public authority may give on that day of issue."""
    days = lifetime_days(leaf.not_before, leaf.not_after)
    limit = limit_at(leaf.not_before) if public else None
    told = f"{days} days"
    if limit is not None:
        allowed = f"{limit.days} days that public authorities may give since {limit.since.isoformat()}"
        told += f", {'longer than' if days > limit.days else 'within'} the {allowed}"
    return Evidence(fact=f"lifetime of the certificate at {address}", value=told)


def _days_wanted(lifetime: float, policy: Policy) -> float:
    """The days that must be left: a number of them, or a fraction of a short lifetime."""
    return min(policy.certificate_min_days, lifetime * policy.certificate_min_fraction)


def _judge_path(address: str, deployment: Deployment, policy: Policy, now: datetime) -> Iterator[Verdict]:
    """Fails an intermediate outside its dates, unless some store has a path without such a one.

    The dates of a trust anchor do not count (RFC 5280, section 6.1).
    """
    verdicts = [deployment.trust_by(store) for store in dict.fromkeys((CA_BUNDLE, *policy.trust_stores))]
    paths = [verdict.path[1:-1] for verdict in verdicts if isinstance(verdict, Accepted)]
    flaws = [_flaw(path, now) for path in paths]
    if not flaws or None in flaws:
        return
    for flaw in dict.fromkeys(flaws):
        if isinstance(flaw, PathStep):
            yield failed(
                f"An intermediate certificate that the server at {address} needs is outside its dates: {flaw.subject}.",
                fix="Install the issuer's current intermediate certificate beside the server's own.",
                evidence=[Evidence(fact=f"validity of {flaw.subject}", value=_span(flaw))],
            )
        elif flaw is not None:
            yield undecided(flaw)


def _flaw(path: tuple[PathStep | Unobserved, ...], now: datetime) -> PathStep | Unobserved | None:
    for step in path:
        if isinstance(step, Unobserved) or not _utc(step.not_before) <= now <= _utc(step.not_after):
            return step
    return None


def _utc(moment: datetime) -> datetime:
    """A moment that can be compared with any other; one without a zone is in UTC already."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _days(span: timedelta) -> float:
    return span / timedelta(days=1)


def _told(moment: datetime) -> str:
    return f"{moment.date().isoformat()} {moment:%H:%M} UTC"


def _span(dated: Certificate | PathStep) -> str:
    return f"{_told(dated.not_before)} to {_told(dated.not_after)}"
