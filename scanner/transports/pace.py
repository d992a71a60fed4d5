"""How fast one place is asked: who takes turns at it, and how a rate limit slows all of us down.

A server that turns our own crowd away would look worse than it is: OpenSSH drops those who come while ten others have
not logged in yet, and mail servers answer 421 to more than a few connections. Whatever opens a connection to a place
that several questions share waits here for its turn.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0

# Places that have slowed us down are remembered so long as there are no more of them; one that has not is forgotten
# as soon as nobody is there.
_MOST_REMEMBERED = 4096


class Pace:
    """Turns at places, shared by all probes of a run. A place is `ADDRESS:PORT`, or the name of a provider.

    All of it belongs to one event loop.
    """

    def __init__(self) -> None:
        self._gates: dict[str, _Gate] = {}
        self._slowed: dict[str, None] = {}

    @asynccontextmanager
    async def turn(self, place: str, *, at_once: int = 4, until: float | None = None) -> AsyncIterator[None]:
        """`async with` waits until fewer than `at_once` hold a turn at this place and no pause is ordered.

        Who came first goes first. Never ask for a turn while holding one at the same place: where the place has slowed
        us down there is only one.

        Raises:
            TimeoutError: there was no turn until then, in the event loop's time; what is done in a turn is not bounded.
        """
        gate = self._gates.get(place) or self._gates.setdefault(place, _Gate())
        try:
            await gate.enter(at_once, until)
            try:
                yield
            finally:
                gate.leave()
        finally:
            if gate.is_idle and not gate.pause:
                self._gates.pop(place, None)

    def slow_down(self, place: str, seconds: float | None = None) -> None:
        """A rate limit was met here: from now on there is one turn at a time, and first a pause for everybody.

        The pause is a second, and twice as long each time that a turn after it met the limit again; `seconds` is how
        long the peer itself asked for. It is never longer than 30 s.
        """
        gate = self._gates.get(place) or self._gates.setdefault(place, _Gate())
        gate.slow_down(seconds)
        self._slowed.pop(place, None)
        self._slowed[place] = None
        if len(self._slowed) > _MOST_REMEMBERED:
            self._forget(next(iter(self._slowed)))

    def _forget(self, place: str) -> None:
        """Drops what is known of a place; where somebody still stands there, it keeps its gate until they have gone."""
        del self._slowed[place]
        gate = self._gates[place]
        gate.pause = 0.0
        if gate.is_idle:
            del self._gates[place]


class _Gate:
    """The turns at one place; `pause` is 0 until the place has slowed us down."""

    __slots__ = ("_not_before", "_running", "_timer", "_tried", "_waiting", "pause")

    def __init__(self) -> None:
        self.pause = 0.0
        self._not_before = 0.0
        self._running = 0
        self._timer: asyncio.TimerHandle | None = None
        self._tried = True  # whether a turn was given since the last rate limit
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    @property
    def is_idle(self) -> bool:
        """Whether nobody holds a turn or waits for one."""
        return not self._running and not self._waiting

    async def enter(self, at_once: int, until: float | None) -> None:
        """Waits for a turn; who is cancelled meanwhile holds none.

        Raises:
            TimeoutError: as `Pace.turn`.
        """
        if not self._waiting and self._may_enter(at_once):
            self._take()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, at_once))
        self._admit()
        try:
            async with asyncio.timeout_at(until):
                await turn
        except (asyncio.CancelledError, TimeoutError):
            if turn.done() and not turn.cancelled():  # it was ours by then, so the next one gets it
                self.leave()
            else:
                with suppress(ValueError):
                    self._waiting.remove((turn, at_once))
                self._admit()
            raise

    def leave(self) -> None:
        """Gives a turn back."""
        self._running -= 1
        self._admit()

    def slow_down(self, seconds: float | None) -> None:
        """Orders a pause. Those whose turns began before the last one meet the same limit, which counts once."""
        if self._tried:
            self.pause = min(_LONGEST_PAUSE, self.pause * 2 or _FIRST_PAUSE)
        self.pause = min(_LONGEST_PAUSE, max(self.pause, seconds or 0.0))
        self._tried = False
        self._not_before = asyncio.get_running_loop().time() + self.pause
        self._admit()

    def _may_enter(self, at_once: int) -> bool:
        return self._running < (1 if self.pause else at_once) and not self._to_wait()

    def _to_wait(self) -> float:
        """Seconds that the pause still lasts."""
        if not self.pause:
            return 0.0
        return max(0.0, self._not_before - asyncio.get_running_loop().time())

    def _take(self) -> None:
        self._running += 1
        self._tried = True

    def _admit(self) -> None:
        """Gives turns to those who wait longest, and comes back when a pause ends."""
        while self._waiting and (self._waiting[0][0].done() or self._may_enter(self._waiting[0][1])):
            turn, _ = self._waiting.popleft()
            if not turn.done():
                self._take()
                turn.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and (seconds := self._to_wait()):
            self._timer = asyncio.get_running_loop().call_later(seconds, self._admit)
