"""Listeners by nginx: one process tree, one port each."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from civicseal_zoo.certificates import Pair
from civicseal_zoo.truth import TLS13, Animal, Truth, by_openssl

NAME = "www.city.example"
_ALL = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
_MODERN = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
_CBC = "ECDHE+AES:kRSA+AES:!AESGCM:!AESCCM:@SECLEVEL=0"
_OLD = ("TLSv1.0", "TLSv1.1", "TLSv1.2")
_BOTH, _RSA, _ECDSA = frozenset({"RSA", "ECDSA"}), frozenset({"RSA"}), frozenset({"ECDSA"})
_CURVES = frozenset({"x25519", "secp256r1", "secp384r1"})
_START_LIMIT = 10.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Block(Animal):
    """A server block of nginx.

    Attributes:
        keys: the kinds of its certificates.
        versions: as nginx names them.
        extra: further directives.
        dh_bits: length of its finite-field parameters; None for none.
    """

    keys: frozenset[str]
    versions: str
    ciphers: str
    extra: tuple[str, ...] = ()
    dh_bits: int | None = None
    needs: tuple[str, ...] = ("nginx", "openssl")


def _upto12(ciphers: str, keys: frozenset[str], *versions: str, dh: bool = False) -> dict[str, tuple[str, ...]]:
    return {version: by_openssl(ciphers, version, keys=keys, dh=dh) for version in versions}


_SAFE = {"extended_master_secret": True, "secure_renegotiation": True, "compression": False, "heartbeat": False}
_CURVES_LINE = "ssl_ecdh_curve X25519:prime256v1:secp384r1"

ANIMALS: tuple[Block, ...] = (
    Block(
        name="nginx-modern",
        keys=_ECDSA,
        versions="TLSv1.2 TLSv1.3",
        ciphers=_MODERN,
        extra=(_CURVES_LINE, "ssl_prefer_server_ciphers off", "ssl_session_tickets off"),
        truth=lambda: Truth(
            suites=_upto12(_MODERN, _ECDSA, "TLSv1.2") | {"TLSv1.3": TLS13},
            groups=_CURVES,
            traits=_SAFE | {"own_order": False, "fallback_refused": None},
        ),
    ),
    Block(
        name="nginx-everything-two-keys",
        keys=_BOTH,
        versions="TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        ciphers=_ALL,
        extra=(_CURVES_LINE, "ssl_prefer_server_ciphers on"),
        dh_bits=2048,
        truth=lambda: Truth(
            suites=_upto12(_ALL, _BOTH, *_OLD, dh=True) | {"TLSv1.3": TLS13},
            ordered=True,
            groups=_CURVES,
            dh=dict.fromkeys(_OLD, 2048),
            traits=_SAFE | {"own_order": True, "fallback_refused": True},
        ),
    ),
    Block(
        name="nginx-everything-clients-order",
        keys=_RSA,
        versions="TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        ciphers=_ALL,
        extra=(_CURVES_LINE, "ssl_prefer_server_ciphers off"),
        truth=lambda: Truth(
            suites=_upto12(_ALL, _RSA, *_OLD) | {"TLSv1.3": TLS13},
            groups=_CURVES,
            traits=_SAFE | {"own_order": False, "fallback_refused": True},
        ),
    ),
    Block(
        name="nginx-tls12-cbc",
        keys=_RSA,
        versions="TLSv1.2",
        ciphers=_CBC,
        extra=(_CURVES_LINE, "ssl_prefer_server_ciphers on"),
        truth=lambda: Truth(
            suites=_upto12(_CBC, _RSA, "TLSv1.2"),
            ordered=True,
            groups=_CURVES,
            traits=_SAFE | {"own_order": True, "fallback_refused": None},
        ),
    ),
    Block(
        name="nginx-tls13-early-data",
        keys=_ECDSA,
        versions="TLSv1.3",
        ciphers=_MODERN,
        extra=(_CURVES_LINE, "ssl_early_data on"),
        truth=lambda: Truth(
            suites={"TLSv1.3": TLS13},
            groups=_CURVES,
            traits={"extended_master_secret": None, "secure_renegotiation": None, "compression": None},
        ),
    ),
    Block(
        name="nginx-refuses-without-name",
        keys=_RSA,
        versions="TLSv1.2",
        ciphers="ECDHE+AESGCM",
        extra=(_CURVES_LINE,),
        truth=lambda: Truth(suites=_upto12("ECDHE+AESGCM", _RSA, "TLSv1.2"), groups=_CURVES, traits=_SAFE),
    ),
)

_HTTP = """daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; server_tokens off;
{temporary}
{servers}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _server(block: Block, port: int, pairs: Mapping[str, Pair], parameters: Callable[[int], Path]) -> str:
    lines = [f"listen 127.0.0.1:{port} ssl", f"server_name {NAME}", f"ssl_protocols {block.versions}"]
    lines += [f"ssl_ciphers {block.ciphers}", *block.extra]
    for kind in sorted(block.keys):
        lines += [f"ssl_certificate {pairs[kind].certificate}", f"ssl_certificate_key {pairs[kind].key}"]
    if block.dh_bits:
        lines.append(f"ssl_dhparam {parameters(block.dh_bits)}")
    own = "server { " + "; ".join([*lines, 'return 200 "ok"']) + "; }"
    if block.name == "nginx-refuses-without-name":
        own = (
            f"server {{ listen 127.0.0.1:{port} ssl default_server; ssl_reject_handshake on; {_CURVES_LINE}; }}\n{own}"
        )
    return own


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    with ExitStack() as stack:
        holders = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(holder.getsockname()[1]) for holder in holders]


def serve(
    blocks: Iterable[Block], folder: Path, pairs: Mapping[str, Pair], parameters: Callable[[int], Path], program: str
) -> tuple[dict[str, int], Callable[[], None]]:
    """Starts all of them; gives their ports by name and what ends them."""
    blocks = tuple(blocks)
    for _ in range(3):  # another program may have taken a port in between
        ports = dict(zip((block.name for block in blocks), free_ports(len(blocks)), strict=True))
        servers = "\n".join(_server(block, ports[block.name], pairs, parameters) for block in blocks)
        temporary = "\n".join(f"{each}_temp_path {folder}/{each};" for each in _TEMPORARY)
        (folder / "nginx.conf").write_text(_HTTP.format(folder=folder, temporary=temporary, servers=servers))
        child = subprocess.Popen(
            [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _answers(child, ports.values()):
            return ports, lambda child=child: _end(child)  # type: ignore[misc]
        _end(child)
    raise RuntimeError(f"nginx did not start: {(folder / 'error.log').read_text()}")


def _answers(child: subprocess.Popen[bytes], ports: Iterable[int]) -> bool:
    """Whether every port answers in time."""
    deadline = time.monotonic() + _START_LIMIT
    for port in ports:
        while child.poll() is None and time.monotonic() < deadline:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.02)
        else:
            return False
    return True


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
