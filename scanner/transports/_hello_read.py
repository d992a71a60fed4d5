"""What a server answers to a hello, read piece by piece: bytes in, events out, and never more than so much of either.

Nothing is decrypted and no key is ever agreed on: the reader knows what a server says before it is our turn. Records
and messages may be split and joined in any way that TLS allows; whatever it does not allow is `Malformed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanner.transports._hello_events import (
    Alert,
    CertificateRequest,
    Done,
    Event,
    Malformed,
    ServerHello,
)
from scanner.transports._hello_messages import certificate_status, certificates, key_exchange, server_hello

MOST_BYTES = 400_000
"""Of one answer. The certificates of a server may take a quarter of it, as in OpenSSL."""

_LONGEST_RECORD = 1 << 14
_LONGEST_MESSAGE: Final = {11: 100_000, 13: 70_000, 22: 70_000}
_LONGEST_OTHER = 1 << 14
_MOST_RECORDS = 1000
_MOST_ALERTS = 8
_MOST_REQUESTS = 4

_ALERT, _HANDSHAKE = 21, 22
_RECORDS = frozenset(range(20, 25))
_HELLO_REQUEST, _SERVER_HELLO, _SUPPLEMENTAL = 0, 2, 23
_CERTIFICATE, _STATUS, _KEY_EXCHANGE, _REQUEST, _DONE = 11, 22, 12, 13, 14

# The order in which messages may come (RFC 5246, section 7.3; RFC 4680; RFC 6066).
_PLACE: Final = {
    kind: place
    for place, kind in enumerate(
        (_SERVER_HELLO, _SUPPLEMENTAL, _CERTIFICATE, _STATUS, _KEY_EXCHANGE, _REQUEST, _DONE), start=1
    )
}
_TLS13 = 0x0304


class Reader:
    """Reads the answer to one hello.

    Attributes:
        finished: nothing more will come that we could read.
    """

    __slots__ = ("_alerts", "_message", "_place", "_raw", "_records", "_requests", "_suite", "_total", "finished")

    def __init__(self) -> None:
        self.finished = False
        self._raw = b""
        self._message = b""
        self._total = self._records = self._alerts = self._requests = self._place = self._suite = 0

    @property
    def broken_off(self) -> bool:
        """Whether an answer began that would have to go on."""
        return not self.finished and bool(self._raw or self._message or self._place)

    def feed(self, data: bytes) -> Iterator[Event]:
        """Takes what came and gives what can be read of it so far.

        Raises:
            Malformed: what came breaks the rules; nothing can be read after it.
        """
        self._total += len(data)
        if self._total > MOST_BYTES:
            raise Malformed(f"more than {MOST_BYTES} bytes in answer to a hello")
        self._raw += data
        while not self.finished:
            record = self._record()
            if record is None:
                return
            yield from self._read(*record)

    def _record(self) -> tuple[int, bytes] | None:
        """The next whole record; its head is judged as soon as it is there."""
        raw = self._raw
        if not raw:
            return None
        kind = raw[0]
        if kind not in _RECORDS or raw[1:2] not in (b"\x03", b""):
            self._complain(raw)
        if len(raw) < 5:
            return None
        size = raw[3] << 8 | raw[4]
        if size > _LONGEST_RECORD or not size:
            raise Malformed(f"a record of {size} bytes")
        if len(raw) < 5 + size:
            return None
        self._records += 1
        if self._records > _MOST_RECORDS:
            raise Malformed(f"more than {_MOST_RECORDS} records in answer to a hello")
        self._raw = raw[5 + size :]
        return kind, raw[5 : 5 + size]

    def _complain(self, raw: bytes) -> None:
        first = not self._place and not self._alerts and not self._message
        raise Malformed("something that is no TLS record", head=raw[:64] if first else b"")

    def _read(self, kind: int, content: bytes) -> Iterator[Event]:
        if kind == _HANDSHAKE:
            self._message += content
            return self._messages()
        if self._message:
            raise Malformed("another record in the middle of a handshake message")
        if kind == _ALERT:
            return self._alert(content)
        raise Malformed("a record that has no place in a handshake")

    def _alert(self, content: bytes) -> Iterator[Event]:
        for at in range(0, len(content), 2):
            self._alerts += 1
            if self._alerts > _MOST_ALERTS or len(content) % 2 or content[at] not in (1, 2):
                raise Malformed("broken alerts, or too many of them")
            yield Alert(content[at], content[at + 1])

    def _messages(self) -> Iterator[Event]:
        """The whole handshake messages so far."""
        while len(self._message) >= 4 and not self.finished:
            message = self._message
            kind, size = message[0], int.from_bytes(message[1:4], "big")
            self._expect(kind, size)
            if len(message) < 4 + size:
                return
            self._message = message[4 + size :]
            event = self._event(kind, message[4 : 4 + size])
            if event is not None:
                yield event

    def _expect(self, kind: int, size: int) -> None:
        """Judges a message by its head: known, in its place, and not too long."""
        if size > _LONGEST_MESSAGE.get(kind, _LONGEST_OTHER):
            raise Malformed(f"a handshake message of {size} bytes")
        if kind == _HELLO_REQUEST and not self._place and not size:
            return
        place = _PLACE.get(kind)
        if place is None or place <= self._place or (not self._place and kind != _SERVER_HELLO):
            raise Malformed(f"a handshake message (type {kind}) that has no place there")

    def _event(self, kind: int, body: bytes) -> Event | None:
        if kind == _HELLO_REQUEST:
            self._requests += 1
            if self._requests > _MOST_REQUESTS:
                raise Malformed("too many HelloRequest messages")
            return None
        self._place = _PLACE[kind]
        if kind == _SERVER_HELLO:
            return self._server_hello(body)
        if kind == _CERTIFICATE:
            return certificates(body)
        if kind == _STATUS:
            return certificate_status(body)
        if kind == _KEY_EXCHANGE:
            return key_exchange(body, self._suite)
        if kind == _REQUEST:
            return CertificateRequest()
        return self._done(body) if kind == _DONE else None

    def _server_hello(self, body: bytes) -> ServerHello:
        hello = server_hello(body)
        self._suite = hello.suite
        self.finished = hello.retry or hello.version >= _TLS13  # the rest is encrypted
        return hello

    def _done(self, body: bytes) -> Done:
        if body:
            raise Malformed("a ServerHelloDone message that is not empty")
        self.finished = True
        return Done()
