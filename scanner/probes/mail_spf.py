"""A mail domain's SPF record, evaluated as a receiver would for a sender that nobody has heard of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scanner.model.asset import Asset, MailDomain
from scanner.model.dns_names import a_labels
from scanner.model.facts.base import Facts
from scanner.model.facts.mail import SpfFacts
from scanner.model.foreign import harmless
from scanner.model.inventory import Settings
from scanner.model.unobserved import Unobserved
from scanner.probes._plan import resolver
from scanner.probes.base import Reply, Step
from scanner.transports.dns import Dns
from scanner.transports.shared import Transports
from scanner.transports.spf import evaluate

# RFC 7208, section 4.5, which leaves the case open; pyspf selects as we do.
_RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)

_LONGEST_SHOWN = 1000
_MOST_SHOWN = 10

# Of the asset's budget, so that what was not seen is told before the budget is spent.
_SHARE = 0.8


class SpfProbe:
    """Reads the record, and what it includes or redirects to."""

    name = "mail-spf"
    about: type[Asset] = MailDomain
    provides: tuple[type[Facts], ...] = (SpfFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-ups; which names follow depends on what the record says."""
        assert isinstance(asset, MailDomain)  # noqa: S101 (the runner goes by `about`)
        target = f"TXT of {asset.domain}, and what its SPF record names, from {resolver(settings)}"
        yield Step(action="DNS", target=target)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks."""
        assert isinstance(asset, MailDomain)  # noqa: S101
        outcome = await spf_facts(asset.domain, transports.dns, seconds=transports.settings.asset_budget * _SHARE)
        return {SpfFacts: Reply(outcome=outcome)}


async def spf_facts(domain: str, dns: Dns, *, seconds: float) -> SpfFacts | Unobserved:
    """The records of a domain, and what comes of them where there is exactly one."""
    domain = a_labels(domain)
    found = await dns.records(domain, "TXT")
    if isinstance(found, Unobserved):
        return found
    records = [value for value in found.values if _RECORD.match(value)]
    evaluation = await evaluate(domain, dns, seconds=seconds) if len(records) == 1 else None
    shown = tuple(harmless(record, _LONGEST_SHOWN) for record in records[:_MOST_SHOWN])
    return SpfFacts(domain=domain, records=shown, evaluation=evaluation)


PROBE = SpfProbe()
