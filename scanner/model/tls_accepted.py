"""What TLS a server was seen to complete, as evidence for checks that speak no TLS themselves. Pure."""

from __future__ import annotations

from scanner.model.facts.tls import AddressTls, TlsFacts
from scanner.model.finding import Evidence
from scanner.model.unobserved import Unobserved


def accepted_at(tls: TlsFacts | Unobserved, address: str) -> tuple[Evidence, ...]:
    """The versions and suites that were seen accepted at an address; empty where none was."""
    answered = () if isinstance(tls, Unobserved) else tls.addresses
    here = [each for each in answered if isinstance(each, AddressTls) and each.address == address]
    return tuple(
        Evidence(fact=f"{version.version} accepted at {address}", value=", ".join(version.suites), source=TlsFacts)
        for each in here
        for version in each.accepted
        if isinstance(version.suites, tuple)
    )
