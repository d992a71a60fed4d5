"""A farm of nginx listeners on loopback: half as they should be, half with every old version and suite.

One process tree, each listener on its own port with its own key. The old half has RSA certificates, TLS 1.0 to
1.3 and whatever suite OpenSSL still has at security level 0: anonymous and unencrypted ones too, and those of
finite-field Diffie-Hellman, with a group of 2048 bits.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from demo.ports import is_free

DOMAIN = "farm.example"
ADDRESS = "127.0.0.1"
_PORTS = range(18_000, 32_000)
_START_LIMIT = 30.0  # seconds
_PLACES = "/usr/sbin:/usr/local/sbin"

_MODERN = (
    "ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers off; ssl_ciphers "
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;"
)
_OLD = (
    "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; "
    "ssl_ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0; ssl_dhparam {folder}/dh.pem;"
)

# The group ffdhe2048 (RFC 7919, appendix A.1) in PEM: making a new one would take longer than the benchmark.
_FFDHE2048 = """-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""
_ANSWER = (
    'add_header Strict-Transport-Security "max-age=63072000" always; return 200 "<!doctype html><title>Farm</title>";'
)

_CONFIGURATION = """daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log crit;
worker_rlimit_nofile 8192; events {{ worker_connections 4096; }}
http {{ access_log off; server_tokens off; default_type text/html;
server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
{temporary}
{servers}
}}
"""


@dataclass(frozen=True)
class Site:
    """One website of the farm; several may share a listener's port."""

    id: str
    port: int

    @property
    def host(self) -> str:
        """Its name."""
        return f"{self.id}.{DOMAIN}"


def program(name: str) -> str | None:
    """Where a program is, also outside of an ordinary user's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_PLACES}")


class Farm:
    """Runs nginx for as long as a `with` block lasts.

    Args:
        folder: for keys and configuration; must exist.
        listeners: how many ports.
        names: how many websites each port has.

    Attributes:
        ports: of its listeners.
        authority: the certificate that vouches for all of them, in PEM.

    Raises (on entry):
        RuntimeError: if nginx is not installed, or does not start.
    """

    def __init__(self, folder: Path, *, listeners: int = 100, names: int = 1) -> None:
        self._folder, self._names = folder, names
        self.authority = folder / "ca.pem"
        *self.ports, self._plain_port = free_ports(listeners + 1)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def sites(self) -> Iterator[Site]:
        """Every website, listener by listener."""
        for number, port in enumerate(self.ports):
            for name in range(self._names):
                yield Site(f"site-{number:03}-{name:02}", port)

    def __enter__(self) -> Self:
        nginx = program("nginx")
        if nginx is None:
            raise RuntimeError("nginx is not installed (on Debian: apt install nginx-light)")
        self._grow_keys()
        (self._folder / "dh.pem").write_text(_FFDHE2048)
        configuration = self._folder / "nginx.conf"
        configuration.write_text(self._configuration())
        command = [nginx, "-p", str(self._folder), "-c", str(configuration), "-e", str(self._folder / "error.log")]
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._child.terminate()
            self._child.wait(10)

    def inventory(self, path: Path, *, settings: str = "") -> Path:
        """Writes an inventory of all websites beside the farm's own authority; gives its path."""
        lines = ["version: 1", f"municipality: {{name: Farm, domain: {DOMAIN}}}"]
        lines += [f"settings: {settings}"] if settings else []
        lines += [f"defaults: {{websites: {{address: {ADDRESS}, ca_bundle: {self.authority}}}}}", "websites:"]
        for site in self.sites:
            urls = f"url: 'https://{site.host}:{site.port}', http_url: 'http://{site.host}:{self._plain_port}'"
            lines.append(f"  - {{id: {site.id}, {urls}}}")
        path.write_text("\n".join([*lines, ""]))
        return path

    def _grow_keys(self) -> None:
        """An authority, and a certificate with its own key for each listener."""
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = _certificate(ca_key, f"Authority of {DOMAIN}", None, ca_key)
        self.authority.write_bytes(ca.public_bytes(Encoding.PEM))
        for number, _ in enumerate(self.ports):
            key = (
                ec.generate_private_key(ec.SECP256R1()) if _is_modern(number) else rsa.generate_private_key(65537, 2048)
            )
            leaf = _certificate(key, f"*.{DOMAIN}", ca, ca_key)
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
            (self._folder / f"{number}.pem").write_bytes(leaf.public_bytes(Encoding.PEM) + pem)

    def _configuration(self) -> str:
        temporary = " ".join(
            f"{each}_temp_path {self._folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        servers = [self._listener(number, port) for number, port in enumerate(self.ports)]
        servers += [
            f"server {{ listen {ADDRESS}:{self._plain_port}; server_name {site.host}; "
            f"return 301 https://{site.host}:{site.port}$request_uri; }}"
            for site in self.sites
        ]
        return _CONFIGURATION.format(folder=self._folder, temporary=temporary, servers="\n".join(servers))

    def _listener(self, number: int, port: int) -> str:
        pem = self._folder / f"{number}.pem"
        kind = _MODERN if _is_modern(number) else _OLD.format(folder=self._folder)
        return (
            f"server {{ listen {ADDRESS}:{port} ssl backlog=4096; server_name .{DOMAIN}; ssl_certificate {pem}; "
            f"ssl_certificate_key {pem}; {kind} {_ANSWER} }}"
        )

    def _wait(self) -> None:
        """Waits until the last port answers.

        Raises:
            RuntimeError: if nginx ends first, or takes too long.
        """
        deadline = time.monotonic() + _START_LIMIT
        while self._child is not None and self._child.poll() is None and time.monotonic() < deadline:
            with suppress(OSError):
                if (self._folder / "pid").read_text().strip() == str(self._child.pid):  # it writes it once it listens
                    socket.create_connection((ADDRESS, self._plain_port), 1).close()
                    return
            time.sleep(0.05)
        raise RuntimeError(f"nginx did not start: {(self._folder / 'error.log').read_text()}")


def _is_modern(number: int) -> bool:
    return number % 2 == 0


def _certificate(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    name: str,
    issuer: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - timedelta(days=1)
    above = issuer.subject if issuer else subject
    builder = (
        x509.CertificateBuilder(above, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different.

    They lie below those that systems give to clients, so that none of thousands of outgoing connections takes one
    before its server does.
    """
    wanted = random.sample(_PORTS, len(_PORTS))
    free = [port for port, _ in zip(filter(is_free, wanted), range(count), strict=False)]
    if len(free) < count:
        raise RuntimeError(f"this machine has no {count} free ports between {_PORTS[0]} and {_PORTS[-1]}")
    return free
