"""A socket under sslyze that is bounded in bytes and time, and remembers whether the peer spoke TLS at all.

sslyze takes silence, a closed connection and a refused handshake for "not vulnerable". Whether a test has asked
anything shows in what came back; that is noted here.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from typing import Any

_MOST_BYTES = 1_000_000
_MOST_KEPT = 100_000
_ALERT, _HANDSHAKE, _SERVER_HELLO = 21, 22, 2
_SERVER_HELLO_DONE = b"\x0e\x00\x00\x00"

# What one connection may last, in time-outs: a peer that drips must not take the time of every other question.
_STEPS = 4


@dataclass
class Heard:
    """What came back on one connection, once TLS was to begin.

    Attributes:
        said: the first bytes.
        silent: whether it kept us waiting in vain at least once.
        overdue: whether our patience ended before the peer did.
        flooded: whether it sent more than we take.
    """

    said: bytes = b""
    count: int = 0
    silent: bool = False
    overdue: bool = False
    flooded: bool = False

    @property
    def hello(self) -> bool:
        """Whether it agreed to a handshake."""
        return len(self.said) > 5 and self.said[0] == _HANDSHAKE and self.said[5] == _SERVER_HELLO

    @property
    def asked(self) -> bool:
        """Whether it agreed to a handshake and then did not fall silent in the midst of its own part of it."""
        return self.hello and (_SERVER_HELLO_DONE in self.said or not self.silent)

    @property
    def alert(self) -> bool:
        """Whether it refused the handshake as TLS does."""
        return self.said[:1] == bytes([_ALERT])


@dataclass
class Watch:
    """All connections of one test.

    Attributes:
        end: when the whole job ends, in `time.monotonic()`.
        timeout: seconds for one step.
    """

    end: float
    timeout: float
    heard: list[Heard] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """On how many connections a question was asked at all."""
        return sum(each.asked for each in self.heard)

    @property
    def refused(self) -> bool:
        """Whether the last handshake was refused with an alert."""
        return bool(self.heard) and self.heard[-1].alert

    @property
    def silent(self) -> bool:
        """Whether the peer kept us waiting in vain."""
        return any(each.silent for each in self.heard)

    @property
    def overdue(self) -> bool:
        """Whether our patience ended."""
        return any(each.overdue for each in self.heard) or time.monotonic() >= self.end

    @property
    def flooded(self) -> bool:
        """Whether the peer sent more than we take."""
        return any(each.flooded for each in self.heard)

    def over(self, connected: socket.socket) -> WatchedSocket:
        """A watched socket over a connected one."""
        self.heard.append(Heard())
        return WatchedSocket(connected, self.heard[-1], min(self.end, time.monotonic() + _STEPS * self.timeout), self)


class WatchedSocket:
    """Those methods of a socket that nassl and sslyze use."""

    def __init__(self, inner: socket.socket, heard: Heard, end: float, watch: Watch) -> None:
        self._inner = inner
        self._heard = heard
        self._end = end
        self._timeout = watch.timeout

    def recv(self, size: int) -> bytes:
        """Like a socket's, within bounds.

        Raises:
            TimeoutError: silence, or our patience ended.
            ConnectionAbortedError: the peer sent too much.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            self._heard.overdue = True
            raise TimeoutError
        self._inner.settimeout(min(left, self._timeout))
        try:
            data = self._inner.recv(size)
        except TimeoutError:
            self._heard.silent = True
            raise
        self._heard.said += data[: _MOST_KEPT - len(self._heard.said)]
        self._heard.count += len(data)
        if self._heard.count > _MOST_BYTES:
            self._heard.flooded = True
            raise ConnectionAbortedError
        return data

    def send(self, data: bytes) -> int:
        """Sends all of it: sslyze does not look how much of it went."""
        self._inner.sendall(data)
        return len(data)

    def close(self) -> None:
        """Closes the connection."""
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
