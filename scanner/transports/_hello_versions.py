"""Which versions a server speaks, and with which suites: offer all, take out what was chosen, offer the rest again.

That is one hello for each accepted suite and one more for each hello's worth of suites, where others ask for every
suite in existence. A refusal by a mere closing of the connection counts only if the server still accepts at the end
what it accepted before: Windows refuses a version in that way, and so does a firewall that has had enough of us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

from scanner.model.facts.tls import VERSIONS
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._hello_heard import Answer, AnswerSsl2, Refused, Taken, TakenSsl2
from scanner.transports._hello_interview import Interview
from scanner.transports._hello_numbers import PROTOCOL_VERSION, VERSION_CODES, X25519
from scanner.transports._hello_scan import First, VersionScan
from scanner.transports._hello_suites import MOST_SUITES, identity_of, suites_of

FEW_SUITES = 24
"""For servers that are silent to longer hellos: with the name a hello is then still below 256 bytes."""

# A key of X25519 is any 32 bytes (RFC 7748, section 5); nobody will ever compute with these.
_SOME_KEY = bytes(range(1, 33))


def _worth(suites: Sequence[int], most: int) -> list[list[int]]:
    return [list(suites[start : start + most]) for start in range(0, len(suites), most)]


def _in_likely_order(suites: Sequence[int], accepted: Sequence[int]) -> list[int]:
    """The suites that are left to ask for, so that those that are likely accepted too share a hello.

    Their order is then known without comparing them one by one. A server that chose a suite for RSA although those for
    ECDSA were offered before it hardly has a key for ECDSA.
    """
    left = [suite for suite in suites if suite not in accepted]
    if identity_of(accepted[0]) == "RSA":
        left.sort(key=lambda suite: identity_of(suite) == "ECDSA")
    return left


class Versions:
    """The scans of all versions of one server.

    Args:
        interview: the server.
        first: what it accepted when it was looked at first, with the hello that it accepted; None for nothing.
    """

    def __init__(self, interview: Interview, first: First | None = None) -> None:
        self.interview = interview
        self.scans = {version: VersionScan(interview.shape(version)) for version in VERSIONS}
        self._first = first

    @property
    def spoken(self) -> list[VersionScan]:
        """The versions of which a suite was accepted, newest first."""
        return [self.scans[version] for version in reversed(VERSIONS) if self.scans[version].accepted]

    @property
    def any(self) -> bool:
        """Whether anything was accepted, of SSL 2 too."""
        return self._first is not None or any(scan.accepted or scan.ssl2 for scan in self.scans.values())

    @property
    def newest_open(self) -> VersionScan | None:
        """The newest version that is spoken and shows its certificate to everybody: up to TLS 1.2."""
        return next((scan for scan in self.spoken if scan.version != "TLSv1.3"), None)

    async def ask(self) -> None:
        """Asks for all of them, then doubts what has to be doubted."""
        async with asyncio.TaskGroup() as tasks:
            for version in reversed(VERSIONS):
                tasks.create_task(self._scan(self.scans[version]))
        await self._doubt()
        self.interview.impatient = True
        first = self._first
        if first is not None and not self.scans[first.version].accepted:
            self.scans[first.version].runs.append([first.taken.hello.suite])  # certain, whatever came afterwards

    async def _scan(self, scan: VersionScan) -> None:
        if scan.version == "SSLv2":
            await self._scan_ssl2(scan)
        elif scan.version == "TLSv1.3":
            await self._scan_13(scan)
        else:
            await self._scan_open(scan)
        scan.asked = True

    async def _scan_ssl2(self, scan: VersionScan) -> None:
        answer = await self.interview.ask_ssl2(suites_of("SSLv2"))
        if isinstance(answer, TakenSsl2):
            scan.ssl2 = answer if answer.kinds else None
        elif isinstance(answer, Unobserved):
            self._lacks(scan, answer)
        elif answer.closed:
            scan.shut.append([])

    async def _scan_13(self, scan: VersionScan) -> None:
        """Without a key first, which costs the server nothing; some take none of that, and get one."""
        suites = suites_of("TLSv1.3")
        known = self._first if self._first and self._first.version == scan.version else None
        await self.exhaust(scan, suites, known)
        if not scan.accepted and not scan.refused and scan.gap is None:
            scan.shut.clear()
            scan.shape = replace(scan.shape, shares=((X25519, _SOME_KEY),))
            await self.exhaust(scan, suites)

    async def _scan_open(self, scan: VersionScan) -> None:
        most = FEW_SUITES if self.interview.small else MOST_SUITES
        suites = suites_of(scan.version)
        await self.exhaust(scan, suites[:most], once=True)
        if scan.refused or scan.gap is not None:
            return
        left = _in_likely_order(suites, scan.accepted) if scan.accepted else suites[most:]
        async with asyncio.TaskGroup() as tasks:
            for worth in _worth(left, most):
                tasks.create_task(self.exhaust(scan, worth))

    async def exhaust(
        self, scan: VersionScan, suites: Iterable[int], known: First | None = None, *, once: bool = False
    ) -> None:
        """Offers suites until the server refuses what is left of them.

        Args:
            scan: takes what is learned.
            suites: at most a hello's worth.
            known: the answer to the first offer, where it is known.
            once: whether to stop at the first suite that is accepted.
        """
        left, run = list(suites), list[int]()
        scan.runs.append(run)
        if known is not None:
            left.remove(known.taken.hello.suite)
            run.append(known.taken.hello.suite)
        while left and scan.gap is None:
            answer = await self.interview.ask(scan.shape, left)
            if isinstance(answer, Unobserved):
                self._lacks(scan, answer)
                return
            chosen = self._chosen(scan, answer, left)
            if chosen is None:
                return
            left.remove(chosen)
            if isinstance(answer, Taken):
                run.append(chosen)
                scan.note(answer)
                if once:
                    return

    def _chosen(self, scan: VersionScan, answer: Taken | Refused, left: list[int]) -> int | None:
        """The suite that an answer was about; None where the server refuses all that are left."""
        if isinstance(answer, Taken):
            if answer.hello.version == VERSION_CODES[scan.version]:
                return answer.hello.suite
            scan.refused = True  # it prefers an older version, so it does not speak this one
            return None
        if answer.chosen in left:
            return answer.chosen  # it chose a suite and could not go on with it
        scan.refused |= answer.alert == PROTOCOL_VERSION and not scan.accepted
        if answer.closed:
            scan.shut.append(left)
        return None

    def _lacks(self, scan: VersionScan, gap: Unobserved) -> None:
        """Notes a gap; a server that has accepted nothing so far and falls silent is asked nothing more."""
        scan.gap = scan.gap or gap
        if gap.cause is Cause.TIMEOUT and not self.any and not self.interview.small:
            self.interview.gone = self.interview.gone or gap

    # What has to be doubted

    async def _doubt(self) -> None:
        """Believes closed connections if the server still takes what it took; else it is asked again, more slowly."""
        silent = any(scan.gap is not None and scan.gap.cause is Cause.TIMEOUT for scan in self.scans.values())
        if not self.any or not (silent or self._doubtful()):
            return
        if await self.still_there():
            return
        if self.interview.gone is None:
            self.interview.pace.slow_down(self.interview.peer)
            if await self.still_there():
                await self._ask_again()
                if not self._doubtful() or await self.still_there():
                    return
        for scan in self._doubtful():
            scan.gap = self._tired(scan)

    def _doubtful(self) -> list[VersionScan]:
        return [scan for scan in self.scans.values() if scan.shut or _is_lost(scan.gap)]

    async def still_there(self) -> bool:
        """Whether the server still accepts what it has accepted. One that is silent now is asked nothing more."""
        answer = await self._known_question()
        if isinstance(answer, Unobserved) and answer.cause is Cause.TIMEOUT:
            self.interview.gone = self.interview.gone or answer
        return isinstance(answer, Taken | TakenSsl2)

    async def _known_question(self) -> Answer | AnswerSsl2:
        for scan in self.spoken:
            return await self.interview.ask(scan.shape, scan.accepted[:1])
        if self._first is not None:
            return await self.interview.ask(self._first.shape, self._first.suites)
        return await self.interview.ask_ssl2(suites_of("SSLv2"))

    async def _ask_again(self) -> None:
        """Asks again what was met by closed connections."""
        for scan in self._doubtful():
            shut, scan.shut = scan.shut, []
            if _is_lost(scan.gap):
                scan.gap, shut = None, [[]] if scan.version == "SSLv2" else self._unasked(scan)
            for suites in shut:
                await (self.exhaust(scan, suites) if suites else self._scan_ssl2(scan))

    def _unasked(self, scan: VersionScan) -> list[list[int]]:
        left = [suite for suite in suites_of(scan.version) if suite not in scan.accepted]
        return _worth(left, FEW_SUITES if self.interview.small else MOST_SUITES)

    def _tired(self, scan: VersionScan) -> Unobserved:
        return self.interview.gap(
            Cause.RATE_LIMITED,
            f"closed the connection when asked for {scan.version}, and at the end also when asked for what it had "
            "accepted; scan it again later.",
        )


def _is_lost(gap: Unobserved | None) -> bool:
    """Whether a connection was not made that could have been made before."""
    return gap is not None and gap.cause in (Cause.UNREACHABLE, Cause.RATE_LIMITED)
