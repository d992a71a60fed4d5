"""Asking DNS: all IPv4 and IPv6 addresses of a name, from the system or from a DNS server that the inventory names."""

from __future__ import annotations

import asyncio
import socket

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import unobserved_from
from scanner.transports._threads import in_thread


class NameServer:
    """One DNS server, `ADDRESS:PORT`, asked over UDP, and over TCP where an answer is too long."""

    def __init__(self, resolver: str, timeout: float) -> None:
        address, _, port = resolver.rpartition(":")
        self._resolver = dns.asyncresolver.Resolver(configure=False)
        self._resolver.nameservers = [address.strip("[]")]
        self._resolver.port = int(port)
        self._resolver.lifetime = timeout
        self._resolver.timeout = timeout

    async def addresses(self, host: str) -> tuple[str, ...] | Unobserved:
        """A and AAAA records. One family that fails does not matter while the other one has records."""
        try:
            name = dns.name.from_text(host, idna_codec=dns.name.IDNA_2008_Practical)
        except (dns.exception.DNSException, UnicodeError, ValueError):
            return _dns(f"{harmless(host, 260)} is not a valid host name; correct it in the inventory.")
        v4, v6 = await asyncio.gather(self._records(name, "A"), self._records(name, "AAAA"))
        found = tuple(address for answer in (v4, v6) if not isinstance(answer, Unobserved) for address in answer)
        if found:
            return found
        gaps = [answer for answer in (v4, v6) if isinstance(answer, Unobserved)]
        return gaps[0] if gaps else _dns(f"DNS has no address for {host}; check the name, or set `address:` for it.")

    async def _records(self, name: dns.name.Name, kind: str) -> tuple[str, ...] | Unobserved:
        shown = name.to_text(omit_final_dot=True)
        try:
            answer = await self._resolver.resolve(name, kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return _dns(f"DNS says that {shown} does not exist; check the name, or set `address:` for it.")
        except dns.exception.Timeout:
            return _dns(f"The DNS server did not answer for {shown} in time; check settings.resolver.")
        except dns.resolver.NoNameservers:
            return _dns(
                f"The DNS server failed or refused to answer for {shown}; check its zone and settings.resolver."
            )
        except (dns.exception.DNSException, OSError) as error:
            said = type(error).__name__
            return _dns(f"The DNS server's answer for {shown} is unusable ({said}); check settings.resolver.")
        return tuple(record.to_text() for record in answer.rrset or ())


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
