"""The websites of the demo city that still speak TLS 1.0, or take broken suites, by tlslite-ng.

Many systems' own OpenSSL refuses what is this old, whatever a program asks; tlslite-ng is pure Python and does not.
"""

from __future__ import annotations

import os
import socketserver
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.errors import BaseTLSException

from demo.certificates import leaf_files
from demo.layout import ADDRESS, SITES, Https, Site
from demo.pages import HEAD_LIMIT, answer

PATIENCE = 10.0  # seconds that one read may take


_AEAD = ["aes128gcm", "aes256gcm", "chacha20-poly1305"]


def _settings(https: Https) -> Any:
    """Few suites, so that pure Python has little to compute."""
    settings = HandshakeSettings()
    settings.macNames = ["aead", "sha"]
    settings.eccCurves = settings.keyShares = ["x25519", "secp256r1"]
    settings.use_heartbeat_extension = False
    settings.ticket_count = 0
    settings.maxVersion = (3, 4)
    if https is Https.OLD:
        settings.minVersion = (3, 1)
        settings.cipherNames, settings.keyExchangeNames = [*_AEAD, "aes128"], ["ecdhe_ecdsa"]
    else:
        settings.minVersion = (3, 3)
        settings.cipherNames, settings.keyExchangeNames = [*_AEAD, "3des", "rc4"], ["ecdhe_rsa", "rsa"]
    return settings


class _Visit(socketserver.BaseRequestHandler):
    """One connection: a handshake, one request, one answer."""

    def __init__(self, keys: tuple[Any, Any], site: Site, *rest: Any) -> None:
        self._keys, self._site = keys, site
        super().__init__(*rest)

    def handle(self) -> None:
        """Serves the visitor; whatever a visitor sends costs this connection alone."""
        self.request.settimeout(PATIENCE)
        chain, key = self._keys
        connection = TLSConnection(self.request)
        with suppress(OSError, BaseTLSException, ValueError, SyntaxError, AssertionError):
            # Without `alpn` tlslite-ng breaks off with every TLS 1.3 client that offers some.
            connection.handshakeServer(
                certChain=chain, privateKey=key, settings=_settings(self._site.https), alpn=[b"http/1.1"]
            )
            head = self._head(connection)
            if head:
                connection.sendall(answer(self._site, head, secure=True))
            connection.close()

    @staticmethod
    def _head(connection: Any) -> bytes:
        """The request's head; empty if the visitor leaves first."""
        head = b""
        while b"\r\n\r\n" not in head and len(head) < HEAD_LIMIT:
            more = connection.recv(4096)
            if not more:
                return b""
            head += more
        return head


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = os.name == "posix"  # elsewhere it would let two programs have one port


def _keys(site: Site, state: Path) -> tuple[Any, Any]:
    certificate, key = leaf_files(site, state)
    chain = X509CertChain()
    chain.parsePemList(certificate.read_text())
    return chain, parsePEMKey(key.read_text(), private=True)


async def start(state: Path) -> None:
    """Serves these websites until the process ends."""
    for site in SITES:
        if site.https in (Https.OLD, Https.WEAK):
            server = _Server((ADDRESS, site.port), partial(_Visit, _keys(site, state), site))
            threading.Thread(target=server.serve_forever, daemon=True).start()
