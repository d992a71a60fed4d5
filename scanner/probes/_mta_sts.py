"""A domain's MTA-STS: the record that announces it, and the policy file (RFC 8461)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from scanner.model.asset import Website
from scanner.model.dns_names import a_labels
from scanner.model.facts.mail import StsBroken, StsPolicy
from scanner.model.foreign import harmless
from scanner.model.mta_sts import is_record, policy_from, record_fault
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._tls_target import read_bundle
from scanner.transports.addresses import endpoint
from scanner.transports.policy_file import LONGEST, Fetched, fetch
from scanner.transports.shared import Transports

_LONGEST_SHOWN = 500
_MOST_SHOWN = 5
_MOST_ADDRESSES = 3

_OK = 200

# Answers that tell of this machine or of the moment, and not of what other senders get.
_WALLS = {403: Cause.BLOCKED, 429: Cause.RATE_LIMITED} | dict.fromkeys((500, 502, 503, 504), Cause.UNREACHABLE)

StsAnswer = StsPolicy | StsBroken | Unobserved


@dataclass(frozen=True, kw_only=True)
class Sts:
    """The records, and the policy where there is exactly one valid record."""

    records: tuple[str, ...] | Unobserved
    policy: StsAnswer | None


async def sts_of(domain: str, transports: Transports) -> Sts:
    """What a domain says by MTA-STS."""
    found = await transports.dns.records(f"_mta-sts.{domain}", "TXT")
    if isinstance(found, Unobserved):
        return Sts(records=found, policy=None)
    records = [value for value in found.values if is_record(value)]
    shown = tuple(harmless(record, _LONGEST_SHOWN) for record in records[:_MOST_SHOWN])
    if len(records) != 1:
        return Sts(records=shown, policy=None)
    fault = record_fault(records[0])
    if fault is not None:
        return Sts(records=shown, policy=StsBroken(why=f"the TXT record at _mta-sts is not valid: {fault}"))
    return Sts(records=shown, policy=await _policy(domain, transports))


def policy_url(domain: str, port: int = 443) -> str:
    """Where the policy of a domain must be (RFC 8461, section 3.3)."""
    host = f"mta-sts.{a_labels(domain)}"
    return f"https://{host if port == 443 else endpoint(host, port)}/.well-known/mta-sts.txt"


async def _policy(domain: str, transports: Transports) -> StsAnswer:
    """The file, from the first address that answers; where the inventory declares the host, from there."""
    host = f"mta-sts.{a_labels(domain)}"
    site = next((each for each in transports.inventory.assets if isinstance(each, Website) and each.host == host), None)
    if site is None and await _has_no_address(host, transports):
        return StsBroken(why=f"there is no policy file, as DNS has no address for {host}")
    bundle = await asyncio.to_thread(read_bundle, site.ca_bundle if site else None)
    if isinstance(bundle, Unobserved):
        return bundle
    addresses = await transports.addresses.of(site.reached_at[0] if site else host)
    if isinstance(addresses, Unobserved):
        return addresses
    url = policy_url(domain, site.port if site else 443)
    answer: StsAnswer = _local(host, addresses[0])
    for address in addresses[:_MOST_ADDRESSES]:
        if site is None and not transports.addresses.may_be_found(host, address):
            continue
        fetched = await fetch(url, address, step=transports.settings.timeout, ca_bundle=bundle)
        answer = _answer(fetched, host)
        if not isinstance(answer, Unobserved):
            return answer
    return answer


async def _has_no_address(host: str, transports: Transports) -> bool:
    answers = await asyncio.gather(transports.dns.records(host, "A"), transports.dns.records(host, "AAAA"))
    return all(not isinstance(answer, Unobserved) and not answer.values for answer in answers)


def _local(host: str, address: str) -> Unobserved:
    detail = (
        f"DNS names {address} for {host}, which is this machine's own or a link-local address, so nothing was sent "
        "to it; correct its address, or declare the host under `websites`."
    )
    return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)


def _answer(fetched: Fetched | Unobserved, host: str) -> StsAnswer:
    """What an answer is worth: a policy, none, or a wall that says nothing about what other senders get."""
    if isinstance(fetched, Unobserved):
        # A certificate that is not accepted is the end for every sender too (section 3.3).
        return StsBroken(why=_clause(fetched.detail)) if fetched.cause is Cause.HOST_KEY else fetched
    if fetched.status in _WALLS:
        detail = f"{host} answered {fetched.status} for the MTA-STS policy; {_help(fetched.status)}."
        return Unobserved(cause=_WALLS[fetched.status], detail=detail)
    fault = _fault(fetched)
    if fault is not None:
        return StsBroken(why=f"{host} {fault}")
    policy = policy_from(fetched.body)
    return StsBroken(why=f"the policy file is not valid: {policy.why}") if isinstance(policy, StsBroken) else policy


def _clause(sentence: str) -> str:
    """What is wrong with a certificate, without what was done about it, to stand inside of a sentence."""
    told = sentence.removesuffix(".").removesuffix("; nothing was sent to it")
    return told[:1].lower() + told[1:]


def _help(status: int) -> str:
    if _WALLS[status] is Cause.UNREACHABLE:
        return "mend the web server, or scan again if it was down for a moment"
    return "let this machine through, or scan again"


def _fault(fetched: Fetched) -> str | None:
    if 300 <= fetched.status < 400:
        return f"redirects with {fetched.status} instead of giving the policy, and senders must not follow"
    if fetched.status != _OK:
        return f"answers {fetched.status} instead of giving the policy"
    if fetched.content_type != "text/plain":
        return f"gives the policy as {fetched.content_type or 'no media type'} and not as text/plain"
    return None if fetched.is_whole else f"gives a policy of more than {LONGEST // 1024} kB"
