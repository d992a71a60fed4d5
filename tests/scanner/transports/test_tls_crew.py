"""Many servers in one worker: silence, death and hanging cost the job that they belong to and no other."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports import _tls_crew
from scanner.transports.tls import TlsScan, TlsTarget, TlsWorkers

HOST = "site.example"
HALF_A_SERVER_HELLO = bytes.fromhex("160303007a020000760303") + bytes(20)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="stops a process by its signals")


def target(port: int, timeout: float = 2) -> TlsTarget:
    return TlsTarget(address="127.0.0.1", port=port, server_name=HOST, timeout=timeout)


def begin(pool: TlsWorkers, port: int, *, within: float = 30, timeout: float = 2) -> asyncio.Task[Any]:
    until = asyncio.get_running_loop().time() + within
    return asyncio.create_task(pool.scan(target(port, timeout), until=until))


async def all_of(tasks: list[asyncio.Task[Any]]) -> list[TlsScan | Unobserved]:
    return list(await asyncio.wait_for(asyncio.gather(*tasks), 90))


def judged(result: TlsScan | Unobserved) -> bool:
    """Whether everything about a good server was seen."""
    if isinstance(result, Unobserved) or isinstance(result.deployments, Unobserved):
        return False
    return all(isinstance(each.suites, tuple) for each in result.versions)


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
    """`await slowed(port)`: the same server behind a line that takes its time, so that a scan can be disturbed."""

    async def start(port: int) -> int:
        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)

            async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(65536):
                    await asyncio.sleep(0.1)
                    sink.write(data)
                sink.close()

            await asyncio.gather(pump(inner_reader, writer), pump(reader, inner_writer))

        return await tls_peer(proxy)

    return start


async def test_good_servers_are_judged_beside_many_that_fall_silent(tls_peer, tls_server, issue) -> None:
    good = await tls_server(issue(HOST))
    async with TlsWorkers(1) as pool:
        silent = [begin(pool, await tls_peer(_half), within=12, timeout=1) for _ in range(12)]
        results = await all_of([begin(pool, good, within=20) for _ in range(4)])
        assert all(judged(each) for each in results), results
        gaps = await all_of(silent)
    assert {each.cause for each in gaps if isinstance(each, Unobserved)} == {Cause.TIMEOUT}


async def test_a_server_that_falls_silent_is_not_asked_for_every_version(tls_peer) -> None:
    asked = 0

    async def falls_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            await _half(reader, writer)
        await asyncio.sleep(100)

    async with TlsWorkers(1) as pool:
        (result,) = await all_of([begin(pool, await tls_peer(falls_silent), timeout=1)])
    assert isinstance(result, Unobserved)
    assert result.cause is Cause.TIMEOUT
    assert asked <= 1 + 4  # the first look, and the versions that are asked for at the same time


async def test_an_overdue_job_costs_the_others_nothing_and_leaves_no_process(tls_peer, tls_server, issue, slowed):
    slow = await slowed(await tls_server(issue(HOST)))
    async with TlsWorkers(1) as pool:
        overdue = [begin(pool, await tls_peer(_drips), within=2.5, timeout=5) for _ in range(3)]
        results = await all_of([begin(pool, slow) for _ in range(3)])
        assert all(judged(each) for each in results), results
        assert {each.cause for each in await all_of(overdue) if isinstance(each, Unobserved)} == {Cause.TIMEOUT}
        assert pool.pids == ()  # with threads that nobody waits for it is not kept


async def _one_pid(pool: TlsWorkers, *, but: int = 0) -> int:
    """The process of the first worker, as soon as there is one, or of the next."""
    for _ in range(400):
        found = set(pool.pids) - {but}
        if found:
            return found.pop()
        await asyncio.sleep(0.05)
    pytest.fail("no worker started")


async def test_the_jobs_of_a_worker_that_is_killed_in_mid_scan_are_done_again(tls_server, issue, slowed) -> None:
    slow = await slowed(await tls_server(issue(HOST)))
    async with TlsWorkers(1) as pool:
        tasks = [begin(pool, slow, within=60) for _ in range(4)]
        pid = await _one_pid(pool)
        await asyncio.sleep(1.5)
        assert not any(task.done() for task in tasks)
        os.kill(pid, signal.SIGKILL)
        results = await all_of(tasks)
        assert all(judged(each) for each in results), results
        assert pid not in pool.pids


async def test_a_job_that_kills_every_worker_is_told_and_alone_in_it(tls_server, tls_peer, issue, slowed) -> None:
    """The second worker is killed as well, as by a server at which the old OpenSSL crashes."""
    async with TlsWorkers(1) as pool:
        task = begin(pool, await tls_peer(_drips), timeout=20)
        first = await _one_pid(pool)
        await asyncio.sleep(1)
        os.kill(first, signal.SIGKILL)
        second = await _one_pid(pool, but=first)
        good = begin(pool, await tls_server(issue(HOST)))
        os.kill(second, signal.SIGKILL)
        (result, other) = await all_of([task, good])
    assert isinstance(result, Unobserved)
    assert result.cause is Cause.PROBE_CRASHED
    assert judged(other)


@LINUX
async def test_a_worker_that_hangs_is_killed_and_its_jobs_are_done_again(
    tls_server, issue, slowed, monkeypatch
) -> None:
    monkeypatch.setattr(_tls_crew, "LOOK_AGAIN", 0.7)
    slow = await slowed(await tls_server(issue(HOST)))
    async with TlsWorkers(1) as pool:
        tasks = [begin(pool, slow, within=60) for _ in range(2)]
        pid = await _one_pid(pool)
        await asyncio.sleep(1.5)
        os.kill(pid, signal.SIGSTOP)
        results = await all_of(tasks)
    assert all(judged(each) for each in results), results


async def test_a_worker_is_replaced_after_its_share_of_jobs(tls_server, issue, monkeypatch) -> None:
    monkeypatch.setattr(_tls_crew, "_JOBS_PER_WORKER", 2)
    port = await tls_server(issue(HOST))
    async with TlsWorkers(1) as pool:
        results = await all_of([begin(pool, port, within=60) for _ in range(5)])
        assert all(judged(each) for each in results), results
        assert len(pool.pids) <= 1
