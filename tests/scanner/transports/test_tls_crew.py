"""Many servers in one worker: silence, death and hanging cost the job that they belong to and no other."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scanner.model.facts.tls import AddressTls, VersionAnswer
from scanner.model.facts.tls_tests import Hole, HoleAnswer, NotTested, Tested
from scanner.model.unobserved import Cause
from scanner.transports import _tls_crew
from scanner.transports.tls import TlsTarget, TlsWorkers

HOST = "site.example"
HALF_A_SERVER_HELLO = bytes.fromhex("160303007a020000760303") + bytes(20)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="stops a process by its signals")

# A job that takes a while: ROBOT makes some twenty connections.
SEEN = AddressTls(
    address="127.0.0.1", versions=(VersionAnswer(version="TLSv1.2", suites=("TLS_RSA_WITH_AES_128_GCM_SHA256",)),)
)

Answers = tuple[HoleAnswer, ...]


def begin(pool: TlsWorkers, port: int, *, within: float = 30, timeout: float = 2) -> asyncio.Task[Answers]:
    until = asyncio.get_running_loop().time() + within
    target = TlsTarget(address="127.0.0.1", port=port, server_name=HOST, timeout=timeout)
    return asyncio.create_task(pool.test(target, SEEN, {Hole.ROBOT}, until=until))


async def all_of(tasks: list[asyncio.Task[Answers]]) -> list[HoleAnswer]:
    return [answer for (answer,) in await asyncio.wait_for(asyncio.gather(*tasks), 90)]


def causes(answers: list[HoleAnswer]) -> set[Cause]:
    assert all(isinstance(each, NotTested) for each in answers), answers
    return {each.gap.cause for each in answers if isinstance(each, NotTested)}


def well(answers: list[HoleAnswer]) -> bool:
    """Whether everything about good servers was seen."""
    return all(isinstance(each, Tested) and not each.open for each in answers)


@pytest.fixture
async def good(tls_server: Callable[..., Awaitable[int]], issue: Any) -> int:
    """The port of a server that every job can be done at."""
    return await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")


async def _half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(HALF_A_SERVER_HELLO)
    await asyncio.sleep(100)


async def _drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    for byte in bytes.fromhex("160303400002003ffc") + bytes(16384):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


Slow = Callable[[int], Awaitable[int]]


@pytest.fixture
def slowed(tls_peer) -> Slow:
    """`await slowed(port)`: the same server behind a line that takes its time, so that a job can be disturbed."""

    async def start(port: int) -> int:
        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)

            async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(65536):
                    await asyncio.sleep(0.05)
                    sink.write(data)
                sink.close()

            await asyncio.gather(pump(inner_reader, writer), pump(reader, inner_writer))

        return await tls_peer(proxy)

    return start


async def test_good_servers_are_tested_beside_many_that_fall_silent(tls_peer, good) -> None:
    async with TlsWorkers(1) as pool:
        silent = [begin(pool, await tls_peer(_half), within=12, timeout=1) for _ in range(12)]
        results = await all_of([begin(pool, good, within=20) for _ in range(4)])
        assert well(results), results
        assert causes(await all_of(silent)) == {Cause.TIMEOUT}


async def test_an_overdue_job_costs_the_others_nothing_and_leaves_no_process(tls_peer, good, slowed) -> None:
    slow = await slowed(good)
    async with TlsWorkers(1) as pool:
        overdue = [begin(pool, await tls_peer(_drips), within=2.5, timeout=5) for _ in range(3)]
        results = await all_of([begin(pool, slow) for _ in range(3)])
        assert well(results), results
        assert causes(await all_of(overdue)) == {Cause.TIMEOUT}


async def test_a_job_that_hangs_costs_the_process_once_nobody_waits_for_it(tls_peer) -> None:
    async with TlsWorkers(1) as pool:
        await all_of([begin(pool, await tls_peer(_half), within=1.5, timeout=20)])
        assert pool.pids == ()  # with threads that nobody waits for it is not kept


async def _one_pid(pool: TlsWorkers, *, but: int = 0) -> int:
    """The process of the first worker, as soon as there is one, or of the next."""
    for _ in range(400):
        found = set(pool.pids) - {but}
        if found:
            return found.pop()
        await asyncio.sleep(0.05)
    pytest.fail("no worker started")


async def test_the_jobs_of_a_worker_that_is_killed_in_the_midst_are_done_again(good, slowed) -> None:
    slow = await slowed(good)
    async with TlsWorkers(1) as pool:
        tasks = [begin(pool, slow, within=60) for _ in range(4)]
        pid = await _one_pid(pool)
        await asyncio.sleep(1.5)
        assert not any(task.done() for task in tasks)
        os.kill(pid, signal.SIGKILL)
        results = await all_of(tasks)
        assert well(results), results
        assert pid not in pool.pids


async def test_a_job_that_kills_every_worker_is_told_and_alone_in_it(good, tls_peer) -> None:
    """The second worker is killed as well, as by a server at which the old OpenSSL crashes."""
    async with TlsWorkers(1) as pool:
        task = begin(pool, await tls_peer(_half), timeout=20)
        first = await _one_pid(pool)
        await asyncio.sleep(1)
        os.kill(first, signal.SIGKILL)
        second = await _one_pid(pool, but=first)
        other = begin(pool, good)
        os.kill(second, signal.SIGKILL)
        crashed, fine = await all_of([task, other])
    assert causes([crashed]) == {Cause.PROBE_CRASHED}
    assert well([fine])


@LINUX
async def test_a_worker_that_hangs_is_killed_and_its_jobs_are_done_again(good, slowed, monkeypatch) -> None:
    monkeypatch.setattr(_tls_crew, "LOOK_AGAIN", 0.7)
    slow = await slowed(good)
    async with TlsWorkers(1) as pool:
        tasks = [begin(pool, slow, within=60) for _ in range(2)]
        pid = await _one_pid(pool)
        await asyncio.sleep(1.5)
        os.kill(pid, signal.SIGSTOP)
        results = await all_of(tasks)
    assert well(results), results


async def test_a_worker_is_replaced_after_its_share_of_jobs(good, monkeypatch) -> None:
    monkeypatch.setattr(_tls_crew, "_JOBS_PER_WORKER", 2)
    async with TlsWorkers(1) as pool:
        results = await all_of([begin(pool, good, within=60) for _ in range(5)])
        assert well(results), results
        assert len(pool.pids) <= 1


async def test_a_second_worker_starts_only_where_much_is_waiting(tls_peer, monkeypatch) -> None:
    monkeypatch.setattr(_tls_crew, "_JOBS_BEFORE_NEXT", 4)
    async with TlsWorkers(2) as pool:
        port = await tls_peer(_half)
        few = [begin(pool, port, within=6, timeout=3) for _ in range(4)]
        await _one_pid(pool)
        assert len(pool.pids) == 1
        many = [begin(pool, port, within=6, timeout=3) for _ in range(3)]
        await _one_pid(pool, but=pool.pids[0])
        assert len(pool.pids) == 2
        assert causes(await all_of(few + many)) == {Cause.TIMEOUT}
