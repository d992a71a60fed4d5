"""What an exception of sslyze's says about the peer; runs in the worker processes only."""

from __future__ import annotations

import struct

import tls_parser.exceptions
from nassl._nassl import OpenSSLError
from nassl.ssl_client import ClientCertificateRequested
from sslyze.errors import (
    ConnectionToServerFailed,
    ConnectionToServerTimedOut,
    ServerRejectedTlsHandshake,
    ServerTlsConfigurationNotSupported,
    TlsHandshakeTimedOut,
)

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.starttls import NotOffered, Turned

# What sslyze says when the peer closed or reset the connection instead of answering.
_CLOSED = ("Server rejected the connection", "Server interrupted the TLS handshake", "Server closed the connection")

# What sslyze and its parser of TLS records raise for records that are none.
_NONSENSE = (
    ValueError,
    IndexError,
    KeyError,
    struct.error,
    tls_parser.exceptions.NotEnoughData,
    tls_parser.exceptions.UnknownTypeByte,
    tls_parser.exceptions.UnknownTlsVersionByte,
)


def gap_from(error: BaseException, target: TlsTarget, doing: str) -> Unobserved:
    """Why a command brought no answer.

    Args:
        error: what it raised.
        target: whom it asked.
        doing: what was being asked, to complete "… when asked for X".
    """
    if isinstance(error, Turned):
        return error.gap
    cause, told = _meaning(error, target)
    return Unobserved(cause=cause, detail=f"{target.peer} {told} when {doing}.")


def _meaning(error: BaseException, target: TlsTarget) -> tuple[Cause, str]:
    match error:
        case TlsHandshakeTimedOut() | ConnectionToServerTimedOut() | TimeoutError():
            return Cause.TIMEOUT, f"did not answer within {target.timeout:g} s"
        case ServerRejectedTlsHandshake() if error.error_message.startswith(_CLOSED):
            return Cause.UNREACHABLE, "broke the connection off"
        case ServerRejectedTlsHandshake() | ServerTlsConfigurationNotSupported():
            return Cause.UNSUPPORTED, "refused the handshake, or wanted a weaker one than we can make"
        case ConnectionToServerFailed():
            return Cause.UNREACHABLE, "stopped accepting connections"
        case NotOffered():
            return Cause.UNSUPPORTED, "offered no TLS any more"
        case ClientCertificateRequested():
            return Cause.DENIED, "demanded a client certificate"
        case OpenSSLError() if " alert " in str(error) or "no cipher match" in str(error):
            return Cause.UNSUPPORTED, "refused the handshake"
        case OpenSSLError() if "shut down by peer" in str(error):
            return Cause.UNREACHABLE, "broke the connection off"
        case OpenSSLError():
            return Cause.MALFORMED, "answered something that is not TLS"
        case OSError():
            return Cause.UNREACHABLE, "broke the connection off"
        case _ if isinstance(error, _NONSENSE):
            return Cause.MALFORMED, "answered something that is not TLS"
        case _:
            return Cause.PROBE_CRASHED, f"met an error inside civicseal ({type(error).__name__}; please report it)"
