"""The websites of the demo city that Python's own TLS can serve, their plain HTTP twins, and the silent port."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from demo.certificates import leaf_files
from demo.layout import ADDRESS, SITES, Https, Site
from demo.pages import HEAD_LIMIT, answer

PATIENCE = 10.0  # seconds that a visitor may take for one request
BACKLOG = 512  # a scan opens hundreds of connections at once

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

# Mozilla's intermediate suites for TLS 1.2 (without DHE, as of its version 6.0); TLS 1.3 has its own.
_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


def _context(site: Site, state: Path) -> ssl.SSLContext:
    certificate, key = leaf_files(site, state)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Level 0 lets OpenSSL load the planted short key; it does not widen the suites, which are named one by one.
    context.set_ciphers(f"{_SUITES}:@SECLEVEL=0")
    context.load_cert_chain(certificate, key)
    return context


def _visitor(site: Site, *, secure: bool) -> Handler:
    """The handler of one site's connections: one request, one answer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(answer(site, head, secure=secure))
                await writer.drain()
        await _close(writer)

    return handle


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await writer.wait_closed()


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes what comes and never answers, until the visitor gives up."""
    with suppress(OSError):
        while await reader.read(HEAD_LIMIT):
            pass
    await _close(writer)


async def _listen(handler: Handler, port: int, context: ssl.SSLContext | None = None) -> None:
    timeouts = {"ssl_handshake_timeout": PATIENCE, "ssl_shutdown_timeout": 2.0} if context else {}
    await asyncio.start_server(handler, ADDRESS, port, ssl=context, limit=HEAD_LIMIT, backlog=BACKLOG, **timeouts)


async def _open(site: Site, state: Path) -> None:
    """Opens what of a site is served here; an old https port is served by `demo.old_tls`."""
    if site.https is Https.MODERN:
        await _listen(_visitor(site, secure=True), site.port, _context(site, state))
    if site.https is Https.SILENT:
        await _listen(_silence, site.port)
    if site.http_port is not None:
        await _listen(_visitor(site, secure=False), site.http_port)


async def start(state: Path) -> None:
    """Serves the websites until the process ends."""
    for site in SITES:
        await _open(site, state)
