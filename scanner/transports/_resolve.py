"""All IPv4 and IPv6 addresses of a name, from DNS records or from this machine's own resolver."""

from __future__ import annotations

import asyncio
import socket

from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import unobserved_from
from scanner.transports._threads import in_thread
from scanner.transports.dns import Dns, Records


async def dns_addresses(host: str, dns: Dns) -> tuple[str, ...] | Unobserved:
    """A and AAAA records. One family that fails does not matter while the other one has records."""
    answers = await asyncio.gather(dns.records(host, "A"), dns.records(host, "AAAA"))
    seen = [answer for answer in answers if isinstance(answer, Records)]
    found = tuple(address for answer in seen for address in answer.values)
    if found:
        return found
    gaps = [answer for answer in answers if isinstance(answer, Unobserved)]
    if gaps:
        return gaps[0]
    if not all(answer.exists for answer in seen):
        return _dns(f"DNS says that {host} does not exist; check the name, or set `address:` for it.")
    return _dns(f"DNS has no address for {host}; check the name, or set `address:` for it.")


async def system_addresses(host: str, deadline: float) -> tuple[str, ...] | Unobserved:
    """What this machine itself would connect to: hosts file, DNS and whatever else it is set up with."""
    try:
        found = await in_thread(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), deadline=deadline)
    except TimeoutError:
        return _dns(
            f"Looking up {harmless(host, 260)} took too long; check this machine's DNS, or set settings.resolver."
        )
    except (OSError, UnicodeError) as error:
        return unobserved_from(error, where=harmless(host, 260))
    return tuple(str(entry[4][0]) for entry in found)


def _dns(detail: str) -> Unobserved:
    return Unobserved(cause=Cause.DNS, detail=detail)
