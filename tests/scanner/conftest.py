"""Real TLS servers and hostile peers on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import tlslite.api as tlslite
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
TlsServer = Callable[..., Awaitable[int]]
TlsPeer = Callable[[Handler], Awaitable[int]]


@dataclass(frozen=True)
class Issued:
    """A certificate made for a test, with its key and the certificates that a server sends after it."""

    certificate: x509.Certificate
    key: PrivateKey
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def chain_pem(self) -> str:
        return "".join(each.public_bytes(Encoding.PEM).decode() for each in (self.certificate, *self.above))

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def without_chain(self) -> Issued:
        """The same, with a server that forgets the intermediates."""
        return Issued(self.certificate, self.key)

    def files(self, folder: Path) -> tuple[Path, Path]:
        """Chain and key as files, named after the certificate's serial number."""
        name = f"{self.certificate.serial_number:x}-{len(self.above)}"
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_text(self.chain_pem)
        key.write_text(self.key_pem)
        return chain, key


@pytest.fixture(scope="session")
def issue() -> Callable[..., Issued]:
    """Makes certificates: `issue("a.example", issuer=ca)`; without an issuer they are self-signed."""

    def make(
        *names: str,
        issuer: Issued | None = None,
        ca: bool = False,
        subject: str | None = None,
        start: timedelta = timedelta(days=-30),
        end: timedelta = timedelta(days=60),
        rsa_bits: int | None = None,
        key_identifiers: bool = True,
        purposes: tuple[x509.ObjectIdentifier, ...] = (),
    ) -> Issued:
        key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
        if rsa_bits:
            key = rsa.generate_private_key(65537, rsa_bits)
        common = subject if subject is not None else (names[0] if names else f"Test Authority {uuid4().hex[:6]}")
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(issuer.certificate.subject if issuer else name, name, key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + start)
            .not_valid_after(now + end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), False)
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), False)
        signer = issuer.key if issuer else key
        if key_identifiers:
            builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
            builder = builder.add_extension(authority, False)
        certificate = builder.sign(signer, hashes.SHA256())
        sent = () if issuer is None or (not issuer.above and _is_root(issuer)) else (issuer.certificate, *issuer.above)
        return Issued(certificate, key, sent)

    return make


def _is_root(issued: Issued) -> bool:
    return issued.certificate.issuer == issued.certificate.subject


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def server_context(
    issued: Issued, folder: Path, *, oldest: str | None = None, client_ca: str = "", second: Issued | None = None
) -> ssl.SSLContext:
    """A server's context; `oldest` may turn old versions on again, `client_ca` demands a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if oldest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion[oldest]
    context.load_cert_chain(*issued.files(folder))
    if second is not None:
        context.load_cert_chain(*second.files(folder))
    if client_ca:
        context.load_verify_locations(cadata=client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def _close(servers: list[asyncio.Server], tasks: set[asyncio.Task[Any]]) -> None:
    for server in servers:
        server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def tls_peer() -> AsyncIterator[TlsPeer]:
    """`await tls_peer(handler)` listens on loopback and gives the port."""
    servers: list[asyncio.Server] = []
    tasks: set[asyncio.Task[Any]] = set()

    async def start(handler: Handler) -> int:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await handler(reader, writer)
            with contextlib.suppress(ConnectionError):
                writer.close()

        servers.append(await asyncio.start_server(handle, "127.0.0.1", 0))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start
    await _close(servers, tasks)


@pytest.fixture
async def tls_server(tmp_path: Path) -> AsyncIterator[TlsServer]:
    """`await tls_server(issued, oldest="TLSv1")` serves TLS on loopback and gives the port."""
    servers: list[asyncio.Server] = []

    async def start(issued: Issued, *, host: str = "127.0.0.1", **options: Any) -> int:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        context = server_context(issued, tmp_path, **options)
        servers.append(await asyncio.start_server(handle, host, 0, ssl=context))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start
    await _close(servers, set())


@pytest.fixture
def old_server() -> Iterator[Callable[..., int]]:
    """`old_server(issued, (3, 0))` speaks that one version alone, SSL 3 to TLS 1.3, by tlslite-ng.

    `ciphers` leaves it those kinds of suites alone; `reply` is what it sends once it got a request, in such pieces.
    """
    listeners: list[socket.socket] = []

    def converse(peer: socket.socket, chain: Any, key: Any, settings: Any, reply: tuple[bytes, ...]) -> None:
        connection = tlslite.TLSConnection(peer)
        connection.handshakeServer(certChain=chain, privateKey=key, settings=settings)
        if reply:
            connection.recv(4096)
            for piece in reply:
                connection.send(piece)
            connection.close()

    def serve(listener: socket.socket, *how: Any) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.settimeout(5)
            with contextlib.suppress(Exception):  # whatever a client does, the next one is served
                converse(peer, *how)
            peer.close()

    def start(
        issued: Issued, version: tuple[int, int], *, ciphers: tuple[str, ...] = (), reply: tuple[bytes, ...] = ()
    ) -> int:
        chain = tlslite.X509CertChain()
        chain.parsePemList(issued.chain_pem)
        key = tlslite.parsePEMKey(issued.key_pem, private=True)
        settings = tlslite.HandshakeSettings()
        settings.minVersion = settings.maxVersion = version
        settings.versions = [version]
        settings.cipherNames = list(ciphers) or settings.cipherNames
        if version == (3, 4):  # which forbids others that tlslite-ng has on by default
            settings.eccCurves = settings.keyShares = ["x25519", "secp256r1"]
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=serve, args=(listener, chain, key, settings, reply), daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.close()


@pytest.fixture
def closed_tls_port() -> int:
    """A loopback port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
