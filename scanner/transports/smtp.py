"""SMTP conversations up to TLS: one connection at a time per provider, and each server asked once in a run.

Nothing but EHLO and STARTTLS is ever said, no mail is begun, and nothing is trusted or judged.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from scanner.model.asset import StartTls
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.pace import Pace
from scanner.transports.starttls import NotOffered
from scanner.transports.tls_enumerator import look
from scanner.transports.tls_handshake import Handshake, shake_hands_if_offered

# Connecting, the words before TLS and the handshake may each take the step's time.
_STEPS = 3

# What an enumeration may take, in steps, where OpenSSL could not complete the server's TLS.
_STEPS_OF_ENUMERATION = 8

# A rate limit is met once more after the pause that it orders, and then told.
_TRIES = 2


@dataclass(frozen=True, kw_only=True)
class WithoutTls:
    """The server answered EHLO and offers no TLS; `said` is one clause that shows it."""

    said: str


Sight = Handshake | WithoutTls | Unobserved


class MailServers:
    """The mail servers of a run, by address and port. All of it belongs to one event loop."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._talks: dict[tuple[str, int, str | None], asyncio.Task[Sight]] = {}
        self._first: dict[tuple[str, int], asyncio.Task[Sight]] = {}

    async def see(self, target: TlsTarget, provider: str, *, until: float, as_named: bool = False) -> Sight:
        """How a server speaks TLS; what was seen of it before in this run is not asked again.

        Args:
            target: the server; its `starttls` is taken to be SMTP.
            provider: who runs it; there is one conversation at a time with each.
            until: when the asker stops waiting, in the event loop's time.
            as_named: whether the answer must be for the target's own server name, as its chain is what matters.
        """
        place, exactly = (target.address, target.port), (target.address, target.port, target.server_name)
        talk = self._talks.get(exactly) if as_named else self._first.get(place)
        if talk is None:
            talk = asyncio.create_task(self._talk(replace(target, starttls=StartTls.SMTP), provider))
            self._talks[exactly] = talk
            self._first.setdefault(place, talk)
        try:
            async with asyncio.timeout_at(until):
                # Shielded: who gives up waiting must not spoil the answer for the others.
                return await asyncio.shield(talk)
        except TimeoutError:
            detail = (
                f"{target.peer} waited for its turn behind other mail domains of {provider} too long; scan it alone."
            )
            return Unobserved(cause=Cause.TIMEOUT, detail=detail)

    async def _talk(self, target: TlsTarget, provider: str) -> Sight:
        seen: Sight = await self._once(target, provider)
        for _ in range(_TRIES - 1):
            if not _is_limited(seen):
                break
            seen = await self._once(target, provider)
        if isinstance(seen, Unobserved) and seen.cause is Cause.UNSUPPORTED:
            return await self._enumerated(target, provider, seen)
        return seen

    async def _once(self, target: TlsTarget, provider: str) -> Sight:
        async with self._pace.turn(provider, at_once=1), self._pace.turn(target.peer, at_once=1):
            until = asyncio.get_running_loop().time() + _STEPS * target.timeout
            try:
                seen: Sight = await shake_hands_if_offered(target, until=until)
            except NotOffered as refusal:
                return WithoutTls(said=refusal.said)
        if _is_limited(seen):
            self._pace.slow_down(provider)
        return seen

    async def _enumerated(self, target: TlsTarget, provider: str, gap: Unobserved) -> Sight:
        """What hellos of our own show of a server whose TLS OpenSSL cannot speak any more; else the gap."""
        until = asyncio.get_running_loop().time() + _STEPS_OF_ENUMERATION * target.timeout
        async with self._pace.turn(provider, at_once=1):
            sight = await look(target, self._pace, until=until)
        if isinstance(sight, Unobserved):
            return gap
        if not sight.tls.accepted:
            return gap
        newest = sight.tls.accepted[-1]
        suite = newest.suites[0] if isinstance(newest.suites, tuple) else ""
        return Handshake(version=newest.version, suite=suite, chain=sight.chains[0] if sight.chains else ())


def _is_limited(seen: Sight) -> bool:
    return isinstance(seen, Unobserved) and seen.cause is Cause.RATE_LIMITED
