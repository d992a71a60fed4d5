"""The mail servers of the demo city: SMTP up to the point where mail would come, which they turn down."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from demo.certificates import leaf_files
from demo.layout import ADDRESS, MAIL_SERVERS, MailServer

PATIENCE = 10.0  # seconds that a visitor may take for one command
LINE_LIMIT = 2048
_MOST_COMMANDS = 50

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _context(server: MailServer, state: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.load_cert_chain(*leaf_files(server, state))
    return context


def _reply(server: MailServer, command: str, *, offers_tls: bool) -> str:
    match command.partition(" ")[0].upper():
        case "EHLO":
            extensions = ["STARTTLS"] if offers_tls else []
            lines = [server.host, *extensions, "8BITMIME"]
            return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])
        case "HELO" | "NOOP" | "RSET":
            return f"250 {server.host}"
        case "STARTTLS" if offers_tls:
            return "220 Go ahead"
        case "QUIT":
            return "221 Bye"
    return "502 This is a demo and takes no mail"


async def _converse(
    server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext | None
) -> None:
    """Answers commands until the visitor leaves, or turns TLS on and begins again."""
    for _ in range(_MOST_COMMANDS):
        line = await reader.readuntil(b"\n")
        command = line.decode("latin-1").strip()
        reply = _reply(server, command, offers_tls=context is not None)
        writer.write(f"{reply}\r\n".encode())
        await writer.drain()
        if reply.startswith("221"):
            return
        if reply.startswith("220") and context is not None:
            await writer.start_tls(context, ssl_handshake_timeout=PATIENCE)
            return await _converse(server, reader, writer, None)


def _visitor(server: MailServer, context: ssl.SSLContext | None) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greets and serves one connection; whatever a visitor does costs this connection alone."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                writer.write(f"220 {server.host} ESMTP\r\n".encode())
                await _converse(server, reader, writer, context)
        writer.close()

    return handle


async def start(state: Path) -> None:
    """Serves mail until the process ends."""
    for server in MAIL_SERVERS:
        context = _context(server, state) if server.starttls else None
        await asyncio.start_server(_visitor(server, context), ADDRESS, server.port, limit=LINE_LIMIT, backlog=128)
