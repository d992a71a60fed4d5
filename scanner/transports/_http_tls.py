"""The most tolerant TLS that Python's OpenSSL can speak: to see whether anything answers, never to judge or to trust.

Certificates, versions and suites are judged by the TLS probe. Nothing secret is ever sent over these connections.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field

# Python names it from 3.12 on; OpenSSL has had it since 0.9.8m.
_LEGACY_SERVER_CONNECT = 0x4

_CONTENT_ALERT, _CONTENT_HANDSHAKE = 21, 22
_CERTIFICATE_REQUEST = 13


@dataclass
class Heard:
    """What the peer said of TLS during one handshake, also where it never got completed."""

    tls: bool = False
    wants_certificate: bool = False

    def message(self, connection: object, direction: str, version: int, content: int, kind: int, data: bytes) -> None:
        """Notes one TLS message; called by the ssl module."""
        if direction == "read" and content in (_CONTENT_ALERT, _CONTENT_HANDSHAKE):
            self.tls = True
            self.wants_certificate |= content == _CONTENT_HANDSHAKE and kind == _CERTIFICATE_REQUEST


class _WithoutAlpn(ssl.SSLContext):
    """A context that offers no ALPN, whatever a library asks for.

    We speak HTTP/1.1, which is what a server assumes without it (RFC 7301), and some TLS 1.3 servers that know no ALPN,
    such as tlslite-ng's, break off where it is offered.
    """

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Offers none."""


@dataclass
class TolerantTls:
    """A context for one connection, and what was heard on it."""

    heard: Heard = field(default_factory=Heard)
    context: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        context = _WithoutAlpn(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.options |= _LEGACY_SERVER_CONNECT
        context.options &= ~(ssl.OP_NO_SSLv3 | ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1)
        # The one way in the standard library to tell "demands a client certificate" from "no common suite" before
        # TLS 1.3. It is private to CPython: without it (another Python) that peer is told as unsupported.
        if hasattr(context, "_msg_callback"):
            context._msg_callback = self.heard.message
        self.context = context
