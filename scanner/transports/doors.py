"""How many of us stand before one door at once.

OpenSSH turns away those who come while ten others have not logged in yet (sshd_config, MaxStartups 10:30:100). Hosts
that share an address wait here for each other instead, and are not told to be rate limited by our own crowd.
"""

from __future__ import annotations

import asyncio

_AT_ONCE = 6


class Doors:
    """One door per address and port, shared by all probes of a run."""

    def __init__(self) -> None:
        self._doors: dict[str, asyncio.Semaphore] = {}

    def at(self, place: str) -> asyncio.Semaphore:
        """The door of a place, `ADDRESS:PORT`: `async with` waits for a turn."""
        return self._doors.setdefault(place, asyncio.Semaphore(_AT_ONCE))
