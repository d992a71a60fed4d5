"""Which SMTP servers a mail host is: its addresses and port, as DNS or as the inventory says them.

A host that the inventory declares as a service with `starttls: smtp`, by its name or by its address, is asked at the
port declared there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.model.asset import Asset, StartTls, TlsService
from scanner.model.dns_names import a_labels, as_ip
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._site_addresses import to_ask
from scanner.transports.shared import Transports
from scanner.transports.smtp import Sight
from scanner.transports.tls import TlsTarget

_SMTP = 25

# Letters of a country code, and the most of a second level below one under which anybody may register.
_COUNTRY, _SHORT = 2, 3

# Second levels under which others register, besides the short ones (co, com, gov, gob, ac, edu, org, net, mil, k12 and
# the states of the US).
_SECOND_LEVELS = frozenset({"gouv", "govt", "gove", "guv", "muni", "info", "name", "asso", "school", "police"})

# Under a state of the US (RFC 1480, section 2): schools, libraries, colleges, councils, agencies.
_BELOW_A_STATE = frozenset({"k12", "pvt", "cc", "tec", "lib", "state", "mus", "dst", "cog", "gen", "fed"})

Server = tuple[str, Sight]
"""An address (the host's name where none was found), and what was seen there."""


@dataclass(frozen=True, kw_only=True)
class MailTurn:
    """How mail servers are asked in one probe.

    Attributes:
        until: when it must be over, in the event loop's time.
        as_named: see `MailServers.see`.
    """

    transports: Transports
    until: float
    as_named: bool = False

    async def servers(self, host: str) -> tuple[Server, ...]:
        """What is seen of a mail host at each of its addresses."""
        if as_ip(host):
            detail = f"An MX record names the address {host}, where only a host name may stand; correct it in DNS."
            return ((host, Unobserved(cause=Cause.MALFORMED, detail=detail)),)
        declared = declared_as(host, self.transports.inventory.assets)
        where = declared.host if declared else host
        addresses, not_asked = await to_ask(where, self.transports.addresses)
        ports = {each: declared.port if declared else self._port_at(each) for each in addresses}
        asked = [self._see(host, address, port) for address, port in ports.items()]
        return (*await asyncio.gather(*asked), *not_asked)

    def _port_at(self, address: str) -> int:
        """The port of the one SMTP service that the inventory declares at an address, else SMTP's own."""
        declared = [each.port for each in _services(self.transports.inventory.assets) if each.host == address]
        return declared[0] if len(declared) == 1 else _SMTP

    async def _see(self, host: str, address: str, port: int) -> Server:
        if not self.transports.addresses.may_be_found(host, address):
            detail = (
                f"DNS names {address} for the mail host {host}, which is this machine's own or a link-local address, "
                "so nothing was sent to it; correct its address, or declare the host under `services`."
            )
            return address, Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
        timeout = self.transports.settings.timeout
        target = TlsTarget(
            address=address, port=port, server_name=a_labels(host), timeout=timeout, starttls=StartTls.SMTP
        )
        seen = await self.transports.smtp.see(target, provider_of(host), until=self.until, as_named=self.as_named)
        return address, seen


def declared_as(host: str, assets: Iterable[Asset]) -> TlsService | None:
    """The service that the inventory declares for a mail host, by its host or its server name."""
    named = (each for each in _services(assets) if a_labels(host) in (a_labels(each.host), a_labels(each.known_as)))
    return next(named, None)


def _services(assets: Iterable[Asset]) -> Iterator[TlsService]:
    for asset in assets:
        if isinstance(asset, TlsService) and asset.starttls is StartTls.SMTP:
            yield asset


def provider_of(host: str) -> str:
    """Who runs a mail host, as far as its name tells: the domain that somebody registered.

    Without a list of public suffixes that is a rule of thumb: the last two labels; three under a country code whose
    second level is short or one of the usual ones (`co.uk`, `gov.uk`, `ny.us`); four where the third is a usual one of
    a state of the US (`k12.ny.us`, RFC 1480, section 2). Where it splits one provider (`mx1.ibm.de`, `mx2.ibm.de`) each
    part is asked one connection at a time.
    """
    labels = host.lower().split(".")
    kept = 2
    if len(labels[-1]) == _COUNTRY and len(labels) > kept and _is_public(labels[-2]):
        kept = 4 if labels[-1] == "us" and labels[-3] in _BELOW_A_STATE else 3
    return ".".join(labels[-kept:])


def _is_public(label: str) -> bool:
    return len(label) <= _SHORT or label in _SECOND_LEVELS
