"""Blocking library calls under a hard deadline.

A thread cannot be killed. So each call runs in a daemon thread of its own: one that hangs costs its caller the
deadline and nothing else, and the program can end while it still hangs (an executor would be joined at exit).
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(function: Callable[[], T], *, deadline: float, on_expiry: Callable[[], None] | None = None) -> T:
    """Runs `function` in a daemon thread and gives its result.

    Args:
        deadline: seconds until it is given up.
        on_expiry: called when it is given up or cancelled, to wake the thread, e.g. by closing its socket. Must not
            block.

    Raises:
        TimeoutError: when the deadline has passed.
        Exception: whatever `function` raises.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_settle, function, future, loop), daemon=True)
    thread.start()
    try:
        async with asyncio.timeout(deadline):
            return await future
    except (TimeoutError, asyncio.CancelledError):
        if on_expiry is not None and thread.is_alive():
            on_expiry()
        raise


def _settle(function: Callable[[], T], future: asyncio.Future[T], loop: asyncio.AbstractEventLoop) -> None:
    """The thread: runs the function and tells the loop how it ended."""
    try:
        result = function()
    except BaseException as error:
        _tell(loop, future, None, error)
    else:
        _tell(loop, future, result, None)


def _tell(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[T], result: T | None, error: BaseException | None
) -> None:
    try:
        loop.call_soon_threadsafe(_conclude, future, result, error)
    except RuntimeError:
        return  # the loop has closed: nobody waits any more


def _conclude(future: asyncio.Future[T], result: T | None, error: BaseException | None) -> None:
    """Sets the outcome, unless the waiter has given up."""
    if future.done():
        return
    if isinstance(error, StopIteration):
        error = RuntimeError("StopIteration in a thread")  # a future refuses it
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)  # type: ignore[arg-type]
