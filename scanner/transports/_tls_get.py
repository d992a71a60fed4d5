"""One HTTP request over whatever TLS completes, the oldest included; runs in the worker processes only.

Python's own OpenSSL has given up SSL 3, RC4 and 3DES; a server that speaks nothing else still serves residents'
requests to whoever asks in the old way, and that is what is asked here.
"""

from __future__ import annotations

import time

from nassl._nassl import OpenSSLError, WantReadError
from sslyze.connection_helpers.tls_connection import SslConnection

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_offer import NothingToOffer, completes, hellos, prepared
from scanner.transports._tls_protocol import RawHead, TlsTarget
from scanner.transports._tls_sslyze import VERSIONS

LARGEST_HEAD = 65536

# All connections together may take so many times the limit of one step.
_STEPS = 2
_AT_ONCE = 16384


def get_head(job: TlsTarget, request: bytes, end: float) -> RawHead | Unobserved:
    """The first bytes of the answer, up to the end of its head.

    Args:
        job: the server.
        request: the whole request.
        end: when to stop, in `time.monotonic()`; after twice the target's `timeout` in any case.

    A server that refuses cleanly speaks a TLS that we do not; one that answers every hello against the rules of TLS is
    malformed. An old one may answer a new hello oddly, and so is asked on after that.
    """
    end = min(end, time.monotonic() + _STEPS * job.timeout)
    broken, refused = None, False
    for version in VERSIONS:
        for legacy, suites in hellos(version):
            if time.monotonic() >= end:
                return _silent(job)
            try:
                found = _try(job, version, suites, legacy, request, end)
            except NothingToOffer:
                continue
            if isinstance(found, RawHead) or (found is not None and found.cause is not Cause.MALFORMED):
                return found
            broken, refused = broken or found, refused or found is None
    if broken is not None and not refused:
        return broken
    detail = f"{job.peer} speaks TLS but refuses every version and cipher suite that we know."
    return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)


def _silent(job: TlsTarget) -> Unobserved:
    return Unobserved(cause=Cause.TIMEOUT, detail=f"{job.peer} did not answer in time; scan it again later.")


def _try(
    job: TlsTarget, version: str, suites: list[str], legacy: bool, request: bytes, end: float
) -> RawHead | Unobserved | None:
    """One connection; None where the offer is refused."""
    with prepared(job, version, suites, legacy=legacy) as connection:
        answer = completes(job, version, connection)
        if isinstance(answer, Unobserved):
            return answer
        if not answer:
            return None
        try:
            connection.ssl_client.write(request)
        except (OSError, OpenSSLError):
            return None
        text = _read_head(connection, end)
    return RawHead(tls_version=version, text=text.decode("latin-1"))


def _read_head(connection: SslConnection, end: float) -> bytes:
    """What comes until the head ends, the peer stops, or it is too much."""
    read = b""
    while b"\r\n\r\n" not in read and len(read) < LARGEST_HEAD and time.monotonic() < end:
        try:
            read += _read(connection)
        except (OSError, OpenSSLError):
            break
    return read[:LARGEST_HEAD]


def _read(connection: SslConnection) -> bytes:
    """What is there. nassl's own `read` waits for the network even where a decrypted record lies ready."""
    client = connection.ssl_client
    try:
        return bytes(client._ssl.read(_AT_ONCE))
    except WantReadError:
        return client.read(_AT_ONCE)
