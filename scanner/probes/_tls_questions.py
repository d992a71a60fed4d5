"""The questions that need a real TLS stack, asked by the workers: tests for holes, and early data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from typing import TypeVar

from scanner.model.facts.tls import AddressTls, Trait
from scanner.model.facts.tls_tests import AddressHoles, Hole, HoleAnswer, Impossible, NotTested
from scanner.model.tls_holes import ACTIVE, possible, seen_in_hellos
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._tls_target import no_turn
from scanner.transports.shared import Transports
from scanner.transports.starttls import at_once
from scanner.transports.tls import TlsTarget

# How often a test is tried that met a rate limit; between the attempts the pace slows down.
_ATTEMPTS = 2

Value = TypeVar("Value")


async def early_data(target: TlsTarget, tls: AddressTls, transports: Transports, *, web: bool, until: float) -> Trait:
    """Whether early data is accepted; None without TLS 1.3.

    Asked of websites alone: the question needs an HTTP request, which no other service would understand.
    """
    newest = tls.answer("TLSv1.3")
    if isinstance(newest, Unobserved):
        return newest
    if not newest:
        return None
    if not web:
        detail = f"{target.peer} was not asked for early data, for the question needs an HTTP request."
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    return await in_turn(
        target, transports, lambda: transports.tls.early_data(target, until=until), lambda gap: gap, until=until
    )


async def holes(target: TlsTarget, tls: AddressTls, transports: Transports, *, until: float) -> AddressHoles:
    """The answer for each hole; a test is sent only where the hole can be and the city allows the test.

    Where it does not, nothing is said of such holes, also where the hellos alone would exclude them: the reason tells.
    """
    answers: dict[Hole, HoleAnswer] = {Hole.COMPRESSION: seen_in_hellos(tls)}
    for hole in ACTIVE:
        excluded = possible(hole, tls)
        if not transports.settings.active_tests:
            answers[hole] = _not_allowed(hole, target, excluded)
        elif excluded is not None:
            answers[hole] = excluded
    wanted = frozenset(hole for hole in Hole if hole not in answers)
    for answer in await tested(target, tls, wanted, transports, until=until):
        answers[answer.hole] = answer
    return AddressHoles(address=target.address, answers=tuple(answers[hole] for hole in Hole))


def _not_allowed(hole: Hole, target: TlsTarget, excluded: Impossible | None) -> NotTested:
    detail = (
        f"{target.peer} was not tested for {hole.value}, for settings.active_tests is false; "
        "set it to true to have known holes tested for."
    )
    if excluded is not None:
        detail = f"{detail} Its hellos alone say that it hardly has this one: {excluded.because}."
    return NotTested(
        hole=hole, gap=Unobserved(cause=Cause.NOT_DECLARED, detail=detail, subject=hole.value, by_choice=True)
    )


async def tested(
    target: TlsTarget, tls: AddressTls, wanted: Collection[Hole], transports: Transports, *, until: float
) -> tuple[HoleAnswer, ...]:
    """The answers to tests that are sent, and sent again after a pause where a rate limit was met."""
    answers: dict[Hole, HoleAnswer] = {}
    left = frozenset(wanted)
    for _ in range(_ATTEMPTS):
        if not left:
            break
        for answer in await _test(target, tls, left, transports, until=until):
            answers[answer.hole] = answer
        left = frozenset(hole for hole, answer in answers.items() if _limited(answer))
        if left:
            transports.pace.slow_down(target.peer)
    return tuple(answers.values())


def _limited(answer: HoleAnswer) -> bool:
    return isinstance(answer, NotTested) and answer.gap.cause is Cause.RATE_LIMITED


async def _test(
    target: TlsTarget, tls: AddressTls, wanted: frozenset[Hole], transports: Transports, *, until: float
) -> tuple[HoleAnswer, ...]:
    def without_turn(gap: Unobserved) -> tuple[HoleAnswer, ...]:
        """No answer to any of the tests."""
        return tuple(
            NotTested(hole=hole, gap=Unobserved(cause=gap.cause, detail=gap.detail, subject=hole.value))
            for hole in sorted(wanted)
        )

    return await in_turn(
        target, transports, lambda: transports.tls.test(target, tls, wanted, until=until), without_turn, until=until
    )


async def in_turn(
    target: TlsTarget,
    transports: Transports,
    ask: Callable[[], Awaitable[Value]],
    otherwise: Callable[[Unobserved], Value],
    *,
    until: float,
) -> Value:
    """Asks when it is our turn at this server; `otherwise` makes an answer of the gap where that does not come."""
    async with AsyncExitStack() as turn:
        try:
            await turn.enter_async_context(
                transports.pace.turn(target.peer, at_once=at_once(target.starttls), until=until)
            )
        except TimeoutError:
            return otherwise(no_turn(target))
        return await ask()
