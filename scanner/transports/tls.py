"""TLS servers, looked at by worker processes that hold sslyze.

sslyze is never imported here: it is slow to load, its C code can hang or crash, and it keeps memory. Every server is
asked as soon as somebody wants it: a job waits for nothing but its own server. Jobs whose worker died are done once
more, apart from the others, so that the one at which the old OpenSSL crashes takes nobody with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from scanner.model.facts.tls import Deployment, VersionAnswer
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_crew import Crew, Lost
from scanner.transports._tls_hello import look
from scanner.transports._tls_protocol import Job, Part, RawHead, TlsTarget

__all__ = ["RawHead", "TlsScan", "TlsTarget", "TlsWorkers"]

VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")

_MOST_WORKERS = 4
_MOST_APART = 2


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
    head: RawHead | None = None
    gap: Unobserved | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, part: Part, line: bytes) -> None:
        """Adds one part of the worker's answer."""
        self.digest.update(line)
        if part.version is not None:
            self.versions[part.version.version] = part.version
        self.deployments = part.deployments or self.deployments
        self.head = part.head or self.head
        self.gap = part.gap or self.gap

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


class TlsWorkers:
    """The workers of a run. Nothing starts before the first scan that finds TLS.

    Args:
        count: worker processes; by default as many as processors, at least two and at most four.
    """

    def __init__(self, count: int | None = None) -> None:
        self._crew = Crew(count or min(max(2, os.cpu_count() or 2), _MOST_WORKERS))
        self._apart = Crew(_MOST_APART, alone=True)

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that live at this moment."""
        return self._crew.pids + self._apart.pids

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(self._crew.end(), self._apart.end())

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
        answer, broken = await self._do(target, None, until)
        return answer.result(broken)

    async def get(self, target: TlsTarget, request: str, *, until: float) -> RawHead | Unobserved:
        """Sends one HTTP request over whatever TLS the server completes, and brings the first bytes of its answer.

        Args:
            target: the server.
            request: the whole request, its blank line included.
            until: hard deadline in the event loop's time.
        """
        answer, broken = await self._do(target, request, until)
        nothing = Unobserved(cause=Cause.UNREACHABLE, detail=f"{target.peer} gave no answer over TLS.")
        return answer.head or answer.gap or broken or nothing

    async def _do(self, target: TlsTarget, request: str | None, until: float) -> tuple[_Answer, Unobserved | None]:
        """The answer, and what broke it off."""
        answer = _Answer()
        for crew in (self._crew, self._apart):
            seconds = max(0.0, until - asyncio.get_running_loop().time())
            job = Job(number=0, target=target, seconds=seconds, request=request)
            answer = _Answer()
            try:
                async with asyncio.timeout_at(until):
                    await crew.serve(job, answer.add)
                return answer, None
            except TimeoutError:
                detail = f"{target.peer} answers too slowly: the time for this asset ended during TLS handshakes."
                return answer, Unobserved(cause=Cause.TIMEOUT, detail=detail)
            except Lost:
                continue
        detail = f"The TLS worker crashed while it was scanning {target.peer}; please report this bug."
        return answer, Unobserved(cause=Cause.PROBE_CRASHED, detail=detail)
