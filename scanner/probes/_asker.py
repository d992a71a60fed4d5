"""The requests to one site: each URL once per address, in turns with everybody else, slower where we are told to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scanner.model.facts.http import REDIRECTS
from scanner.model.facts.page import Page
from scanner.model.unobserved import Cause
from scanner.probes._page import is_page, page_of
from scanner.transports.addresses import endpoint
from scanner.transports.http import Answer, Kept, NoAnswer, get, port_of
from scanner.transports.shared import Transports

LONGEST_WAIT = 10.0
"""Seconds that a peer may have us wait (Retry-After) before it is asked once more; who wants longer is not asked."""

_SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One answer, and what its page holds where it was read; the body itself is gone."""

    answer: Answer | NoAnswer
    page: Page | None = None


class Asker:
    """Asks for one site.

    Args:
        transports: those of the run.
        end: when nobody is waited for any more, in the event loop's time.
    """

    def __init__(self, transports: Transports, end: float) -> None:
        self._transports = transports
        self._end = end
        self._kept = Kept()
        self._stalling: set[str] = set()
        self._asked: dict[tuple[str, str], asyncio.Task[Asked]] = {}

    async def page(self, url: str, address: str) -> Asked:
        """The answer to a GET, and what its page holds where it came over https.

        Several chains of redirects meet at the same URLs; who comes second gets the same answer.
        """
        key = (url, address)
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._page(url, address))
        # Shielded: who gives up waiting must not spoil the answer for the others.
        return await asyncio.shield(self._asked[key])

    async def get(self, url: str, address: str, reads: Callable[[Answer], bool]) -> Answer | NoAnswer:
        """The answer to a GET, with its body where `reads` wants it; asked once more where a rate limit lets us."""
        place = endpoint(address, port_of(url))
        answer = await self._once(url, address, place, reads)
        wait = waiting_time(answer) if isinstance(answer, Answer) else None
        if wait is None or wait > min(LONGEST_WAIT, self._end - asyncio.get_running_loop().time()):
            if isinstance(answer, Answer) and answer.status == 429:
                self._transports.pace.slow_down(place)
            return answer
        self._transports.pace.slow_down(place, wait)
        again = await self._once(url, address, place, reads)
        return again if isinstance(again, Answer) else answer

    def stalls(self, url: str, address: str) -> bool:
        """Whether the peer behind a URL took too long over an answer, so that it is asked only for what decides."""
        return endpoint(address, port_of(url)) in self._stalling

    async def close(self) -> None:
        """Hangs up, and drops what nobody waits for any more."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
        await self._kept.close()

    async def _page(self, url: str, address: str) -> Asked:
        answer = await self.get(url, address, _is_last_page if url.startswith("https:") else _no_page)
        if isinstance(answer, NoAnswer) or not url.startswith("https:") or answer.status in REDIRECTS:
            return Asked(answer=answer)
        return Asked(answer=replace(answer, body=None), page=page_of(url, answer))

    async def _once(self, url: str, address: str, place: str, reads: Callable[[Answer], bool]) -> Answer | NoAnswer:
        async with self._transports.pace.turn(place):
            answer = await get(url, address, self._transports.settings.timeout, kept=self._kept, reads=reads)
        if _took_too_long(answer):
            self._stalling.add(place)
        return answer


def _took_too_long(answer: Answer | NoAnswer) -> bool:
    if isinstance(answer, NoAnswer):
        return answer.gap.cause is Cause.TIMEOUT
    return answer.body is not None and answer.body.gap is not None and answer.body.gap.cause is Cause.TIMEOUT


def waiting_time(answer: Answer) -> float | None:
    """Seconds after which an answer asks us to come again (RFC 9110, section 10.2.3); None where it does not."""
    told = answer.values("retry-after")
    if answer.status not in {429, 503} or not told:
        return None
    if _SECONDS.fullmatch(told[0].strip()):
        return float(told[0])
    with suppress(ValueError, TypeError, OverflowError):
        date = parsedate_to_datetime(told[0])
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    return None


def _is_last_page(answer: Answer) -> bool:
    return answer.status not in REDIRECTS and is_page(answer)


def _no_page(answer: Answer) -> bool:
    return False
