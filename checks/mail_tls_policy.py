"""Senders are told to insist on TLS, by MTA-STS or by DANE.

What it checks
--------------
Whether the domain has an MTA-STS policy in mode `enforce` that names every mail host, fetched as senders do (over HTTPS
with a valid certificate, without redirects); or whether every mail host has TLSA records that its certificates match at
each address, where DNSSEC covers those records, the MX records and the host's addresses. Either is enough. Where
failures are reported to (TLS-RPT) is evidence.

Why it matters
--------------
STARTTLS alone is a request: whoever sits on the line can strike it out, and the mail then goes on in plain text.

How to fix
----------
MTA-STS: serve `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` as text/plain with `version: STSv1`, `mode: enforce`,
one `mx:` line for each mail host and `max_age: 604800`, then publish `_mta-sts.DOMAIN TXT "v=STSv1; id=1"`. Begin with
`mode: testing` and TLS-RPT until the reports are clean. DANE: sign the zone, and publish `_25._tcp.MX TLSA 3 1 1 …`.

What it cannot see
------------------
Whether DNSSEC signatures are right: the resolver's word for it (the AD flag) is taken, so scan with a validating
resolver that you trust. Which senders obey either.

References
----------
- RFC 8461 (2018-09), MTA-STS, sections 3.1 to 3.3, 4.1 and 5
- RFC 7672 (2015-10), DANE for SMTP, sections 2.2 and 3.1; RFC 6698 (2012-08), TLSA; RFC 8460 (2018-09), TLS-RPT
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scanner.model.asset import MailDomain
from scanner.model.check import check
from scanner.model.facts.mail import DaneHost, MailTlsPolicyFacts, Receiving, StsBroken, StsMode, StsPolicy
from scanner.model.finding import (
    Evidence,
    Failed,
    Passed,
    Severity,
    Undecided,
    Verdict,
    failed,
    not_applicable,
    passed,
    undecided,
)
from scanner.model.mta_sts import not_covered
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved

_FIX = (
    "Serve an MTA-STS policy with mode enforce that names every mail host, or publish TLSA records for all of them in "
    "a zone signed with DNSSEC."
)


@check(id="mail-tls-policy", title="Senders are told to insist on TLS", principle=P6, severity=Severity.MEDIUM)
def mail_tls_policy(domain: MailDomain, mail: MailTlsPolicyFacts) -> Verdict:
    """One of the two ways is enough."""
    if mail.receiving not in {Receiving.MX, Receiving.ADDRESS}:
        return not_applicable(f"{mail.domain} takes no mail, so there is nothing to tell senders.")
    verdict = _either(mail, _sts(mail), _dane(mail))
    return replace(verdict, subject=None, evidence=(*verdict.evidence, *_evidence(mail)))


def _either(mail: MailTlsPolicyFacts, sts: Verdict, dane: Verdict) -> Verdict:
    for verdict in (sts, dane):
        if isinstance(verdict, Passed):
            return verdict
    for verdict in (sts, dane):
        if isinstance(verdict, Undecided):
            return undecided(replace(verdict.unobserved, subject=None))
    why = "; ".join(verdict.reason for verdict in (sts, dane) if isinstance(verdict, Failed))
    return failed(f"Senders to {mail.domain} are not told to insist on TLS: {why}.", fix=_FIX)


def _no(why: str) -> Verdict:
    return failed(why, fix=_FIX)


def _sts(mail: MailTlsPolicyFacts) -> Verdict:
    """MTA-STS on its own; the reason of a failure is a clause."""
    if isinstance(mail.sts_records, Unobserved):
        return undecided(mail.sts_records)
    if len(mail.sts_records) != 1:
        return _no(_not_one(f"_mta-sts.{mail.domain}", len(mail.sts_records)))
    match mail.sts_policy:
        case Unobserved():
            return undecided(mail.sts_policy)
        case StsPolicy():
            return _of_policy(mail.sts_policy, mail.hosts)
        case StsBroken():
            return _no(f"MTA-STS does not hold, as {mail.sts_policy.why}")
    return _no("MTA-STS is announced without a policy")


def _not_one(name: str, count: int) -> str:
    return (
        f"{count} records of MTA-STS stand at {name} instead of one" if count else f"no record of MTA-STS is at {name}"
    )


def _of_policy(policy: StsPolicy, hosts: tuple[str, ...]) -> Verdict:
    if policy.mode is not StsMode.ENFORCE:
        return _no(f"the MTA-STS policy has mode {policy.mode.value}, which stops nothing")
    if policy.max_age == 0:
        return _no("the MTA-STS policy has a max_age of 0 and is over as soon as it is read")
    outside = not_covered(hosts, policy)
    if outside:
        return _no(f"the MTA-STS policy leaves out {', '.join(outside[:5])}, to which senders then deliver nothing")
    return passed("An MTA-STS policy in mode enforce covers every mail host.")


def _dane(mail: MailTlsPolicyFacts) -> Verdict:
    """DANE on its own; every host must have it."""
    if not mail.hosts_authenticated:
        if not any(host.records for host in mail.dane):
            return _no("no mail host has TLSA records")
        return _no(f"DANE does not hold, as the MX records of {mail.domain} are not validated by DNSSEC")
    verdicts = [_of_host(host) for host in mail.dane]
    for kind in (Failed, Undecided):
        found = next((verdict for verdict in verdicts if isinstance(verdict, kind)), None)
        if found is not None:
            return found
    return passed("DANE holds for every mail host.") if verdicts else _no("there is no mail host to have DANE")


def _of_host(host: DaneHost) -> Verdict:
    if isinstance(host.records, Unobserved):
        return undecided(host.records)
    if not host.records:
        return _no(f"{host.host} has no TLSA records")
    if not host.authenticated:
        return _no(f"the TLSA records of {host.host} are not validated by DNSSEC")
    if isinstance(host.is_secure, Unobserved):
        return undecided(host.is_secure)
    if host.is_secure is False:
        return _no(
            f"senders do not look at the TLSA records of {host.host}, as its addresses are not validated by DNSSEC"
        )
    return _of_chains(host)


def _of_chains(host: DaneHost) -> Verdict:
    """What the host shows at its addresses; the worst of them decides."""
    seen = [chain for chain in host.chains if not isinstance(chain, Unobserved)]
    bare = [chain.address for chain in seen if not chain.offers_tls]
    if bare:
        return _no(f"{host.host} has TLSA records and yet offers no STARTTLS at {', '.join(bare[:5])}")
    astray = [chain.address for chain in seen if not chain.matched]
    if astray:
        return _no(f"no TLSA record of {host.host} matches its certificates at {', '.join(astray[:5])}")
    gap = next((chain for chain in host.chains if isinstance(chain, Unobserved)), None)
    if gap is not None:
        return undecided(gap)
    return passed(f"DANE holds for {host.host}.") if seen else _no(f"{host.host} has no TLSA records that senders use")


def _evidence(mail: MailTlsPolicyFacts) -> Iterator[Evidence]:
    yield Evidence(fact="mail hosts", value=", ".join(mail.hosts[:20]) or "none")
    yield Evidence(fact=f"_mta-sts.{mail.domain}", value=_records(mail.sts_records))
    if isinstance(mail.sts_policy, StsPolicy):
        policy = mail.sts_policy
        told = f"mode {policy.mode.value}, max_age {policy.max_age}, mx {', '.join(policy.mx[:20]) or 'none'}"
        yield Evidence(fact="MTA-STS policy", value=told)
    for host in mail.dane[:20]:
        records = host.records if isinstance(host.records, Unobserved) else tuple(map(str, host.records[:10]))
        signed = "validated by DNSSEC" if host.authenticated else "not validated by DNSSEC"
        yield Evidence(fact=f"TLSA of {host.host}", value=f"{_records(records)} ({signed})")
    yield Evidence(fact="TLS-RPT", value=_records(mail.reporting))


def _records(records: tuple[str, ...] | Unobserved) -> str:
    if isinstance(records, Unobserved):
        return records.detail
    return " | ".join(records) or "none"
