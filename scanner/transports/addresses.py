"""Names to addresses, and where no packet may go.

Every connection of a probe goes to an address that came from here: the inventory's own, a literal, or DNS, minus what
the authorization excludes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from scanner.model.asset import Host, TlsService, Website
from scanner.model.inventory import Inventory
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._endpoint import endpoint
from scanner.transports._resolve import dns_addresses, system_addresses
from scanner.transports.dns import Dns

__all__ = ["Addresses", "endpoint"]

Ip = IPv4Address | IPv6Address

# IPv6 prefixes whose last 32 bits are an IPv4 address: RFC 6052 (NAT64) and the old IPv4-compatible form.
_EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))

# A name with more addresses than this is no city's website; the rest is not kept.
_MOST_ADDRESSES = 256


class Addresses:
    """The one place of a run that turns hosts into addresses. Each name is looked up once per run.

    Attributes:
        dns: the look-ups of records of every type, which the inventory's resolver answers if there is one.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.dns = Dns(inventory.settings)
        self._lookups: dict[str, asyncio.Task[tuple[str, ...] | Unobserved]] = {}

    async def of(self, host: str) -> tuple[str, ...] | Unobserved:
        """Every address of a host that may be connected to, IPv4 before IPv6, in a stable order.

        A literal is its own address. Addresses that the authorization excludes are left out (`excluded` names them);
        where none is left, that is the gap.
        """
        found = await self._found(host)
        if isinstance(found, Unobserved):
            return found
        gaps = {address: self.barred(address) for address in found}
        allowed = tuple(address for address, gap in gaps.items() if gap is None)
        return allowed or next(gap for gap in gaps.values() if gap is not None)

    async def excluded(self, host: str) -> tuple[tuple[str, Unobserved], ...]:
        """The addresses of a host that no packet may go to, each with the reason."""
        found = await self._found(host)
        if isinstance(found, Unobserved):
            return ()
        return tuple((address, gap) for address in found if (gap := self.barred(address)) is not None)

    def barred(self, address: str) -> Unobserved | None:
        """Why no packet may go to an address literal; None where it may."""
        authorization = self._inventory.authorization
        ip = _ip(address)
        if authorization is None or ip is None:
            return None
        for network in authorization.exclude:
            if any(form in network for form in _forms(ip)):
                detail = f"{address} lies in {network}, which the authorization excludes, so no packet was sent to it."
                return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
        return None

    def may_redirect_to(self, host: str, address: str) -> bool:
        """Whether a redirect may lead a connection to this address of this host.

        Never to a loopback, link-local, private, shared, multicast, unspecified or reserved one, in whatever notation,
        unless the inventory names the host or the address.
        """
        ip = _ip(address)
        if ip is None:
            return False
        if _plain(host) in self._declared or any(str(form) in self._declared for form in _forms(ip)):
            return True
        return all(_is_public(form) for form in _forms(ip) if not _is_disguise(form))

    def may_be_found(self, host: str, address: str) -> bool:
        """Whether a host that DNS alone names, such as a mail host, may be asked at this address of its.

        Private addresses are common where the inventory's author runs the DNS. This machine's own, link-local ones and
        those of a group are not, unless the inventory names the host, the address, or the DNS server that says so.
        """
        ip = _ip(address)
        if ip is None:
            return False
        named = _plain(host) in self._declared or any(str(form) in self._declared for form in _forms(ip))
        if named or self._inventory.settings.resolver is not None:
            return True
        return not any(
            form.is_loopback or form.is_link_local or form.is_unspecified or form.is_multicast for form in _forms(ip)
        )

    @cached_property
    def _declared(self) -> frozenset[str]:
        """Hosts and addresses that the inventory names."""
        return frozenset(_plain(name) for name in _names(self._inventory))

    async def _found(self, host: str) -> tuple[str, ...] | Unobserved:
        """All addresses of a host; a lookup that is under way is waited for, not repeated."""
        name = _plain(host)
        ip = _ip(name)
        if ip is not None:
            return (str(ip),)
        if name not in self._lookups:
            self._lookups[name] = asyncio.create_task(self._look_up(name))
        # Shielded: who gives up waiting must not spoil the answer for the others.
        return await asyncio.shield(self._lookups[name])

    async def _look_up(self, name: str) -> tuple[str, ...] | Unobserved:
        if name == "localhost" or name.endswith(".localhost"):
            # This machine by definition, never asked of DNS (RFC 6761, section 6.3). A service on it listens on one of
            # its two addresses as a rule, and a port that is closed on the other one says nothing.
            return ("127.0.0.1",)
        settings = self._inventory.settings
        if settings.resolver:
            found = await dns_addresses(name, self.dns)
        else:
            found = await system_addresses(name, settings.timeout)
        return found if isinstance(found, Unobserved) else _in_order(found)


def _plain(host: str) -> str:
    """A host as it is compared: lower case, without brackets and without the final dot."""
    return host.strip("[]").lower().removesuffix(".")


def _ip(address: str) -> Ip | None:
    try:
        return ip_address(address.strip("[]"))
    except ValueError:
        return None


def _in_order(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Each address once, IPv4 first: a machine without IPv6 is common, one without IPv4 is not."""
    ips = {ip for address in addresses if (ip := _ip(address)) is not None}
    in_order = sorted(ips, key=lambda ip: (ip.version, int(ip), str(ip)))
    return tuple(str(ip) for ip in in_order[:_MOST_ADDRESSES])


def _forms(ip: Ip) -> Iterator[Ip]:
    """An address and every IPv4 address that is hidden in it, for all of them are where a packet may end up."""
    yield ip
    if isinstance(ip, IPv4Address):
        return
    hidden = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if any(ip in network for network in _EMBEDDING):
        hidden.append(IPv4Address(int(ip) & 0xFFFF_FFFF))
    yield from (each for each in hidden if each is not None)


def _is_disguise(ip: Ip) -> bool:
    """Whether packets to this address go to the IPv4 address in it and nowhere else."""
    return isinstance(ip, IPv6Address) and (ip.ipv4_mapped is not None or ip in _EMBEDDING[0])


def _is_public(ip: Ip) -> bool:
    local = isinstance(ip, IPv6Address) and ip.is_site_local
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or local)


def _names(inventory: Inventory) -> Iterator[str]:
    for asset in inventory.assets:
        match asset:
            case Website():
                yield asset.host
                yield urlsplit(asset.http_url or "").hostname or ""
                yield asset.address or ""
            case TlsService():
                yield asset.host
                yield asset.server_name or ""
            case Host():
                yield asset.address or ""
