"""What a server made of one hello, put together from the events that came."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.model.unobserved import Unobserved
from scanner.transports._hello_events import (
    Alert,
    Certificates,
    Done,
    Event,
    KeyExchange,
    ServerHello,
    Ssl2Error,
    Ssl2Hello,
    Stapled,
)
from scanner.transports._hello_numbers import CLOSE_NOTIFY, UNRECOGNIZED_NAME, VERSION_CODES


@dataclass(kw_only=True, slots=True)
class Taken:
    """The server accepted the hello.

    Attributes:
        hello: what it chose.
        chain: its certificates in DER, leaf first; None for an anonymous suite and for TLS 1.3.
        stapled: whether an OCSP answer came along.
        key: its ServerKeyExchange; None where there is none.
    """

    hello: ServerHello
    chain: tuple[bytes, ...] | None = None
    stapled: bool = False
    key: KeyExchange | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """The server refused the hello.

    Attributes:
        alert: what it said; None where it only closed or reset the connection, as overloaded servers do too.
        chosen: the suite that it had chosen before it broke off.
    """

    alert: int | None
    chosen: int | None = None

    @property
    def closed(self) -> bool:
        """Whether it said nothing."""
        return self.alert is None


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenSsl2:
    """The server speaks SSL 2: the kinds that it has in common with us, and its certificate in DER."""

    kinds: tuple[int, ...]
    certificate: bytes


Answer = Taken | Refused | Unobserved
AnswerSsl2 = TakenSsl2 | Refused | Unobserved


class Heard:
    """Collects the answer to one hello."""

    __slots__ = ("alert", "chain", "hello", "key", "stapled", "whole")

    def __init__(self) -> None:
        self.hello: ServerHello | None = None
        self.chain: tuple[bytes, ...] | None = None
        self.key: KeyExchange | None = None
        self.stapled = self.whole = False
        self.alert: int | None = None

    def take(self, event: Event) -> bool:
        """Takes one event; whether the answer is whole now."""
        match event:
            case ServerHello():
                self.hello, self.alert = event, None
                self.whole = event.retry or event.version >= VERSION_CODES["TLSv1.3"]
            case Certificates():
                self.chain = event.chain
            case KeyExchange():
                self.key = event
            case Stapled():
                self.stapled = event.size > 0
            case Done():
                self.whole = True
            case Alert():
                return self._alert(event)
        return self.whole

    def _alert(self, alert: Alert) -> bool:
        """A warning may be followed by an answer; it is a refusal where none comes."""
        if alert.description != CLOSE_NOTIFY:
            self.alert = alert.description
        return alert.level == 2 or alert.description == CLOSE_NOTIFY

    @property
    def has_refused(self) -> bool:
        """Whether it said no, though without closing the connection; an unknown name alone is no such word."""
        return self.hello is None and self.alert not in (None, UNRECOGNIZED_NAME)

    def taken(self) -> Taken:
        """The whole answer."""
        assert self.hello is not None  # noqa: S101 (who calls has looked)
        return Taken(hello=self.hello, chain=self.chain, stapled=self.stapled, key=self.key)


class HeardSsl2:
    """Collects the answer to one hello of SSL 2."""

    def __init__(self) -> None:
        self.taken: TakenSsl2 | None = None
        self.alert: int | None = None

    def take(self, event: Event) -> bool:
        """Takes one event; whether the answer is whole now."""
        match event:
            case Ssl2Hello():
                self.taken = TakenSsl2(kinds=event.kinds, certificate=event.certificate)
            case Ssl2Error():
                self.alert = event.code
            case Alert():
                self.alert = event.description
        return True
