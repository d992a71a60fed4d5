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

_SMTP = 25

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
    """The mail servers of a run, by address and port. All of it belongs to one event loop.

    There is one conversation at a time with a provider. A rate limit slows down the address that set it and no other,
    so that healthy servers of the same provider are asked in their turn; those that have set one are asked again one
    after the other, with the provider's pause between them once two addresses have done so.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._talks: dict[tuple[str, int, str | None], asyncio.Task[Sight]] = {}
        self._first: dict[tuple[str, int], asyncio.Task[Sight]] = {}
        self._met: dict[tuple[str, int], Sight] = {}
        self._limiting: dict[str, set[str]] = {}

    async def see(self, target: TlsTarget, provider: str, *, until: float, as_named: bool = False) -> Sight:
        """How a server speaks TLS; what was seen of it before in this run is not asked again.

        Args:
            target: the server; its `starttls` is taken to be SMTP.
            provider: who runs it; there is one conversation at a time with each.
            until: when the asker stops waiting, in the event loop's time.
            as_named: whether the answer must be for the target's own server name, as its chain is what matters.
        """
        place, exactly = _place(target), (*_place(target), target.server_name)
        talk = self._talks.get(exactly) if as_named else self._first.get(place)
        if talk is None:
            talk = asyncio.create_task(self._talk(replace(target, starttls=StartTls.SMTP), provider, until))
            self._talks[exactly] = talk
            self._first.setdefault(place, talk)
        try:
            async with asyncio.timeout_at(until):
                # Shielded: who gives up waiting must not spoil the answer for the others.
                return await asyncio.shield(talk)
        except TimeoutError:
            return self._met.get(place) or self._no_turn(target, provider)

    def _no_turn(self, target: TlsTarget, provider: str) -> Unobserved:
        """Why a server was not asked at all."""
        if self._limiting.get(provider):
            detail = (
                f"{target.peer} was not asked, as other mail servers of {provider} turned us away for now and its turn "
                "did not come; scan it alone."
            )
            return Unobserved(cause=Cause.RATE_LIMITED, detail=detail)
        detail = f"{target.peer} waited for its turn behind other mail servers of {provider} too long; scan it alone."
        return Unobserved(cause=Cause.TIMEOUT, detail=detail)

    async def _talk(self, target: TlsTarget, provider: str, until: float) -> Sight:
        seen = await self._once(target, provider)
        for _ in range(_TRIES - 1):
            if not _is_limited(seen):
                break
            self._met[_place(target)] = seen
            seen = await self._again(target, provider, until) or seen
        if isinstance(seen, Unobserved) and seen.cause is Cause.UNSUPPORTED:
            return await self._enumerated(target, provider, seen)
        return seen

    async def _again(self, target: TlsTarget, provider: str, until: float) -> Sight | None:
        """Asks a server that has turned us away, after the pauses; None where they last longer than the time."""
        try:
            async with self._pace.turn(_retries(provider), at_once=1, until=until):
                return await self._once(target, provider, until=until)
        except TimeoutError:
            return None

    async def _once(self, target: TlsTarget, provider: str, *, until: float | None = None) -> Sight:
        """One conversation, when it is this server's turn.

        Raises:
            TimeoutError: there was no turn until then.
        """
        # The pause of an address is waited for without keeping the provider's others waiting.
        async with self._pace.turn(target.peer, at_once=1, until=until):
            pass
        async with (
            self._pace.turn(provider, at_once=1, until=until),
            self._pace.turn(target.peer, at_once=1, until=until),
        ):
            seen = await _shake_hands(target)
        if _is_limited(seen):
            self._slow_down(target, provider)
        return seen

    def _slow_down(self, target: TlsTarget, provider: str) -> None:
        """Slows an address down that has set a limit; a provider only where two of its addresses have."""
        limiting = self._limiting.setdefault(provider, set())
        limiting.add(target.address)
        self._pace.slow_down(target.peer)
        if len(limiting) > 1:
            self._pace.slow_down(_retries(provider))

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


async def _shake_hands(target: TlsTarget) -> Sight:
    until = asyncio.get_running_loop().time() + _STEPS * target.timeout
    try:
        return _with_hint(await shake_hands_if_offered(target, until=until), target.port)
    except NotOffered as refusal:
        return WithoutTls(said=refusal.said)


def _with_hint(seen: Handshake | Unobserved, port: int) -> Sight:
    """The commonest reason why port 25 is not reached lies with neither side."""
    if port != _SMTP or not isinstance(seen, Unobserved) or seen.cause not in {Cause.UNREACHABLE, Cause.TIMEOUT}:
        return seen
    hint = "Many networks let nobody out to port 25: scan from one that may send mail."
    return Unobserved(cause=seen.cause, detail=f"{seen.detail} {hint}")


def _place(target: TlsTarget) -> tuple[str, int]:
    return target.address, target.port


def _retries(provider: str) -> str:
    """The place where those servers of a provider wait that have turned us away before."""
    return f"{provider} again"
