"""Turns at one place: a crowd of ours waits for itself, and a rate limit slows all of it down."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scanner.transports import pace as module
from scanner.transports.pace import Pace

MAIL = "192.0.2.1:25"


class Room:
    """Counts who is inside at the same time, and notes the order of coming in."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.order: list[int] = []

    async def visit(self, pace: Pace, number: int = 0, *, place: str = MAIL, **options: Any) -> None:
        async with pace.turn(place, **options):
            self.order.append(number)
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(0)
            self.inside -= 1


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that a test can wait for."""
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(module, "_LONGEST_PAUSE", 0.1)


async def test_no_more_than_a_few_are_at_one_place_and_all_get_their_turn() -> None:
    room, pace = Room(), Pace()
    await asyncio.gather(*(room.visit(pace, each) for each in range(50)))
    assert (room.most, room.order) == (4, list(range(50)))


async def test_the_caller_says_how_many() -> None:
    room, pace = Room(), Pace()
    await asyncio.gather(*(room.visit(pace, at_once=1) for _ in range(10)))
    assert room.most == 1


async def test_who_needs_to_be_alone_is_not_passed_by_those_who_do_not() -> None:
    room, pace = Room(), Pace()
    await asyncio.gather(*(room.visit(pace, each, at_once=1 if each == 3 else 4) for each in range(12)))
    assert room.order == list(range(12))


async def test_other_places_do_not_wait() -> None:
    pace = Pace()
    async with pace.turn(MAIL, at_once=1), pace.turn("192.0.2.1:465", at_once=1), pace.turn("192.0.2.2:25", at_once=1):
        pass


async def test_nothing_is_kept_of_a_place_that_nobody_stands_at() -> None:
    room, pace = Room(), Pace()
    await asyncio.gather(*(room.visit(pace, place=f"192.0.2.{each}:25") for each in range(200)))
    assert not pace._gates


async def test_a_rate_limit_brings_a_pause_and_then_one_at_a_time(short_pauses: None) -> None:
    room, pace, loop = Room(), Pace(), asyncio.get_running_loop()
    before = loop.time()
    pace.slow_down(MAIL)
    await asyncio.gather(*(room.visit(pace, each) for each in range(8)))
    assert loop.time() - before >= 0.019
    assert (room.most, room.order) == (1, list(range(8)))


async def test_the_place_stays_slow_after_everybody_has_gone(short_pauses: None) -> None:
    room, pace = Room(), Pace()
    pace.slow_down(MAIL)
    await room.visit(pace)
    await asyncio.gather(*(room.visit(pace) for _ in range(5)))
    assert room.most == 1


async def test_those_inside_when_the_limit_is_met_are_waited_for(short_pauses: None) -> None:
    pace, release = Pace(), asyncio.Event()

    async def stay() -> None:
        async with pace.turn(MAIL):
            await release.wait()

    inside = [asyncio.create_task(stay()) for _ in range(3)]
    await asyncio.sleep(0)
    pace.slow_down(MAIL)
    room = Room()
    late = asyncio.create_task(room.visit(pace))
    await asyncio.sleep(0.05)
    assert not room.order
    release.set()
    await asyncio.wait_for(asyncio.gather(late, *inside), 5)


async def test_a_pause_doubles_each_time_the_limit_is_met_again_up_to_the_longest(short_pauses: None) -> None:
    pace, pauses = Pace(), []
    for _ in range(5):
        pace.slow_down(MAIL)
        pauses.append(pace._gates[MAIL].pause)
        await Room().visit(pace)
    assert pauses == pytest.approx([0.02, 0.04, 0.08, 0.1, 0.1])


async def test_a_crowd_that_meets_one_limit_together_counts_once(short_pauses: None) -> None:
    pace = Pace()
    for _ in range(10):
        pace.slow_down(MAIL)
    assert pace._gates[MAIL].pause == pytest.approx(0.02)


@pytest.mark.parametrize(("asked", "given"), [(0.05, 0.05), (3600.0, 0.1), (0.0, 0.02), (-5.0, 0.02)])
async def test_the_peer_may_ask_for_a_pause_within_bounds(short_pauses: None, asked: float, given: float) -> None:
    pace = Pace()
    pace.slow_down(MAIL, asked)
    assert pace._gates[MAIL].pause == pytest.approx(given)


async def test_a_limit_met_while_others_wait_lengthens_their_pause(short_pauses: None) -> None:
    room, pace, loop = Room(), Pace(), asyncio.get_running_loop()
    before = loop.time()
    pace.slow_down(MAIL)
    waiting = asyncio.create_task(room.visit(pace))
    await asyncio.sleep(0)
    pace.slow_down(MAIL, 0.1)
    await waiting
    assert loop.time() - before >= 0.099


async def test_who_gives_up_while_waiting_takes_no_turn_away() -> None:
    room, pace = Room(), Pace()
    async with pace.turn(MAIL, at_once=1):
        waiting = [asyncio.create_task(room.visit(pace, each, at_once=1)) for each in range(5)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[2].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert room.order == [1, 3, 4]
    assert not pace._gates


async def test_who_gives_up_at_the_moment_of_getting_the_turn_hands_it_on() -> None:
    room, pace = Room(), Pace()
    async with pace.turn(MAIL, at_once=1):
        waiting = [asyncio.create_task(room.visit(pace, each, at_once=1)) for each in range(3)]
        await asyncio.sleep(0)
    waiting[0].cancel()  # its turn is given by now, but it has not run yet
    await asyncio.gather(*waiting, return_exceptions=True)
    assert room.order == [1, 2]
    assert not pace._gates


async def test_a_pause_that_nobody_waits_out_any_more_leaves_the_others_their_turn(short_pauses: None) -> None:
    room, pace = Room(), Pace()
    pace.slow_down(MAIL)
    waiting = [asyncio.create_task(room.visit(pace, each)) for each in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert room.order == [1, 2]


async def test_who_has_no_turn_in_time_is_told_so_and_the_others_go_on() -> None:
    room, pace, now = Room(), Pace(), asyncio.get_running_loop().time()
    async with pace.turn(MAIL, at_once=1):
        waiting = asyncio.create_task(room.visit(pace, 2, at_once=1))
        with pytest.raises(TimeoutError):
            await room.visit(pace, 1, at_once=1, until=now + 0.05)
    await waiting
    assert room.order == [2]
    assert not pace._gates


async def test_the_time_for_a_turn_does_not_bound_what_is_done_in_it() -> None:
    pace = Pace()
    async with pace.turn(MAIL, at_once=1, until=asyncio.get_running_loop().time() + 0.02):
        await asyncio.sleep(0.05)


async def test_an_error_inside_gives_the_turn_back() -> None:
    pace = Pace()
    with pytest.raises(ValueError, match="inside"):
        async with pace.turn(MAIL, at_once=1):
            raise ValueError("inside")
    await asyncio.wait_for(Room().visit(pace, at_once=1), 5)


async def test_only_so_many_slow_places_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 100)
    pace = Pace()
    for each in range(1000):
        pace.slow_down(f"192.0.2.{each}:25")
    assert (len(pace._gates), len(pace._slowed)) == (100, 100)
    assert "192.0.2.999:25" in pace._gates


async def test_a_slow_place_is_forgotten_only_when_its_last_visitor_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 1)
    pace = Pace()

    @asynccontextmanager
    async def slowed() -> Any:
        async with pace.turn(MAIL):
            pace.slow_down(MAIL)
            pace.slow_down("192.0.2.9:25")
            yield

    async with slowed():
        assert MAIL in pace._gates
    assert list(pace._gates) == ["192.0.2.9:25"]


async def test_every_order_of_coming_going_and_giving_up_ends_with_nobody_left() -> None:
    from random import Random

    dice, pace, room = Random(20261122), Pace(), Room()

    async def wander() -> None:
        place, alone = f"192.0.2.1:{dice.randrange(3)}", dice.randrange(1, 4)
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)
        await room.visit(pace, place=place, at_once=alone)

    tasks = [asyncio.create_task(wander()) for _ in range(2000)]
    for _ in range(20):
        await asyncio.sleep(0)
        for task in dice.sample(tasks, 20):
            task.cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 20)
    assert not pace._gates
