"""Chains that were judged in this run: a hundred servers that share one cost one validation."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from scanner.model.facts.tls import Deployment
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_protocol import Judge

# A verdict is some ten kB.
_MOST_KEPT = 256

Validate = Callable[[Judge, str, float], Awaitable[Deployment | Unobserved]]


def _key(task: Judge) -> bytes:
    told = hashlib.sha256(repr(task.ca_bundle).encode())
    for pem in task.chain:
        told.update(hashlib.sha256(pem.encode()).digest())
    return told.digest()


class Judged:
    """Verdicts by chain and bundle, also those that are still being found. Gaps are not kept.

    Args:
        validate: judges one chain for a peer within a deadline.
    """

    def __init__(self, validate: Validate) -> None:
        self._validate = validate
        self._known: dict[bytes, asyncio.Task[Deployment | Unobserved]] = {}

    async def judge(self, task: Judge, *, peer: str, until: float) -> Deployment | Unobserved:
        """The verdict; for one that another server is waiting for, waits along.

        Args:
            task: the chain, and the bundle.
            peer: who presented it, for people.
            until: hard deadline in the event loop's time.
        """
        key = _key(task)
        try:
            async with asyncio.timeout_at(until):
                while (running := self._known.get(key)) is not None:
                    found = await asyncio.shield(running)
                    if isinstance(found, Deployment):
                        return found
                    self._forget(key, running)  # the other one's time was over, or its worker died: try ourselves
        except TimeoutError:
            detail = f"The time for this asset ended before the certificates of {peer} were judged."
            return Unobserved(cause=Cause.TIMEOUT, detail=detail)
        return await self._find(key, task, peer, until)

    async def _find(self, key: bytes, task: Judge, peer: str, until: float) -> Deployment | Unobserved:
        async def validate() -> Deployment | Unobserved:
            """As a task of its own: who asked first may stop waiting, and the others wait on."""
            return await self._validate(task, peer, until)

        running = asyncio.create_task(validate())
        self._known[key] = running
        while len(self._known) > _MOST_KEPT:
            del self._known[next(iter(self._known))]
        found = await asyncio.shield(running)
        if isinstance(found, Unobserved):
            self._forget(key, running)
        return found

    def _forget(self, key: bytes, running: asyncio.Task[Deployment | Unobserved]) -> None:
        if self._known.get(key) is running:
            del self._known[key]

    def end(self) -> None:
        """Stops what is still being judged."""
        for running in self._known.values():
            running.cancel()
        self._known.clear()
