"""DNS records, from the server that the inventory names or from this machine's own.

That there is nothing at a name is an answer. Failure, refusal, silence and garbage are gaps, and never "missing".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.resolver

from scanner.model.foreign import harmless
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._name_server import NameServer

# Aliases of aliases that are followed; resolvers give up at about as many.
_MOST_ALIASES = 8

# A machine's own servers that are asked one after the other; the resolver of libc uses as many (resolv.conf(5)).
_MOST_SERVERS = 3

_ANSWERS = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})


@dataclass(frozen=True, kw_only=True)
class Records:
    """What DNS has at a name, of one type, behind any aliases.

    Attributes:
        values: one text per record, sorted; names are without their final dot. `A`, `AAAA`: the address. `MX`:
            `PREFERENCE HOST` (host `.` for a null MX). `TXT`: its strings joined, decoded with replacement. `TLSA`:
            `USAGE SELECTOR TYPE HEX`. Others as in a zone file. They may hold any character.
        authenticated: whether the server says that it validated the answer by DNSSEC (the AD flag).
        exists: whether there is such a name at all; False where DNS says that there is not (NXDOMAIN).
    """

    values: tuple[str, ...]
    authenticated: bool
    exists: bool


class Dns:
    """The look-ups of a run. Each name and type is asked for once; all of it belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lookups: dict[tuple[str, str], asyncio.Task[Records | Unobserved]] = {}
        self._servers: tuple[NameServer, ...] | None = None

    async def records(self, name: str, kind: str) -> Records | Unobserved:
        """The records of a type (`MX`, `TXT`…) at a name; a look-up that is under way is waited for, not repeated."""
        key = (name.lower().removesuffix("."), kind)
        if key not in self._lookups:
            self._lookups[key] = asyncio.create_task(self._look_up(*key))
        # Shielded: who gives up waiting must not spoil the answer for the others.
        return await asyncio.shield(self._lookups[key])

    async def _look_up(self, text: str, kind: str) -> Records | Unobserved:
        name = parsed(text)
        if name is None:
            return _gap(f"{harmless(text, 260)} is not a valid host name; correct it in the inventory.")
        authenticated = True
        for _ in range(_MOST_ALIASES):
            message = await self._message(name, kind)
            if isinstance(message, Unobserved):
                return message
            authenticated &= bool(message.flags & dns.flags.AD)
            try:
                chain = message.resolve_chaining()
            except dns.exception.DNSException as error:
                return self._unusable(name, kind, error)
            exists = message.rcode() != dns.rcode.NXDOMAIN
            if chain.answer is not None or not exists or chain.canonical_name == name:
                values = tuple(sorted(map(_text, chain.answer or ())))
                return Records(values=values, authenticated=authenticated, exists=exists)
            name = chain.canonical_name  # an alias that the server did not follow
        return _gap(f"{harmless(text, 260)} is an alias of an alias, and so on without end; correct its CNAME records.")

    async def _message(self, name: dns.name.Name, kind: str) -> dns.message.QueryMessage | Unobserved:
        """The first server's answer; the next one's where that fails."""
        servers = self._known()
        if isinstance(servers, Unobserved):
            return servers
        gap = _gap(
            f"{' and '.join(map(str, servers))} answered no DNS question for a while and {_are_not(len(servers))} "
            "asked for a minute; check the resolver of this machine, or settings.resolver."
        )
        for server in servers:
            if server.is_dead:
                continue
            answer = await _ask(server, name, kind)
            if not isinstance(answer, Unobserved):
                return answer
            gap = answer
        return gap

    def _known(self) -> tuple[NameServer, ...] | Unobserved:
        if self._servers is None:
            found = _servers(self._settings)
            if not found:
                return _gap("This machine has no DNS server of its own; set settings.resolver in the inventory.")
            self._servers = found
        return self._servers

    def _unusable(self, name: dns.name.Name, kind: str, error: Exception) -> Unobserved:
        said = type(error).__name__
        return _gap(f"The DNS answer for {kind} of {shown(name)} is unusable ({said}); check the zone.")


async def _ask(server: NameServer, name: dns.name.Name, kind: str) -> dns.message.QueryMessage | Unobserved:
    """One server's answer that says something about the name."""
    asked = f"{kind} of {shown(name)}"
    try:
        message = await server.ask(name, kind)
    except dns.exception.Timeout:
        return _gap(
            f"The DNS server {server} did not answer for {asked} in time; check the zone and settings.resolver."
        )
    except (dns.exception.DNSException, OSError, EOFError) as error:
        said = type(error).__name__
        return _gap(f"The DNS server {server} gave no usable answer for {asked} ({said}); check settings.resolver.")
    if not isinstance(message, dns.message.QueryMessage):
        return _gap(f"The DNS server {server} answered for {asked} with something else; check settings.resolver.")
    if message.rcode() not in _ANSWERS:
        said = dns.rcode.to_text(message.rcode())
        return _gap(
            f"The DNS server {server} failed or refused to answer for {asked} ({said}); "
            "check the zone, its DNSSEC signatures and settings.resolver."
        )
    return message


def parsed(text: str) -> dns.name.Name | None:
    """A name as DNS takes it, international labels as A-labels; None where it is none."""
    try:
        name = dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError, ValueError):
        return None
    return name


def shown(name: dns.name.Name) -> str:
    """A name for people."""
    return harmless(name.to_text(omit_final_dot=True), 260)


def _servers(settings: Settings) -> tuple[NameServer, ...]:
    if settings.resolver:
        address, _, port = settings.resolver.rpartition(":")
        return (NameServer(address.strip("[]"), int(port), settings.timeout),)
    try:
        system = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return ()
    found = [str(each) for each in system.nameservers if isinstance(each, str)]
    return tuple(NameServer(each, system.port, settings.timeout) for each in found[:_MOST_SERVERS])


def _text(record: dns.rdata.Rdata) -> str:
    """See `Records.values`."""
    match record.rdtype.name:
        case "TXT":
            return b"".join(record.strings).decode("utf-8", "replace")  # type: ignore[attr-defined]
        case "MX":
            return f"{record.preference} {record.exchange.to_text(omit_final_dot=True)}"  # type: ignore[attr-defined]
        case "PTR":
            return str(record.target.to_text(omit_final_dot=True))  # type: ignore[attr-defined]
        case "TLSA":
            return f"{record.usage} {record.selector} {record.mtype} {record.cert.hex()}"  # type: ignore[attr-defined]
    return record.to_text()


def _are_not(count: int) -> str:
    return "is not" if count == 1 else "are not"


def _gap(detail: str) -> Unobserved:
    return Unobserved(cause=Cause.DNS, detail=detail)
