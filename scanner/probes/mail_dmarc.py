"""A mail domain's DMARC: the walk up the DNS tree, and whether those who get its reports agreed to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from scanner.model.asset import Asset, MailDomain
from scanner.model.dmarc import MOST_QUERIES, DmarcRecord, effective, is_record, next_domain
from scanner.model.dns_names import a_labels
from scanner.model.facts.base import Facts
from scanner.model.facts.mail import DmarcAnswer, DmarcFacts, ReportDestination
from scanner.model.foreign import harmless
from scanner.model.inventory import Settings
from scanner.model.unobserved import Unobserved
from scanner.probes._plan import resolver
from scanner.probes.base import Reply, Step
from scanner.transports.dns import Dns
from scanner.transports.shared import Transports

_LONGEST_RECORD = 2000
_MOST_SHOWN = 5
_MOST_DESTINATIONS = 10


class DmarcProbe:
    """Asks for the records from the domain upwards."""

    name = "mail-dmarc"
    about: type[Asset] = MailDomain
    provides: tuple[type[Facts], ...] = (DmarcFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-ups; which follow depends on the answers."""
        assert isinstance(asset, MailDomain)  # noqa: S101 (the runner goes by `about`)
        target = (
            f"TXT of _dmarc.{asset.domain}, of the domains above it, and of the domains that get its reports, "
            f"A of {asset.domain}, from {resolver(settings)}"
        )
        yield Step(action="DNS", target=target)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks."""
        assert isinstance(asset, MailDomain)  # noqa: S101
        return {DmarcFacts: Reply(outcome=await dmarc_facts(a_labels(asset.domain), transports.dns))}


async def dmarc_facts(domain: str, dns: Dns) -> DmarcFacts:
    """Everything that decides which policy holds for a domain."""
    walk = await _walk(domain, dns)
    exists = await _exists(domain, dns)
    found = effective(domain, walk, exists=exists is not False)
    destinations = () if found is None else await _destinations(found.record, dns)
    return DmarcFacts(domain=domain, exists=exists, walk=walk, destinations=destinations)


async def _walk(domain: str, dns: Dns) -> tuple[DmarcAnswer, ...]:
    answers: list[DmarcAnswer] = []
    target: str | None = domain
    while target is not None and len(answers) < MOST_QUERIES:
        answers.append(await _answer(target, dns))
        target = next_domain(domain, answers[-1])
    return tuple(answers)


async def _answer(domain: str, dns: Dns) -> DmarcAnswer:
    found = await dns.records(f"_dmarc.{domain}", "TXT")
    if isinstance(found, Unobserved):
        return DmarcAnswer(domain=domain, records=found)
    records = [harmless(value, _LONGEST_RECORD) for value in found.values if is_record(value)]
    return DmarcAnswer(domain=domain, records=tuple(records[:_MOST_SHOWN]))


async def _exists(domain: str, dns: Dns) -> bool | Unobserved:
    """Whether there is such a domain (RFC 9989: all exist but those that DNS denies)."""
    found = await dns.records(domain, "A")
    return found if isinstance(found, Unobserved) else found.exists


async def _destinations(record: DmarcRecord, dns: Dns) -> tuple[ReportDestination, ...]:
    """Those outside of the record's own domain."""
    outside = [each for each in record.destinations if not _is_own(each, record.domain)]
    return tuple(
        await asyncio.gather(*(_destination(record.domain, each, dns) for each in outside[:_MOST_DESTINATIONS]))
    )


def _is_own(destination: str, domain: str) -> bool:
    """Whether reports stay in the domain, or go to one above it of the same organization."""
    return f".{destination}".endswith(f".{domain}") or ("." in destination and domain.endswith(f".{destination}"))


async def _destination(domain: str, destination: str, dns: Dns) -> ReportDestination:
    """Whether another domain agreed to get reports about this one (RFC 9990)."""
    found = await dns.records(f"{domain}._report._dmarc.{destination}", "TXT")
    accepts = found if isinstance(found, Unobserved) else any(map(is_record, found.values))
    return ReportDestination(domain=harmless(destination, 260), accepts=accepts)


PROBE = DmarcProbe()
