"""Hearing what a listener says in plain text."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports import plain
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.plain import overhear

Raw = Callable[[Callable[[socket.socket], Any]], int]


@pytest.fixture(autouse=True)
def _short_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_MOMENT", 0.3)


async def hear(port: int, *, step: float = 0.6, seconds: float = 20.0) -> bytes | Unobserved:
    target = TlsTarget(address="127.0.0.1", port=port, server_name=None, timeout=step)
    return await asyncio.wait_for(overhear(target, until=asyncio.get_running_loop().time() + seconds), 20)


async def cause_of(port: int, **how: float) -> Cause:
    heard = await hear(port, **how)
    assert isinstance(heard, Unobserved)
    return heard.cause


async def test_a_greeting_is_heard_and_nothing_is_said(raw: Raw) -> None:
    got: list[bytes] = []

    def greet(connection: socket.socket) -> None:
        connection.sendall(b"220 mx\r\n")
        got.append(connection.recv(100))

    assert await hear(raw(greet)) == b"220 mx\r\n"
    await asyncio.sleep(0.05)
    assert got in ([], [b""])


async def test_a_greeting_in_pieces_is_heard_whole(raw: Raw) -> None:
    def greet(connection: socket.socket) -> None:
        for piece in (b"22", b"0 m", b"x\r\n"):
            connection.sendall(piece)
            time.sleep(0.03)
        connection.recv(100)

    assert await hear(raw(greet)) == b"220 mx\r\n"


async def test_who_waits_for_us_gets_a_hello_and_empty_lines(raw: Raw) -> None:
    got: list[bytes] = []

    def complain(connection: socket.socket) -> None:
        got.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert await hear(raw(complain)) == b"HTTP/1.1 400 Bad Request\r\n\r\n"
    assert got[0].startswith(b"\x16\x03")
    assert got[0].endswith(b"\r\n\r\n")


async def test_who_never_greets_gets_its_hello_at_once(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_MOMENT", 60.0)

    def read_lines(connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            while lines.readline() != b"\r\n":
                pass
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    target = TlsTarget(address="127.0.0.1", port=raw(read_lines), server_name=None, timeout=5)
    until = asyncio.get_running_loop().time() + 20
    assert await overhear(target, greets=False, until=until) == b"HTTP/1.1 200 OK\r\n\r\n"


async def test_who_resets_the_connection_after_a_complaint_was_heard(raw: Raw) -> None:
    def complain(connection: socket.socket) -> None:
        connection.recv(10)
        connection.sendall(b"<html>no</html>")
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert await hear(raw(complain)) == b"<html>no</html>"


async def test_no_more_than_two_kilobytes_are_kept(raw: Raw) -> None:
    heard = await hear(raw(lambda connection: connection.sendall(b"x" * 10_000_000)))
    assert isinstance(heard, bytes)
    assert len(heard) <= 2048


async def test_silence_is_a_timeout(raw: Raw) -> None:
    assert await cause_of(raw(lambda connection: time.sleep(3))) is Cause.TIMEOUT


async def test_the_deadline_holds(raw: Raw) -> None:
    assert await cause_of(raw(lambda connection: time.sleep(3)), seconds=0.1, step=5) is Cause.TIMEOUT


async def test_a_closed_port_is_unreachable(free_port: int) -> None:
    assert await cause_of(free_port) is Cause.UNREACHABLE


async def test_a_peer_that_hangs_up_said_nothing(raw: Raw) -> None:
    assert await cause_of(raw(lambda connection: None)) in {Cause.TIMEOUT, Cause.UNREACHABLE}
