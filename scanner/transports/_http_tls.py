"""The most tolerant TLS that Python's OpenSSL can speak: to see whether anything answers, never to judge or to trust.

Certificates, versions and suites are judged by the TLS probe. Nothing secret is ever sent over these connections.
No ALPN is offered: we speak HTTP/1.1, which is what a server assumes without it (RFC 7301), and some TLS 1.3 servers
that know no ALPN, such as tlslite-ng's, break off where it is offered.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

# Python names it from 3.12 on; OpenSSL has had it since 0.9.8m.
_LEGACY_SERVER_CONNECT = 0x4

_CONTENT_ALERT, _CONTENT_HANDSHAKE, _RECORD_HEADER = 21, 22, 256
_SERVER_HELLO, _CERTIFICATE_REQUEST = 2, 13

# SSL 3.0 to TLS 1.2; TLS 1.3 names its version elsewhere (RFC 8446, section 4.1.3).
_VERSIONS = range(0x0300, 0x0304)


@dataclass
class Heard:
    """What the peer said of TLS during one handshake, also where it never got completed.

    Attributes:
        tls: whether a whole message came.
        began: whether a handshake message began to come.
        strange: whether its hello names a version that does not exist.
    """

    tls: bool = False
    began: bool = False
    strange: bool = False
    wants_certificate: bool = False


HEARD: ContextVar[Heard] = ContextVar("HEARD")
"""Where the running task notes what it hears; set for as long as it asks."""


def _message(connection: object, direction: str, version: int, content: int, kind: int, data: bytes) -> None:
    """Notes one TLS message; called by the ssl module while the connection's task writes or reads."""
    heard = HEARD.get(None)
    if direction != "read" or heard is None:
        return
    if content == _RECORD_HEADER:
        heard.began |= data[:2] == bytes((_CONTENT_HANDSHAKE, 3))
    elif content in (_CONTENT_ALERT, _CONTENT_HANDSHAKE):
        heard.tls = True
        if content == _CONTENT_HANDSHAKE:
            heard.wants_certificate |= kind == _CERTIFICATE_REQUEST
            heard.strange |= kind == _SERVER_HELLO and int.from_bytes(data[4:6]) not in _VERSIONS


def without_alpn(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context, which from now on ignores what httpx would offer.

    A subclass would say so more plainly, but anyio starts a thread per handshake for any but the standard class.
    """
    context.set_alpn_protocols = _offer_none  # type: ignore[method-assign]
    return context


def _offer_none(alpn_protocols: Iterable[str]) -> None:
    """Stands in for `ssl.SSLContext.set_alpn_protocols`."""


@cache
def tolerant_context() -> ssl.SSLContext:
    """The context of all connections. It holds no trust anchors and no sessions, so that sharing it shares nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= _LEGACY_SERVER_CONNECT
    context.options &= ~(ssl.OP_NO_SSLv3 | ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1)
    # The one way in the standard library to tell "demands a client certificate" from "no common suite" before
    # TLS 1.3. It is private to CPython: without it (another Python) that peer is told as unsupported.
    if hasattr(context, "_msg_callback"):
        context._msg_callback = _message
    return without_alpn(context)
