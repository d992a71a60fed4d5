"""One full TLS handshake by OpenSSL 3, over an asyncio connection: that TLS is there, and the chain it presents.

Nothing is trusted or judged here, and nothing but the handshake (and the command that turns TLS on) is ever sent. The
versions and suites that this OpenSSL has given up (SSL 3, RC4, 3DES) are the enumerator's to see.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from OpenSSL import SSL, crypto

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._errors import unobserved_from
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.starttls import NotOffered, Turned, start_tls

# OpenSSL takes at most 100 kB of certificates; the rest of a handshake is small.
_MOST_BYTES = 200_000
_AT_ONCE = 16_384

# No pre-shared keys and passwords, of which we have none, and no ARIA, for the hello's length; a suite that shows no
# certificate, or encrypts nothing, only where the server takes no other.
_SUITES = b"ALL:COMPLEMENTOFALL:!PSK:!SRP:!ARIA:+aNULL:+eNULL:@SECLEVEL=0"

_VERSIONS = {
    "TLSv1.0": SSL.TLS1_VERSION,
    "TLSv1.1": SSL.TLS1_1_VERSION,
    "TLSv1.2": SSL.TLS1_2_VERSION,
    "TLSv1.3": SSL.TLS1_3_VERSION,
}

# Where OpenSSL's name of a version is not ours.
_OUR_NAMES = {"TLSv1": "TLSv1.0"}

_NO_WORD = re.compile("[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Handshake:
    """What one handshake showed.

    Attributes:
        version: `TLSv1.0` to `TLSv1.3`.
        suite: OpenSSL's name of the suite (that of IANA for TLS 1.3).
        chain: as received, PEM, leaf first; empty where the suite is anonymous.
    """

    version: str
    suite: str
    chain: tuple[str, ...]


async def shake_hands(
    target: TlsTarget, *, until: float, versions: tuple[str, str] = ("TLSv1.0", "TLSv1.3")
) -> Handshake | Unobserved:
    """Connects, turns TLS on where a command does it, and completes one handshake.

    A server that demands a client certificate has shown its chain by then, and is seen.

    Args:
        target: the server; connecting, turning TLS on and the handshake take at most its time-out each.
        until: hard deadline in the event loop's time.
        versions: the oldest and the newest version to offer.
    """
    try:
        return await shake_hands_if_offered(target, until=until, versions=versions)
    except NotOffered as refusal:
        detail = f"{target.peer} offers no TLS ({refusal.said})."
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)


async def shake_hands_if_offered(
    target: TlsTarget, *, until: float, versions: tuple[str, str] = ("TLSv1.0", "TLSv1.3")
) -> Handshake | Unobserved:
    """As `shake_hands`, for those who tell a server without TLS from one that was not seen.

    Raises:
        NotOffered: the server says clearly that it does not have the command which turns TLS on.
    """
    connection = _client(target.server_name, versions)
    try:
        async with asyncio.timeout_at(until), _connected(target) as (reader, writer):
            gap = await _turn_on(target, reader, writer)
            if gap is not None:
                return gap
            async with asyncio.timeout(target.timeout):
                await _complete(connection, reader, writer)
    except (OSError, EOFError) as error:
        # Whatever broke it off: a chain that was received by then was presented.
        return _shown(connection) or unobserved_from(error, where=target.peer)
    return _seen(connection)


@contextlib.asynccontextmanager
async def _connected(target: TlsTarget) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, aborted at the end: a peer that reads nothing must not keep it open."""
    async with asyncio.timeout(target.timeout):
        reader, writer = await asyncio.open_connection(target.address, target.port, limit=_AT_ONCE)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _turn_on(target: TlsTarget, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Unobserved | None:
    """Turns TLS on by the target's command; None where that was done or none is needed."""
    if target.starttls is None:
        return None
    try:
        async with asyncio.timeout(target.timeout):
            await start_tls(target.starttls, reader, writer, target.server_name or target.address)
    except Turned as turned:
        return turned.gap
    return None


@cache
def _context(oldest: str, newest: str) -> SSL.Context:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_cipher_list(_SUITES)
    context.set_min_proto_version(_VERSIONS[oldest])
    context.set_max_proto_version(_VERSIONS[newest])
    context.set_options(SSL.OP_LEGACY_SERVER_CONNECT)
    context.set_verify(SSL.VERIFY_NONE)
    return context


def _client(server_name: str | None, versions: tuple[str, str]) -> SSL.Connection:
    connection = SSL.Connection(_context(*versions), None)
    connection.set_connect_state()
    if server_name is not None:
        connection.set_tlsext_host_name(server_name.encode("ascii", "replace"))
    return connection


async def _complete(connection: SSL.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carries the bytes of a handshake until it is complete.

    Raises:
        ssl.SSLError: the peer answered with an alert, or with what is no TLS; named as the ssl module does.
        EOFError: the peer closed the connection before the end.
    """
    received = 0
    while not await _step(connection, writer):
        data = await reader.read(_AT_ONCE)
        if not data:
            raise EOFError
        received += len(data)
        if received > _MOST_BYTES:
            raise _error("excessive message size")
        connection.bio_write(data)


async def _step(connection: SSL.Connection, writer: asyncio.StreamWriter) -> bool:
    """One step of a handshake, and whether it is complete; sends what it brings forth, a last alert included."""
    try:
        connection.do_handshake()
    except SSL.WantReadError:
        return False
    except SSL.Error as error:
        raise _error(_reason(error)) from error
    else:
        return True
    finally:
        with contextlib.suppress(SSL.WantReadError):  # there is nothing to send
            writer.write(connection.bio_read(_MOST_BYTES))
        await writer.drain()


def _reason(error: SSL.Error) -> str:
    """What OpenSSL said first, the root of the trouble."""
    stack: Any = error.args[0] if error.args else ()
    said = [str(entry[-1]) for entry in stack if isinstance(entry, tuple) and entry[-1]] if stack else []
    return said[0] if said else "an unnamed fault"


def _error(reason: str) -> ssl.SSLError:
    """OpenSSL's word in the form that `unobserved_from` knows: that of the ssl module for a reason without a name."""
    return ssl.SSLError(1, f"[SSL] {_NO_WORD.sub(' ', reason.lower())}")


def _chain(connection: SSL.Connection) -> tuple[str, ...]:
    certificates = connection.get_peer_cert_chain() or []
    return tuple(crypto.dump_certificate(crypto.FILETYPE_PEM, each).decode("ascii") for each in certificates)


def _shown(connection: SSL.Connection) -> Handshake | None:
    """What a handshake showed that was broken off; None where no chain came by then."""
    return _seen(connection) if _chain(connection) else None


def _seen(connection: SSL.Connection) -> Handshake:
    version = connection.get_protocol_version_name()
    return Handshake(
        version=_OUR_NAMES.get(version, version),
        suite=connection.get_cipher_name() or "",
        chain=_chain(connection),
    )
