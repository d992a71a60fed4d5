"""Steps that several probes plan alike: names that are looked up, peers, and programs that give out a secret."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator

from scanner.model.dns_names import as_ip
from scanner.model.inventory import Settings
from scanner.model.secret import SecretRef, SecretSource
from scanner.probes.base import Step
from scanner.transports.addresses import endpoint


def dns(hosts: Iterable[str | None], settings: Settings) -> Iterator[Step]:
    """The look-up of the names among some hosts; nothing where all are addresses or this machine (RFC 6761, 6.3)."""
    plain = (host.strip("[]").removesuffix(".") for host in hosts if host)
    names = [name for name in dict.fromkeys(plain) if not as_ip(name) and not f".{name.lower()}".endswith(".localhost")]
    if names:
        yield Step(action="DNS", target=f"{', '.join(names)} from {resolver(settings)}")


def resolver(settings: Settings) -> str:
    """Who is asked for names and records."""
    return f"the resolver {settings.resolver}" if settings.resolver else "this machine's resolver"


def peers(host: str, port: int) -> str:
    """What is connected to: an address, or every address that a name has, which `plan` does not look up."""
    return endpoint(host, port) if as_ip(host) else f"every address of {endpoint(host, port)}"


def programs(secrets: Iterable[SecretRef | None]) -> Iterator[Step]:
    """Each program that is run on this machine for a secret, by its name: its arguments may be delicate."""
    commands = (each.value[0] for each in secrets if each and each.source is SecretSource.COMMAND and each.value)
    for program in dict.fromkeys(commands):
        yield Step(action="run here", target=f"{program}, which gives out a secret", account=getpass.getuser())
