"""The other name of a site: with `www.` where it has none, without it where it has one.

BOD 18-01 and M-15-13 judge both as one site, over http and over https: the four endpoints.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scanner.model.asset import Website
from scanner.model.dns_names import as_ip
from scanner.model.facts.http import host_of
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.addresses import Addresses, endpoint
from scanner.transports.dns import Records
from scanner.transports.http import port_of

_WWW = "www."


def other_name(site: Website) -> str | None:
    """The other name; None for an IP address, a host that has none, and where the inventory declares an address."""
    host = host_of(site.url)
    if site.address is not None or as_ip(host) is not None or f".{host}".endswith(".localhost"):
        return None
    other = host.removeprefix(_WWW) if host.startswith(_WWW) else _WWW + host
    return other if "." in other.removeprefix(_WWW) else None


def at(host: str, url: str) -> str:
    """The front page of another host at the port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{endpoint(host, port_of(url))}/"


async def address_of(host: str, addresses: Addresses) -> str | Unobserved | None:
    """The one address at which the other name is asked; None where DNS has no such name.

    Nobody has declared it, so that no packet goes where no redirect may lead either.
    """
    found = await addresses.of(host)
    if isinstance(found, Unobserved):
        absent = found.cause is Cause.DNS and await _is_absent(host, addresses)
        return None if absent else found
    allowed = next((address for address in found if addresses.may_redirect_to(host, address)), None)
    if allowed is not None:
        return allowed
    detail = f"{host} is at {found[0]}, which the inventory does not name and which is not public; nothing was sent."
    return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)


async def _is_absent(host: str, addresses: Addresses) -> bool:
    """Whether DNS says that there is no address, which a failed look-up alone does not say."""
    answers = [await addresses.dns.records(host, kind) for kind in ("A", "AAAA")]
    return all(isinstance(answer, Records) and not answer.values for answer in answers)
