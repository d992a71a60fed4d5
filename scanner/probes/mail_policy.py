"""What a mail domain tells senders about TLS: MTA-STS, DANE, and where failures are to be reported."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping

from scanner.model.asset import Asset, MailDomain
from scanner.model.facts.base import Facts
from scanner.model.facts.mail import DaneHost, MailTlsPolicyFacts
from scanner.model.foreign import harmless
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._dane import dane_of
from scanner.probes._mail_exchange import MOST_HOSTS, Exchange, exchange_of
from scanner.probes._mail_servers import MailTurn
from scanner.probes._mta_sts import policy_url, sts_of
from scanner.probes._plan import resolver
from scanner.probes.base import Reply, Step
from scanner.transports.dns import Dns
from scanner.transports.shared import Transports

# RFC 8460, section 3.
_REPORTING = re.compile(r"v=TLSRPTv1(?=[ \t]*(?:;|$))")

_LONGEST_SHOWN = 500
_MOST_SHOWN = 5

# Of the asset's budget, so that what was seen is told before the budget is spent.
_SHARE = 0.85


class MailPolicyProbe:
    """Reads the records and the policy file; where there is DANE, the chains of the mail hosts too."""

    name = "mail-policy"
    about: type[Asset] = MailDomain
    provides: tuple[type[Facts], ...] = (MailTlsPolicyFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-ups, the policy file, and the conversations that DANE asks for."""
        assert isinstance(asset, MailDomain)  # noqa: S101 (the runner goes by `about`)
        own = f"MX, A and AAAA of {asset.domain}, TXT of _mta-sts.{asset.domain} and _smtp._tls.{asset.domain}"
        hosts = "A, AAAA and CNAME of its mail hosts, TLSA of _25._tcp. of each"
        target = f"{own}, A and AAAA of mta-sts.{asset.domain}, {hosts}, from {resolver(settings)}"
        yield Step(action="DNS", target=target)
        yield Step(action="GET if MTA-STS is announced", target=policy_url(asset.domain))
        where = f"port 25 of every mail host of {asset.domain} with TLSA records, or where it is declared as a service"
        yield Step(action="SMTP EHLO, STARTTLS and a TLS handshake", target=where)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks for all of it at once."""
        assert isinstance(asset, MailDomain)  # noqa: S101
        exchange = await exchange_of(asset.domain, transports.dns)
        if isinstance(exchange, Unobserved):
            return {MailTlsPolicyFacts: Reply(outcome=exchange)}
        facts = await _facts(asset.domain, exchange, transports)
        return {MailTlsPolicyFacts: Reply(outcome=facts, digest=hashlib.sha256(repr(facts).encode()).hexdigest())}


async def _facts(domain: str, exchange: Exchange, transports: Transports) -> MailTlsPolicyFacts:
    until = asyncio.get_running_loop().time() + transports.settings.asset_budget * _SHARE
    turn = MailTurn(transports=transports, until=until, as_named=True)
    hosts = tuple(host for _, host in exchange.hosts)
    sts, reporting, dane = await asyncio.gather(
        sts_of(domain, transports),
        _reporting(domain, transports.dns),
        asyncio.gather(*(dane_of(host, domain, turn) for host in hosts[:MOST_HOSTS])),
    )
    return MailTlsPolicyFacts(
        domain=domain,
        receiving=exchange.receiving,
        hosts=hosts,
        hosts_authenticated=exchange.authenticated,
        sts_records=sts.records,
        sts_policy=sts.policy,
        dane=(*dane, *map(_not_asked, hosts[MOST_HOSTS:])),
        reporting=reporting,
    )


def _not_asked(host: str) -> DaneHost:
    detail = f"{host} was not asked for TLSA records, as civicseal asks {MOST_HOSTS} mail hosts; remove needless ones."
    gap = Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    return DaneHost(host=host, records=gap, authenticated=False)


async def _reporting(domain: str, dns: Dns) -> tuple[str, ...] | Unobserved:
    found = await dns.records(f"_smtp._tls.{domain}", "TXT")
    if isinstance(found, Unobserved):
        return found
    records = [value for value in found.values if _REPORTING.match(value)]
    return tuple(harmless(record, _LONGEST_SHOWN) for record in records[:_MOST_SHOWN])


PROBE = MailPolicyProbe()
