"""Which addresses of a site are asked, and which are not: one rule for every probe of a website."""

from __future__ import annotations

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.addresses import Addresses

MOST_ADDRESSES = 16
"""More addresses than any city's website has; those beyond are told as not seen."""

NotAsked = tuple[tuple[str, Unobserved], ...]


async def to_ask(host: str, addresses: Addresses) -> tuple[tuple[str, ...], NotAsked]:
    """The addresses of a host to ask, and what is not asked, each with the reason.

    What is not asked is an address that the authorization excludes, the addresses beyond the most that are asked, or
    the host itself where none of its addresses can be asked.
    """
    found = await addresses.of(host)
    if isinstance(found, Unobserved):
        return (), ((host, found),)
    gaps = list((await addresses.excluded(host))[:MOST_ADDRESSES])
    if len(found) > MOST_ADDRESSES:
        detail = (
            f"{host} has {len(found)} addresses and civicseal asks the first {MOST_ADDRESSES}; "
            "declare the others as sites of their own, with `address:`."
        )
        gaps.append((f"{host}, other addresses", Unobserved(cause=Cause.NOT_DECLARED, detail=detail)))
    return found[:MOST_ADDRESSES], tuple(gaps)
