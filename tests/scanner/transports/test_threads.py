"""Blocking calls under a deadline."""

from __future__ import annotations

import asyncio
import threading

import pytest

from scanner.transports._threads import in_thread


async def test_the_result_comes_back() -> None:
    assert await in_thread(lambda: 6 * 7, deadline=5) == 42


async def test_an_exception_comes_back() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await in_thread(fail, deadline=5)


async def test_even_a_stop_iteration_comes_back_as_an_error() -> None:
    def fail() -> None:
        raise StopIteration

    with pytest.raises(RuntimeError):
        await in_thread(fail, deadline=5)


async def test_a_call_that_hangs_is_given_up_and_woken() -> None:
    woken = threading.Event()

    with pytest.raises(TimeoutError):
        await in_thread(lambda: woken.wait(20), deadline=0.05, on_expiry=woken.set)

    assert woken.is_set()


async def test_a_cancelled_caller_wakes_its_thread() -> None:
    woken = threading.Event()
    task = asyncio.create_task(in_thread(lambda: woken.wait(20), deadline=20, on_expiry=woken.set))
    await asyncio.sleep(0.05)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert woken.is_set()


async def test_a_result_that_comes_too_late_is_dropped() -> None:
    gate = threading.Event()

    with pytest.raises(TimeoutError):
        await in_thread(lambda: gate.wait(20), deadline=0.05)
    gate.set()
    await asyncio.sleep(0.05)


async def test_threads_do_not_keep_the_program_alive() -> None:
    def is_daemon() -> bool:
        return threading.current_thread().daemon

    assert await in_thread(is_daemon, deadline=5)


def test_a_thread_that_ends_after_its_loop_is_harmless() -> None:
    gate = threading.Event()

    async def give_up() -> None:
        await in_thread(lambda: gate.wait(20), deadline=0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    gate.set()
