"""The hosts that take a domain's mail, and whether each turns TLS on."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence

from scanner.model.asset import Asset, MailDomain
from scanner.model.facts.base import Facts
from scanner.model.facts.mail import MailHost, MailHostFacts
from scanner.model.facts.service import Encrypts, Listener, Plain, Unheard
from scanner.model.facts.tls import Certificate
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._mail_exchange import MOST_HOSTS, exchange_of
from scanner.probes._mail_servers import MailTurn, Server
from scanner.probes._plan import resolver
from scanner.probes.base import Reply, Step
from scanner.transports._tls_certificate import describe, names
from scanner.transports.shared import Transports
from scanner.transports.smtp import WithoutTls
from scanner.transports.tls_handshake import Handshake

# Of the asset's budget, so that what was seen is told before the budget is spent.
_SHARE = 0.85


class MailHostsProbe:
    """Looks the mail hosts up and speaks with each up to TLS."""

    name = "mail-hosts"
    about: type[Asset] = MailDomain
    provides: tuple[type[Facts], ...] = (MailHostFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-ups and the conversations; `plan` itself asks nobody which hosts there are."""
        assert isinstance(asset, MailDomain)  # noqa: S101 (the runner goes by `about`)
        names = f"MX, A and AAAA of {asset.domain}, A and AAAA of the mail hosts that it names"
        target = f"{names}, from {resolver(settings)}"
        yield Step(action="DNS", target=target)
        where = f"port 25 of every mail host of {asset.domain}, or where the inventory declares it as a service"
        yield Step(action="SMTP EHLO, STARTTLS and a TLS handshake", target=where)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks every host; those of one provider wait for each other."""
        assert isinstance(asset, MailDomain)  # noqa: S101
        exchange = await exchange_of(asset.domain, transports.dns)
        if isinstance(exchange, Unobserved):
            return {MailHostFacts: Reply(outcome=exchange)}
        until = asyncio.get_running_loop().time() + transports.settings.asset_budget * _SHARE
        turn = MailTurn(transports=transports, until=until)
        asked = exchange.hosts[:MOST_HOSTS]
        seen = await asyncio.gather(*(turn.servers(host) for _, host in asked))
        hosts = tuple(_host(host, preference, each) for (preference, host), each in zip(asked, seen, strict=True))
        facts = MailHostFacts(
            domain=asset.domain,
            exists=exchange.exists,
            receiving=exchange.receiving,
            hosts=(*hosts, *_not_asked(exchange.hosts[MOST_HOSTS:])),
        )
        return {MailHostFacts: Reply(outcome=facts, digest=hashlib.sha256(repr(facts).encode()).hexdigest())}


def _host(host: str, preference: int, servers: Sequence[Server]) -> MailHost:
    chains = dict.fromkeys(seen.chain for _, seen in servers if isinstance(seen, Handshake) and seen.chain)
    return MailHost(
        host=host,
        preference=preference,
        listeners=tuple(_listener(address, seen) for address, seen in servers),
        certificates=tuple(certificate_in_words(chain[0]) for chain in chains),
    )


def _listener(address: str, seen: Handshake | WithoutTls | Unobserved) -> Listener:
    match seen:
        case Handshake():
            return Encrypts(address=address, version=seen.version, suite=seen.suite)
        case WithoutTls():
            return Plain(address=address, seen=seen.said)
    return Unheard(address=address, gap=seen)


def _not_asked(hosts: Sequence[tuple[int, str]]) -> tuple[Unobserved, ...]:
    if not hosts:
        return ()
    detail = f"{len(hosts)} more mail hosts were not asked, as civicseal asks {MOST_HOSTS}; remove needless MX records."
    return (Unobserved(cause=Cause.NOT_DECLARED, detail=detail, subject="other mail hosts"),)


def certificate_in_words(pem: str) -> str:
    """A certificate in one clause: for whom, from whom, until when, for which names."""
    certificate, alternative = describe(pem), names(pem)
    if not isinstance(certificate, Certificate):
        return certificate.detail
    shown = () if isinstance(alternative, Unobserved) else (*alternative.dns, *alternative.ips)
    listed = ", ".join(shown[:8]) + (" …" if len(shown) > 8 else "")
    return (
        f"{certificate.subject or 'no subject'}, from {certificate.issuer or 'nobody'}, until "
        f"{certificate.not_after.date().isoformat()}, for {listed or 'no names'}"
    )


PROBE = MailHostsProbe()
