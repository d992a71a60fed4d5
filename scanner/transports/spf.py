"""SPF as a receiver evaluates it (RFC 7208, April 2014), by pyspf over our own DNS look-ups.

pyspf brings the grammar, the macros and the limits. How it asks DNS is replaced, so that the inventory's resolver is
asked, nothing is asked twice in a run, and what failed is told apart from what is not there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import spf

from scanner.model.facts.mail import SpfEvaluation, SpfRecord
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._threads import in_thread
from scanner.transports.dns import Dns, Records, parsed

STRANGER = "240.181.66.3"
"""A sender that no record can mean: the address is reserved for ever (RFC 1112, section 4)."""

STRANGER_V6 = "3fff:b5:4203::f003"
"""The same over IPv6: the network is for documentation alone (RFC 9637, section 3)."""

# What keeps a stranger out.
_CLOSED = frozenset({"fail", "softfail"})

# Where evaluation is given up, so that a person is told more than "over 10". pyspf takes 20 levels of include.
_MOST_LOOKUPS = 20

# No record that somebody keeps by hand is longer; pyspf's time grows with the square of the length.
_LONGEST_RECORD = 8192

_LONGEST_SHOWN = 1000
_MOST_RECORDS = 40
_MOST_NAMED = 4

_Ask = Callable[[str, str], Records | Unobserved]


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Whose mail is looked at: the connecting address, the envelope's sender, and the name given in HELO."""

    address: str
    mail_from: str
    helo: str


async def evaluate(domain: str, dns: Dns, *, seconds: float) -> SpfEvaluation | Unobserved:
    """What the domain's SPF says of a stranger; a gap where DNS failed on the way, or time ran out.

    Where a stranger over IPv4 is kept out, one over IPv6 is looked at too. What is counted are the look-ups for the
    first: both senders take the same ones, and names that have addresses of one kind alone are no fault.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    sender = Sender(address=STRANGER, mail_from=f"postmaster@{domain}", helo=domain)
    first = await evaluate_sender(sender, dns, seconds=seconds)
    if isinstance(first, Unobserved) or first.result not in _CLOSED:
        return first
    over_v6 = replace(sender, address=STRANGER_V6)
    second = await evaluate_sender(over_v6, dns, seconds=until - loop.time(), counts_void=False)
    if isinstance(second, Unobserved):
        return second
    if second.result in _CLOSED:
        return first
    return replace(second, lookups=max(first.lookups, second.lookups), void_lookups=first.void_lookups)


async def evaluate_sender(
    sender: Sender, dns: Dns, *, seconds: float, counts_void: bool = True
) -> SpfEvaluation | Unobserved:
    """What SPF says of a sender. pyspf blocks, so it runs in a thread and waits there for our look-ups.

    Args:
        seconds: the most that it may take.
        counts_void: whether too many look-ups that find nothing are an error.
    """
    loop = asyncio.get_running_loop()
    over = threading.Event()

    def ask(name: str, kind: str) -> Records | Unobserved:
        """One look-up, asked for from the thread; nothing more is asked when nobody waits any longer."""
        if over.is_set():
            return _too_long(sender)
        asked = asyncio.run_coroutine_threadsafe(dns.records(name, kind), loop)
        try:
            return asked.result(seconds)
        except (TimeoutError, asyncio.CancelledError, RuntimeError):
            return _too_long(sender)

    try:
        return await in_thread(
            lambda: _evaluate(_Query(sender, ask, counts_void=counts_void)), deadline=seconds, on_expiry=over.set
        )
    except TimeoutError:
        return _too_long(sender)


def _too_long(sender: Sender) -> Unobserved:
    return Unobserved(
        cause=Cause.DNS,
        detail=f"The DNS look-ups for the SPF of {harmless(sender.mail_from, 300)} took too long; scan again.",
    )


def _evaluate(query: _Query) -> SpfEvaluation | Unobserved:
    sender = query.sender
    try:
        result, _, explanation = query.check()
    except Exception as error:  # whatever a record makes the library do, it must cost this evaluation only
        said = type(error).__name__
        return Unobserved(
            cause=Cause.MALFORMED,
            detail=f"The SPF record of {harmless(sender.mail_from, 300)} cannot be evaluated ({said}); simplify it.",
        )
    if result == "temperror":
        return query.gap or _too_long(sender)
    return SpfEvaluation(
        result=result,
        problem=harmless(explanation.removeprefix("SPF Permanent Error: "), 300) if result == "permerror" else None,
        ended_by=harmless(query.mechanism, 200) if query.mechanism else None,
        lookups=query.lookups,
        void_lookups=query.void_lookups,
        read=tuple(query.read[:_MOST_RECORDS]),
    )


class _Query(spf.query):  # type: ignore[misc]
    """pyspf's evaluation of one sender, with our DNS below it."""

    def __init__(self, sender: Sender, ask: _Ask, *, counts_void: bool) -> None:
        self.sender = sender
        self.mechanism: str | None = None
        self.gap: Unobserved | None = None
        self.read: list[SpfRecord] = []
        self._ask = ask
        self._counts_void = counts_void
        self._under_way: list[str] = []
        super().__init__(i=sender.address, s=sender.mail_from, h=sender.helo, strict=True)

    def check_lookups(self) -> None:
        """Counts a term that causes look-ups; whether there are too many is for the policy to say."""
        self.lookups += 1
        if self.lookups > _MOST_LOOKUPS:
            raise spf.PermError(f"More than {_MOST_LOOKUPS} DNS lookups")

    def check1(self, spf: str | None, domain: str, recursion: int) -> tuple[str, int, str]:
        """Evaluates one record, unless it is the one of a domain that is being evaluated: that would never end."""
        name = domain.lower().removesuffix(".")
        if name in self._under_way:
            raise _loop_of((*self._under_way[self._under_way.index(name) :], name))
        self._under_way.append(name)
        try:
            found: tuple[str, int, str] = super().check1(spf, domain, recursion)
        finally:
            self._under_way.pop()
        return found

    def dns_spf(self, domain: str) -> str | None:
        """The record of a domain, which is noted."""
        found: str | None = super().dns_spf(domain)
        if found is not None and len(found) > _LONGEST_RECORD:
            raise ValueError(f"an SPF record of {len(found)} characters")
        text = None if found is None else harmless(found, _LONGEST_SHOWN)
        self.read.append(SpfRecord(domain=harmless(domain, 260), text=text))
        return found

    def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[object]:
        """The records at a name, as pyspf wants them. Nothing found counts as a void look-up, unless ignored."""
        name = str(name).removesuffix(".")
        if parsed(name) is None or not name.isascii():
            return []
        found = self._ask(name, qtype)
        if isinstance(found, Unobserved):
            self.gap = found
            raise spf.TempError(found.detail)
        values = [_as_pyspf(value, qtype) for value in found.values]
        if not values and self._counts_void and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
        return values


def _loop_of(names: tuple[str, ...]) -> Exception:
    """The error of records that lead back to themselves."""
    told = " to ".join(names) if len(names) <= _MOST_NAMED else f"{names[0]} by {len(names) - 2} others to itself"
    return spf.PermError(f"its include or redirect goes in a loop, from {told}")  # type: ignore[no-any-return]


def _as_pyspf(value: str, kind: str) -> object:
    if kind == "TXT":
        return (value[: _LONGEST_RECORD + 1].encode("utf-8", "replace"),)
    if kind == "MX":
        preference, _, host = value.partition(" ")
        return int(preference), host
    return value
