"""TLS servers, looked at by worker processes that hold sslyze.

sslyze is never imported here: it is slow to load, its C code can hang or crash, and it keeps memory. Workers start
when the first server wants them, serve one server at a time, are replaced after some servers, and are killed by their
process id at a deadline or when the scan is cancelled.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scanner.model.facts.tls import Deployment, VersionAnswer
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_hello import look
from scanner.transports._tls_protocol import LONGEST_LINE, Part, TlsTarget, read_part, write_target

__all__ = ["TlsScan", "TlsTarget", "TlsWorkers"]

VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")

# Where this program lies: a worker must find it from whatever folder we were started in.
_CODE = str(Path(__file__).resolve().parents[2])

_MOST_WORKERS = 4
_SERVERS_PER_WORKER = 50

# The old OpenSSL in a worker handles what strangers send. It gets no variable that may hold a secret.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


@dataclass(frozen=True, kw_only=True)
class TlsScan:
    """What one server showed; `digest` is the SHA-256 of the worker's answer in hex."""

    versions: tuple[VersionAnswer, ...]
    deployments: tuple[Deployment, ...] | Unobserved
    digest: str


@dataclass
class _Answer:
    """Collects the parts of one answer."""

    versions: dict[str, VersionAnswer] = field(default_factory=dict)
    deployments: tuple[Deployment, ...] | Unobserved | None = None
    gap: Unobserved | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, line: bytes) -> Part:
        """Adds one line of the worker's answer."""
        part = read_part(line)
        self.digest.update(line)
        if part.version is not None:
            self.versions[part.version.version] = part.version
        self.deployments = part.deployments or self.deployments
        self.gap = part.gap or self.gap
        return part

    def result(self, broken: Unobserved | None) -> TlsScan | Unobserved:
        """The whole; what a broken-off answer lacks becomes that gap."""
        if self.gap is not None:
            return self.gap
        if broken is not None and not any(isinstance(each.suites, tuple) and each.suites for each in self._known()):
            return broken
        gap = broken or Unobserved(cause=Cause.PROBE_CRASHED, detail="The TLS worker left out a part of its answer.")
        return TlsScan(
            versions=tuple(self.versions.get(name, VersionAnswer(version=name, suites=gap)) for name in VERSIONS),
            deployments=gap if self.deployments is None else self.deployments,
            digest=self.digest.hexdigest(),
        )

    def _known(self) -> tuple[VersionAnswer, ...]:
        return tuple(self.versions.values())


class _Worker:
    """One worker process."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.served = 0

    @classmethod
    async def start(cls) -> _Worker:
        """Starts a process that Ctrl-C in our terminal does not reach."""
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = _CODE
        apart: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        words = [sys.executable, "-P", "-m", "scanner.transports._tls_worker"]
        process = await asyncio.create_subprocess_exec(
            *words, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL, env=environment, limit=LONGEST_LINE, **apart
        )
        return cls(process)

    @property
    def usable(self) -> bool:
        """Whether it lives and has not served its share."""
        return self.process.returncode is None and self.served < _SERVERS_PER_WORKER

    async def ask(self, target: TlsTarget, answer: _Answer) -> None:
        """Hands a target over and collects the answer.

        Raises:
            EOFError: the process died.
            ValueError: it said something that is no answer.
        """
        assert self.process.stdin is not None  # noqa: S101 (made with pipes)
        assert self.process.stdout is not None  # noqa: S101
        self.served += 1
        try:
            self.process.stdin.write(write_target(target))
            await self.process.stdin.drain()
        except ConnectionError as error:
            raise EOFError from error
        while True:
            line = await self.process.stdout.readline()
            if not line.endswith(b"\n"):
                raise EOFError
            if answer.add(line).done:
                return

    async def end(self) -> None:
        """Kills the process and waits until it is gone."""
        with suppress(ProcessLookupError):
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()


class TlsWorkers:
    """The pool. Nothing starts before the first scan that finds TLS.

    Args:
        count: most workers at once; by default as many as processors, at least two and at most four.
    """

    def __init__(self, count: int | None = None) -> None:
        self._places = asyncio.Semaphore(count or min(max(2, os.cpu_count() or 2), _MOST_WORKERS))
        self._idle: list[_Worker] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(worker.end() for worker in self._idle))
        self._idle.clear()

    async def scan(self, target: TlsTarget, *, until: float) -> TlsScan | Unobserved:
        """Looks with one cheap connection, then has a worker enumerate the server.

        Args:
            target: the server.
            until: hard deadline in the event loop's time; what is known by then is kept, the rest becomes gaps.

        Returns:
            What was seen, or why nothing was: refused, silent, not TLS.
        """
        gap = await look(target)
        if gap is not None:
            return gap
        try:
            async with asyncio.timeout_at(until):
                await self._places.acquire()
        except TimeoutError:
            detail = f"The time for this asset ended before {target.peer} had its turn; raise settings.asset_budget."
            return Unobserved(cause=Cause.INTERRUPTED, detail=detail)
        try:
            return await self._leap(target, until)
        finally:
            self._places.release()

    async def _leap(self, target: TlsTarget, until: float) -> TlsScan | Unobserved:
        for _ in range(2):  # a worker that died in its sleep, or was killed from outside, is replaced once
            answer = _Answer()
            try:
                async with asyncio.timeout_at(until):
                    await self._serve(target, answer)
                return answer.result(None)
            except TimeoutError:
                detail = f"{target.peer} answers too slowly: the time for this asset ended during TLS handshakes."
                return answer.result(Unobserved(cause=Cause.TIMEOUT, detail=detail))
            except (EOFError, ValueError):
                detail = f"The TLS worker crashed while it was scanning {target.peer}; please report this bug."
                broken = Unobserved(cause=Cause.PROBE_CRASHED, detail=detail)
        return answer.result(broken)

    async def _serve(self, target: TlsTarget, answer: _Answer) -> None:
        worker = self._idle.pop() if self._idle else await _Worker.start()
        whole = False
        try:
            await worker.ask(target, answer)
            whole = True
        finally:
            if whole and worker.usable:
                self._idle.append(worker)
            else:
                await asyncio.shield(worker.end())
