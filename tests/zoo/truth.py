"""What is true of a listener: from its configuration and the library that serves it, never from a scanner."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

TLS13 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
"""OpenSSL's suites of TLS 1.3, in its own order."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """How a listener speaks.

    Attributes:
        suites: IANA names by version; a version that is not named is refused.
        ordered: whether the server chooses in exactly this order, whatever a client prefers.
        groups: what it agrees on, by IANA name; None where that hangs on the library's version.
        dh: bits of the finite-field keys, by version.
        traits: fields of `TlsTraits` and their values; those that are not named are not compared.
    """

    suites: Mapping[str, tuple[str, ...]]
    ordered: bool = False
    groups: frozenset[str] | None = None
    dh: Mapping[str, int] = field(default_factory=dict)
    traits: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Animal:
    """One listener: `needs` are the programs without which it does not live; `truth` may ask them."""

    name: str
    needs: tuple[str, ...] = ()
    truth: Callable[[], Truth]


_OPENSSL_FLAGS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2"}


@cache
def _listed(ciphers: str, version: str) -> tuple[tuple[str, str, str], ...]:
    """Name, key exchange and authentication of each suite that this machine's OpenSSL makes of a cipher string."""
    command = ["openssl", "ciphers", "-s", "-v", "-stdname", _OPENSSL_FLAGS[version], ciphers]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
    rows = [line.split() for line in told.splitlines()]
    return tuple((row[0], row[4].removeprefix("Kx="), row[5].removeprefix("Au=")) for row in rows)


def by_openssl(ciphers: str, version: str, *, keys: frozenset[str], dh: bool = False) -> tuple[str, ...]:
    """The suites that an OpenSSL server can agree on at a version up to TLS 1.2, in its order.

    Args:
        keys: the kinds of certificate that it has: RSA, ECDSA.
        dh: whether it has finite-field parameters.
    """
    return tuple(
        name
        for name, exchange, proof in _listed(ciphers, version)
        if (proof in keys or proof == "None") and (exchange != "DH" or dh)
    )
