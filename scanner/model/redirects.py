"""What redirects show beside their end: permanence, leaving the host, and falling back to plain HTTP. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.model.facts.http import PERMANENT, Answered, Hop, host_of
from scanner.model.finding import Evidence


def notes(endpoint: Answered) -> Iterator[Evidence]:
    """Evidence about the redirects from one endpoint."""
    first = endpoint.first
    if first.target is not None:
        lasts = "permanent" if first.status in PERMANENT else "temporary, so browsers ask here again each time"
        other = host_of(first.target)
        where = "to the same host" if other == first.host else f"to another host, {other}"
        yield Evidence(fact=f"first redirect at {endpoint.address}", value=f"{lasts}; {where}")
    for hop in downgrades(endpoint.hops):
        yield Evidence(fact=f"redirect back to plain HTTP at {endpoint.address}", value=f"{hop.url} → {hop.target}")


def downgrades(hops: Iterable[Hop]) -> Iterator[Hop]:
    """The https answers that send browsers back to plain HTTP."""
    return (hop for hop in hops if not hop.plain and (hop.target or "").startswith("http:"))


def served_plainly(hops: Iterable[Hop], hosts: frozenset[str]) -> Hop | None:
    """The first plain answer of these hosts that does not lead to https; None without one."""
    return next((hop for hop in hops if hop.plain and hop.host in hosts and not hop.leads_to_https), None)
