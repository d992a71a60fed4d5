"""What a server answers to a hello of SSL 2 (draft-hickman-netscape-ssl-00, sections 1 and 2.6).

A server that knows better answers with an alert in a TLS record, or closes the connection.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from scanner.transports._hello_events import Event, Malformed, Ssl2Error, Ssl2Hello
from scanner.transports._hello_read import MOST_BYTES, Reader

_ERROR, _SERVER_HELLO = 0, 4
_SSL2 = 0x0002
_HEAD = struct.Struct(">BBBHHHH")


class Ssl2Reader:
    """Reads the answer to one hello of SSL 2; has the face of `Reader`."""

    def __init__(self) -> None:
        self.finished = False
        self._raw = b""
        self._total = 0
        self._tls: Reader | None = None

    @property
    def broken_off(self) -> bool:
        """Whether an answer began that would have to go on."""
        return not self.finished and bool(self._raw)

    def feed(self, data: bytes) -> Iterator[Event]:
        """Takes what came and gives what can be read of it so far; raises `Malformed` as `Reader.feed` does."""
        self._total += len(data)
        if self._total > MOST_BYTES:
            raise Malformed(f"more than {MOST_BYTES} bytes in answer to a hello")
        if self._tls is None and not self._raw and data[:1] == b"\x15":
            self._tls = Reader()
        if self._tls is not None:
            yield from self._tls.feed(data)
            return
        self._raw += data
        if (message := self._message()) is not None:
            self.finished = True
            yield _event(message)

    def _message(self) -> bytes | None:
        """The first message, as soon as its record is whole."""
        raw = self._raw
        if raw[:2] == b"\x16\x03":
            raise Malformed("a TLS handshake in answer to a hello of SSL 2")
        if len(raw) < 3:
            return None
        long = bool(raw[0] & 0x80)
        size = (raw[0] & (0x7F if long else 0x3F)) << 8 | raw[1]
        head, padding = (2, 0) if long else (3, raw[2])
        if raw[head : head + 1] not in (b"", b"\x00", b"\x04") or size < 3 or padding > size:
            raise Malformed("something that is no answer of SSL 2", head=raw[:64])
        if len(raw) < head + size:
            return None
        return raw[head : head + size - padding]


def _event(message: bytes) -> Event:
    if message[:1] == bytes([_ERROR]) and len(message) >= 3:
        return Ssl2Error(int.from_bytes(message[1:3], "big"))
    if message[:1] != bytes([_SERVER_HELLO]) or len(message) < _HEAD.size:
        raise Malformed("an SSL 2 message that ends too early")
    _, _, _, version, certificate, kinds, connection = _HEAD.unpack_from(message)
    if version != _SSL2 or kinds % 3 or _HEAD.size + certificate + kinds + connection != len(message):
        raise Malformed("an SSL 2 SERVER-HELLO whose lengths or version are wrong")
    at = _HEAD.size + certificate
    return Ssl2Hello(
        tuple(int.from_bytes(message[start : start + 3], "big") for start in range(at, at + kinds, 3)),
        message[_HEAD.size : at],
    )
