"""An SMTP server that says what a test tells it. A pytest plugin that `tests/conftest.py` registers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest


class MailServer:
    """An SMTP server that says what a test tells it.

    Attributes:
        said: each connection's commands.
        most_at_once: the most connections that were open at the same time.
    """

    def __init__(self, tls: ssl.SSLContext, *, greeting: str, ehlo: str, starttls: str, injected: bytes) -> None:
        self.port = 0
        self.said: list[list[str]] = []
        self.most_at_once = 0
        self._tls, self._greeting, self._ehlo, self._starttls = tls, greeting, ehlo, starttls
        self._injected = injected
        self._open = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        commands: list[str] = []
        self.said.append(commands)
        try:
            writer.write(f"{self._greeting}\r\n".encode())
            while line := (await reader.readline()).decode("utf-8", "replace").strip():
                commands.append(line)
                await self._answer(line, writer)
        finally:
            self._open -= 1

    async def _answer(self, line: str, writer: asyncio.StreamWriter) -> None:
        answers = {"EHLO": self._ehlo, "STARTTLS": self._starttls, "QUIT": "221 bye"}
        answer = answers.get(line.split()[0].upper(), "500 what?")
        begins = line == "STARTTLS" and answer.startswith("220")
        writer.write(f"{answer}\r\n".encode() + (self._injected if begins else b""))
        await writer.drain()
        if begins:
            await writer.start_tls(self._tls, ssl_handshake_timeout=5)


@pytest.fixture
def mail_server(peers: Any) -> Callable[..., Awaitable[MailServer]]:
    """`await mail_server(greeting="421 later")` starts an SMTP server; its other answers are those of a good one."""

    async def start(
        *,
        tls: ssl.SSLContext | None = None,
        greeting: str = "220 mx.city.example ESMTP",
        ehlo: str = "250-mx.city.example\r\n250-SIZE 1000\r\n250 STARTTLS",
        starttls: str = "220 go ahead",
        injected: bytes = b"",
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> MailServer:
        server = MailServer(tls or peers.tls(), greeting=greeting, ehlo=ehlo, starttls=starttls, injected=injected)
        server.port = await peers.serve(server.talk, host=host, port=port)
        return server

    return start
