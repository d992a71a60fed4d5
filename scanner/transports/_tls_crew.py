"""Worker processes that hold sslyze, each with many jobs at once, and what happens when one of them dies or hangs."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scanner.transports._tls_protocol import LONGEST_LINE, CrossCheck, Job, Part, read_part, write_job

# Where this program lies: a worker must find it from whatever folder we were started in.
_CODE = str(Path(__file__).resolve().parents[2])

# The old OpenSSL in a worker handles what strangers send. It gets no variable that may hold a secret.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")

# After so many jobs a worker is replaced, for its C code keeps memory.
_JOBS_PER_WORKER = 400

# With so many jobs that nobody waits for any more, but that still run, a worker takes no new ones.
_MOST_ABANDONED = 16

# With so many jobs in each worker another one starts, if there may be another one: nearly all of a job is waiting, and
# a process costs memory. A cross-check is the exception: hundreds of handshakes by OpenSSL.
_JOBS_BEFORE_NEXT = 100
_CROSS_CHECK = 25

# A worker gives a sign of life every second. One that gave none in so many looks in a row, so many seconds apart,
# hangs: looks, because we may have been busy or asleep ourselves.
_LOOKS = 4
LOOK_AGAIN = 5.0

Hear = Callable[[Part], None]


class Lost(Exception):
    """The worker died, was killed, or talked nonsense before the job was done."""


async def _start_process() -> Process:
    """Starts a process that Ctrl-C in our terminal does not reach."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = _CODE
    environment["MALLOC_ARENA_MAX"] = "2"  # glibc would otherwise keep memory for every few threads
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    words = [sys.executable, "-P", "-m", "scanner.transports._tls_worker"]
    return await asyncio.create_subprocess_exec(
        *words, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL, env=environment, limit=LONGEST_LINE, **apart
    )


@dataclass
class _Waiting:
    """Who waits for a job."""

    hear: Hear
    done: asyncio.Future[None]
    weight: int = 1


class Worker:
    """One worker process with the jobs that run in it."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self.over = False
        self._numbers = itertools.count(1)
        self._served = 0
        self._jobs: dict[int, _Waiting] = {}
        self._abandoned: set[int] = set()
        self._heard = False
        self._started: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live())

    @property
    def load(self) -> int:
        """How many jobs somebody waits for, heavy ones counted as several."""
        return sum(each.weight for each in self._jobs.values())

    @property
    def fit(self) -> bool:
        """Whether it may be given another job."""
        return not self.over and self._served < _JOBS_PER_WORKER and len(self._abandoned) < _MOST_ABANDONED

    async def ask(self, job: Job, hear: Hear) -> None:
        """Has a job done; `hear` gets each part of the answer as soon as it is there.

        Who stops waiting (cancelled, or out of time) abandons the job and costs the others nothing.

        Raises:
            Lost: the process ended before the job was done.
        """
        number = next(self._numbers)
        weight = _CROSS_CHECK if isinstance(job.task, CrossCheck) else 1
        waiting = _Waiting(hear, asyncio.get_running_loop().create_future(), weight)
        self._jobs[number] = waiting
        self._served += 1
        try:
            await self._say(write_job(replace(job, number=number)))
            await waiting.done
        except asyncio.CancelledError:
            self._abandoned.add(number)
            raise
        finally:
            del self._jobs[number]
            if not self._jobs and (self._abandoned or not self.fit):
                await asyncio.shield(self.end())

    async def _say(self, line: bytes) -> None:
        process = await asyncio.shield(self._started)
        assert process.stdin is not None  # noqa: S101 (made with pipes)
        try:
            process.stdin.write(line)
            await process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:  # asyncio's closed pipe is a RuntimeError at times
            raise Lost from error

    async def end(self) -> None:
        """Kills the process and waits until it is gone; every job that still runs is lost."""
        if not self.over:
            self.over = True
            self._life.cancel()
        await asyncio.wait([self._life])
        await self._bury(None)  # a life that was cancelled before it began buries nobody

    async def _live(self) -> None:
        """From the start of the process to its end, however that comes."""
        process = None
        try:
            process = await _start_process()
            self.pid = process.pid
            self._started.set_result(process)
            await self._listen(process)
        except (ValueError, OSError):
            pass  # it talked nonsense, or could not be started: the same as dead
        finally:
            self.over = True
            await self._bury(process)

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 (made with pipes)
        watch: asyncio.Task[None] | None = None
        try:
            while line := await process.stdout.readline():
                self._heard = True
                watch = watch or asyncio.create_task(self._watch(process))
                self._hand_on(read_part(line))
        finally:
            if watch is not None:
                watch.cancel()

    def _hand_on(self, part: Part) -> None:
        if part.done:
            self._abandoned.discard(part.job)
        waiting = self._jobs.get(part.job)
        if waiting is None or waiting.done.done():
            return
        waiting.hear(part)
        if part.done:
            waiting.done.set_result(None)

    async def _watch(self, process: Process) -> None:
        """Kills a process that gives no sign of life any more."""
        missed = 0
        while missed < _LOOKS:
            self._heard = False
            await asyncio.sleep(LOOK_AGAIN)
            missed = 0 if self._heard else missed + 1
        with suppress(ProcessLookupError):
            process.kill()

    async def _bury(self, process: Process | None) -> None:
        for waiting in self._jobs.values():
            if not waiting.done.done():
                waiting.done.set_exception(Lost())
                waiting.done.exception()  # who was cancelled at this moment will not ask for it
        if not self._started.done():
            self._started.set_exception(Lost())
            self._started.exception()
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()


class Crew:
    """Some workers. Nothing starts before the first job.

    Args:
        most: workers at once; one that takes no new jobs any more and still has some does not count.
        alone: whether a job gets a worker for itself, and waits for one where all are taken.
    """

    def __init__(self, most: int, *, alone: bool = False) -> None:
        self._most = most
        self._before_next = 1 if alone else _JOBS_BEFORE_NEXT
        self._places = asyncio.Semaphore(most) if alone else nullcontext()
        self._workers: list[Worker] = []

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that live."""
        return tuple(worker.pid for worker in self._workers if worker.pid is not None and not worker.over)

    async def serve(self, job: Job, hear: Hear) -> None:
        """Has a job done; see `Worker.ask`."""
        async with self._places:
            await self._choose().ask(job, hear)

    def warm_up(self) -> None:
        """Starts the first worker."""
        self._choose()

    def _choose(self) -> Worker:
        self._workers = [worker for worker in self._workers if not worker.over]
        fit = [worker for worker in self._workers if worker.fit]
        best = min(fit, key=lambda worker: worker.load, default=None)
        if best is None or (best.load >= self._before_next and len(fit) < self._most):
            best = Worker()
            self._workers.append(best)
        return best

    async def end(self) -> None:
        """Ends every worker."""
        await asyncio.gather(*(worker.end() for worker in self._workers))
        self._workers.clear()
