"""What a listener says in plain text: by itself, or to somebody who begins with TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from functools import cache

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import unobserved_from
from scanner.transports._tls_protocol import TlsTarget

_MOST_BYTES = 2048

# Seconds of silence after which a listener is not expected to greet; and how long the rest of a greeting may take.
_MOMENT = 2.0
_REST = 0.2


async def overhear(target: TlsTarget, *, greets: bool = True, until: float) -> bytes | Unobserved:
    """The first bytes of a listener, at most 2048.

    One connection stays silent for a moment, since many protocols begin with the server. Who says nothing then gets a
    ClientHello and two empty lines, at which a server of a protocol of lines complains.

    Args:
        target: whom to listen to.
        greets: whether it may be one who speaks first; if not, there is no moment of silence.
        until: hard deadline in the event loop's time.
    """
    try:
        async with asyncio.timeout_at(until):
            async with asyncio.timeout(target.timeout):
                reader, writer = await asyncio.open_connection(target.address, target.port, limit=_MOST_BYTES)
            try:
                heard = await _heard(reader, min(_MOMENT, target.timeout)) if greets else b""
                if not heard and not reader.at_eof():
                    writer.write(_hello() + b"\r\n\r\n")
                    heard = await _heard(reader, target.timeout)
            finally:
                writer.transport.abort()
    except (OSError, EOFError) as error:
        return unobserved_from(error, where=target.peer)
    if not heard:
        detail = f"{target.peer} says nothing, with TLS or without; check which service listens there."
        return Unobserved(cause=Cause.TIMEOUT, detail=detail)
    return heard


async def _heard(reader: asyncio.StreamReader, seconds: float) -> bytes:
    """What comes within a time, and what follows it at once."""
    heard = b""
    try:
        async with asyncio.timeout(seconds):
            heard = await reader.read(_MOST_BYTES)
        async with asyncio.timeout(_REST):
            while len(heard) < _MOST_BYTES and not reader.at_eof():
                heard += await reader.read(_MOST_BYTES - len(heard))
    except TimeoutError:
        pass
    except ConnectionError:  # who resets the connection after an answer has answered
        if not heard:
            raise
    return heard


@cache
def _hello() -> bytes:
    """A ClientHello of this Python's OpenSSL, for its form alone."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()
