"""Where a domain's mail goes: its MX records, a null MX, or its own addresses (RFC 5321, section 5.1; RFC 7505)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from scanner.model.dns_names import a_labels
from scanner.model.facts.mail import Receiving
from scanner.model.foreign import harmless
from scanner.model.unobserved import Unobserved
from scanner.transports.dns import Dns, Records

MOST_HOSTS = 20
"""More mail hosts than any domain has; those beyond are told as not seen."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """Where mail goes.

    Attributes:
        hosts: preference and name of each host, the most preferred first, each name once.
        exists: whether DNS knows the domain.
        authenticated: whether the resolver validated the MX records, or that there are none, by DNSSEC.
    """

    receiving: Receiving
    hosts: tuple[tuple[int, str], ...]
    exists: bool
    authenticated: bool


async def exchange_of(domain: str, dns: Dns) -> Exchange | Unobserved:
    """Where a domain's mail goes, or why that was not seen."""
    found = await dns.records(domain, "MX")
    if isinstance(found, Unobserved):
        return found
    pairs = sorted(_pair(value) for value in found.values)
    named = [(preference, host) for preference, host in pairs if host != "."]
    if pairs:
        receiving = Receiving.MX if named else Receiving.NULL_MX
        return Exchange(receiving=receiving, hosts=_once(named), exists=True, authenticated=found.authenticated)
    return await _by_address(domain, found, dns)


async def _by_address(domain: str, mx: Records, dns: Dns) -> Exchange | Unobserved:
    """Without MX records mail goes to the domain's own addresses, if it has any."""
    answers = await asyncio.gather(dns.records(domain, "A"), dns.records(domain, "AAAA")) if mx.exists else ()
    has_one = any(isinstance(answer, Records) and answer.values for answer in answers)
    gap = next((answer for answer in answers if isinstance(answer, Unobserved)), None)
    if gap is not None and not has_one:
        return gap
    return Exchange(
        receiving=Receiving.ADDRESS if has_one else Receiving.NOWHERE,
        hosts=((0, a_labels(domain)),) if has_one else (),
        exists=mx.exists,
        authenticated=mx.authenticated,
    )


def _pair(value: str) -> tuple[int, str]:
    preference, _, host = value.partition(" ")
    return int(preference), host if host == "." else harmless(host.lower().removesuffix("."), 260)


def _once(pairs: list[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    seen = dict.fromkeys(host for _, host in pairs)
    return tuple((next(preference for preference, each in pairs if each == host), host) for host in seen)
