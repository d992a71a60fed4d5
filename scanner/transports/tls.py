"""What needs a real TLS stack, done by worker processes that hold OpenSSL, old and new, and sslyze.

Neither is ever imported here: they are slow to load, their C code can hang or crash, and they keep memory. Every
question is asked as soon as somebody wants it: a job waits for nothing but its own server. Jobs whose worker died are
done once more, apart from the others, so that the one at which the old OpenSSL crashes takes nobody with it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from scanner.model.facts.tls import AddressTls, Deployment
from scanner.model.facts.tls_tests import Hole, HoleAnswer, NotTested
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_crew import Crew, Lost
from scanner.transports._tls_judged import Judged
from scanner.transports._tls_protocol import (
    AskEarlyData,
    CrossCheck,
    Disagreement,
    Get,
    Job,
    Judge,
    Part,
    RawHead,
    Task,
    TlsTarget,
    TryHoles,
)

__all__ = ["Disagreement", "RawHead", "TlsTarget", "TlsWorkers"]

# Each holds some 70 MB; a machine that scans has other work to do as well.
_MOST_WORKERS = 2
_MOST_APART = 2

# A server has one chain per kind of key; more are a peer that makes them up as it goes.
_MOST_DEPLOYMENTS = 4

Answer = tuple[list[Part], Unobserved | None]
"""The parts of an answer, and what broke it off."""

Value = TypeVar("Value")


class TlsWorkers:
    """The workers of a run. Nothing starts before the first question.

    Args:
        count: worker processes at most; by default two, or one on a machine with one processor.
    """

    def __init__(self, count: int | None = None) -> None:
        self._crew = Crew(count or min(os.cpu_count() or 1, _MOST_WORKERS))
        self._apart = Crew(_MOST_APART, alone=True)
        self._judged = Judged(self._judge)

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that live at this moment."""
        return self._crew.pids + self._apart.pids

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._judged.end()
        await asyncio.gather(self._crew.end(), self._apart.end())

    def warm_up(self) -> None:
        """Has a worker loaded while others still look for something to ask it."""
        self._crew.warm_up()

    async def judge(
        self, chains: Sequence[tuple[str, ...]], ca_bundle: str | Unobserved | None, *, peer: str, until: float
    ) -> tuple[Deployment, ...] | Unobserved:
        """What each trust store says about the chains that a server presented.

        Args:
            chains: PEM, leaf first; each is judged once in a run, however many servers present it.
            ca_bundle: extra trust anchors in PEM, or why they cannot be read; None where none are declared.
            peer: `ADDRESS:PORT`, for people.
            until: hard deadline in the event loop's time.
        """
        wanted = [chain for chain in dict.fromkeys(chains) if chain][:_MOST_DEPLOYMENTS]
        if not wanted:
            detail = f"{peer} completes TLS without presenting a certificate."
            return Unobserved(cause=Cause.MALFORMED, detail=detail)
        found = [
            await self._judged.judge(Judge(chain=chain, ca_bundle=ca_bundle), peer=peer, until=until)
            for chain in wanted
        ]
        known = tuple(each for each in found if isinstance(each, Deployment))
        gaps = [each for each in found if isinstance(each, Unobserved)]
        return gaps[0] if gaps else known

    async def test(
        self, target: TlsTarget, tls: AddressTls, holes: Iterable[Hole], *, until: float
    ) -> tuple[HoleAnswer, ...]:
        """Tests for holes; whether they are possible and allowed is the caller's to know.

        Args:
            target: the server.
            tls: what its hellos showed.
            holes: what to test for, of those that a test is sent for.
            until: hard deadline in the event loop's time; what is known by then is kept.

        Returns:
            One answer for each of the holes.
        """
        wanted = tuple(hole for hole in Hole if hole in frozenset(holes))
        if not wanted:
            return ()
        parts, broken = await self._do(TryHoles(target=target, tls=tls, holes=wanted), target.peer, until)
        found = {part.hole.hole: part.hole for part in parts if part.hole is not None}
        gap = _first(part.gap for part in parts) or broken or _left_out(target.peer)
        return tuple(found.get(hole) or NotTested(hole=hole, gap=_about(gap, hole.value)) for hole in wanted)

    async def early_data(self, target: TlsTarget, *, until: float) -> bool | Unobserved:
        """Whether a server that speaks TLS 1.3 accepts early data; it is sent an HTTP request for that.

        Args:
            target: the server; one that turns TLS on by a command cannot be asked in this way.
            until: hard deadline in the event loop's time.
        """
        if target.starttls is not None:
            detail = f"{target.peer} was not asked for early data, for the question needs an HTTP request."
            return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
        parts, broken = await self._do(AskEarlyData(target=target), target.peer, until)
        for part in parts:
            if part.early_data is not None:
                return part.early_data
        return _first(part.gap for part in parts) or broken or _left_out(target.peer)

    async def cross_check(
        self, target: TlsTarget, tls: AddressTls, *, until: float
    ) -> tuple[Disagreement, ...] | Unobserved:
        """What sslyze's own commands see differently than the hellos did; none of them is a test for a hole.

        Args:
            target: the server.
            tls: what its hellos showed.
            until: hard deadline in the event loop's time.

        Returns:
            Each disagreement that was seen twice; a gap where the whole was not gone through and none was found.
        """
        parts, broken = await self._do(CrossCheck(target=target, tls=tls), target.peer, until)
        found = tuple(part.disagreement for part in parts if part.disagreement is not None)
        return found or _first(part.gap for part in parts) or broken or ()

    async def get(self, target: TlsTarget, request: str, *, until: float) -> RawHead | Unobserved:
        """Sends one HTTP request over whatever TLS the server completes, and brings the first bytes of its answer.

        Args:
            target: the server.
            request: the whole request, its blank line included.
            until: hard deadline in the event loop's time.
        """
        parts, broken = await self._do(Get(target=target, request=request), target.peer, until)
        nothing = Unobserved(cause=Cause.UNREACHABLE, detail=f"{target.peer} gave no answer over TLS.")
        return _first(part.head for part in parts) or _first(part.gap for part in parts) or broken or nothing

    async def _judge(self, task: Judge, peer: str, until: float) -> Deployment | Unobserved:
        parts, broken = await self._do(task, peer, until)
        found = _first(part.deployment for part in parts)
        return found or _first(part.gap for part in parts) or broken or _left_out(peer)

    async def _do(self, task: Task, peer: str, until: float) -> Answer:
        """The answer of a worker; of a second one, apart from the other jobs, where the first one dies."""
        parts: list[Part] = []
        for crew in (self._crew, self._apart):
            seconds = max(0.0, until - asyncio.get_running_loop().time())
            parts = []
            try:
                async with asyncio.timeout_at(until):
                    await crew.serve(Job(seconds=seconds, task=task), parts.append)
                return parts, None
            except TimeoutError:
                detail = f"{peer} answers too slowly: the time for this asset ended during TLS questions."
                return parts, Unobserved(cause=Cause.TIMEOUT, detail=detail)
            except Lost:
                continue
        detail = f"The TLS worker crashed while it was asking {peer}; please report this bug."
        return parts, Unobserved(cause=Cause.PROBE_CRASHED, detail=detail)


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)


def _about(gap: Unobserved, subject: str) -> Unobserved:
    return Unobserved(cause=gap.cause, detail=gap.detail, subject=subject)


def _left_out(peer: str) -> Unobserved:
    detail = f"The TLS worker left out a part of its answer about {peer}; please report this bug."
    return Unobserved(cause=Cause.PROBE_CRASHED, detail=detail)
