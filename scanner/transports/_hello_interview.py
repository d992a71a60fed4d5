"""One server being asked by hellos: each on a connection of its own, in turn, in time, and with an answer that fits.

What a server chooses has to be among what it was offered; what it says has to be TLS. Anything else is a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import unobserved_from
from scanner.transports._hello_events import Event, Malformed, ServerHello
from scanner.transports._hello_heard import Answer, AnswerSsl2, Heard, HeardSsl2, Refused
from scanner.transports._hello_numbers import ALERTS, VERSION_CODES, VERSION_NAMES
from scanner.transports._hello_read import Reader
from scanner.transports._hello_read_ssl2 import Ssl2Reader
from scanner.transports._hello_wire import Wire, renew, wire_to
from scanner.transports._hello_write import Shape, Writer, ssl2_hello
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.pace import Pace
from scanner.transports.starttls import NotOffered, Turned, at_once

# So many unanswered hellos in a row, and nobody waits for this server any more.
_MOST_SILENCES = 3


@dataclass
class Interview:
    """What is known of one server while it is being asked.

    Attributes:
        until: hard deadline in the event loop's time.
        small: whether it was silent to a hello of common size, so that it gets small and plain ones.
        reached: whether it has accepted any connection.
        gone: why it is asked nothing more.
        impatient: whether a few unanswered hellos in a row end it all; not while versions are asked for, some of which
            may be met with silence.
    """

    target: TlsTarget
    pace: Pace
    until: float
    small: bool = False
    reached: bool = False
    gone: Unobserved | None = None
    impatient: bool = False

    def __post_init__(self) -> None:
        self._writers: dict[Shape, Writer] = {}
        self._silences = 0

    @property
    def peer(self) -> str:
        """`ADDRESS:PORT`, for people."""
        return self.target.peer

    def shape(self, version: str) -> Shape:
        """What hellos of a version look like to this server."""
        return Shape(version=version, server_name=self.target.server_name, plain=self.small and version != "TLSv1.3")

    def gap(self, cause: Cause, said: str) -> Unobserved:
        """A gap whose sentence begins with the server's address."""
        return Unobserved(cause=cause, detail=f"{self.peer} {said}")

    async def ask(self, shape: Shape, suites: Sequence[int], *, seconds: float | None = None) -> Answer:
        """What the server makes of one hello.

        Args:
            shape: what the hello says besides its suites.
            suites: what it offers.
            seconds: how long to wait for each step, where that is not the target's time-out.
        """
        writer = self._writers.get(shape) or self._writers.setdefault(shape, Writer(shape))
        heard = Heard()
        broken = await self._converse(writer.hello(suites), Reader(), heard.take, shape.version, seconds)
        if heard.hello is None:
            told = broken is None or (broken.cause is Cause.TIMEOUT and heard.has_refused)
            return Refused(alert=heard.alert) if told else broken or self._cut_off(shape.version)
        wrong = self._wrong(shape, suites, heard.hello) or broken
        if wrong is not None or heard.whole:
            return wrong or heard.taken()
        if heard.alert is not None:
            return Refused(alert=heard.alert, chosen=heard.hello.suite)
        return self._cut_off(shape.version)

    def _cut_off(self, version: str) -> Unobserved:
        said = f"broke the connection off in the middle of its answer when asked for {version}."
        return self.gap(Cause.UNREACHABLE, said)

    async def ask_ssl2(self, kinds: Sequence[int]) -> AnswerSsl2:
        """What the server makes of a hello of SSL 2."""
        heard = HeardSsl2()
        broken = await self._converse(ssl2_hello(kinds), Ssl2Reader(), heard.take, "SSLv2", None)
        if isinstance(broken, Unobserved):
            return broken
        return heard.taken or Refused(alert=heard.alert)

    async def _converse(
        self,
        hello: bytes,
        reader: Reader | Ssl2Reader,
        take: Callable[[Event], bool],
        version: str,
        seconds: float | None,
    ) -> Unobserved | None:
        """Sends a hello and has what comes back taken, until it is enough or the connection ends."""
        target = self.target if seconds is None else replace(self.target, timeout=seconds)
        gap = await self._in_turn(target, hello, reader, take, version)
        if gap is not None and gap.cause is Cause.RATE_LIMITED:  # it says so itself, before TLS begins
            self.pace.slow_down(self.peer)
            gap = await self._in_turn(target, hello, reader, take, version)
        if gap is None:
            self._silences = 0
        elif gap.cause is Cause.TIMEOUT:
            self._silences += 1
        return gap

    async def _in_turn(
        self, target: TlsTarget, hello: bytes, reader: Reader | Ssl2Reader, take: Callable[[Event], bool], version: str
    ) -> Unobserved | None:
        async with self.pace.turn(self.peer, at_once=at_once(target.starttls)):
            return self.over() or await self._exchange(target, hello, reader, take, version)

    def over(self) -> Unobserved | None:
        """Why to ask no more: the time is over, or the server has stopped answering."""
        if self.gone is None and asyncio.get_running_loop().time() >= self.until:
            self.gone = self.gap(
                Cause.TIMEOUT, "answers too slowly: the time for this asset ended during TLS handshakes."
            )
        if self.gone is None and self.impatient and self._silences >= _MOST_SILENCES:
            self.gone = self.gap(Cause.TIMEOUT, "stopped answering TLS hellos; scan it again later.")
        return self.gone

    async def _exchange(
        self, target: TlsTarget, hello: bytes, reader: Reader | Ssl2Reader, take: Callable[[Event], bool], version: str
    ) -> Unobserved | None:
        connected = False
        try:
            async with asyncio.timeout(None) as limit:
                renew(limit, target.timeout, self.until)
                async with wire_to(target, limit, self.until) as wire:
                    connected = self.reached = True
                    await _talk(wire, hello, reader, take)
        except TimeoutError:
            if not connected:
                return unobserved_from(TimeoutError(), where=self.peer)
            return self.gap(Cause.TIMEOUT, f"did not answer within {target.timeout:g} s when asked for {version}.")
        except Malformed as error:
            return self._malformed(error, version)
        except NotOffered as refusal:
            assert target.starttls is not None  # noqa: S101 (nothing else raises it)
            said = f"offers no TLS over {target.starttls.value} ({refusal.said})."
            return self.gap(Cause.UNSUPPORTED, said)
        except Turned as turned:
            return turned.gap
        except OSError as error:
            if connected and isinstance(error, ConnectionError):
                return None  # it reset the connection, which is a way to close it
            return unobserved_from(error, where=self.peer)
        return None

    def _malformed(self, error: Malformed, version: str) -> Unobserved:
        if error.head:
            told = "plain HTTP" if error.head.startswith((b"HTTP/", b"<")) else "something that is not TLS"
            return self.gap(Cause.MALFORMED, f"answers with {told} where TLS was expected.")
        return self.gap(Cause.MALFORMED, f"breaks the rules of TLS when asked for {version}: it sent {error.what}.")

    def _wrong(self, shape: Shape, suites: Sequence[int], hello: ServerHello) -> Unobserved | None:
        """Why an answer does not fit the hello."""
        newest = VERSION_CODES[shape.version]
        oldest = newest if shape.version == "TLSv1.3" and not shape.older else VERSION_CODES["SSLv3"]
        if not oldest <= hello.version <= newest or hello.version not in VERSION_NAMES:
            said = f"answers a hello for {shape.version} with a version that was not offered (0x{hello.version:04X})."
            return self.gap(Cause.MALFORMED, said)
        if hello.suite not in suites:
            said = f"answers a hello for {shape.version} with a suite that was not offered (0x{hello.suite:04X})."
            return self.gap(Cause.MALFORMED, said)
        return None

    def fickle(self, refused: Refused, version: str) -> Unobserved:
        """The gap of a server that refuses a hello that it should accept after what it has accepted."""
        if refused.alert is None:
            said = f"closed the connection when asked again for {version}; scan it again later."
            return self.gap(Cause.RATE_LIMITED, said)
        alert = ALERTS.get(refused.alert, f"alert {refused.alert}")
        return self.gap(
            Cause.MALFORMED, f"refuses a hello for {version} that differs little from those it accepts ({alert})."
        )


async def _talk(wire: Wire, hello: bytes, reader: Reader | Ssl2Reader, take: Callable[[Event], bool]) -> None:
    """Sends a hello and hands on what comes back, until that is enough or nothing more comes."""
    await wire.send(hello)
    while data := await wire.receive():
        for event in reader.feed(data):
            if take(event):
                return
        if reader.finished:
            return
    if reader.broken_off:
        raise Malformed("an answer that breaks off in the middle")
