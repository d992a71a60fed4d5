"""Listeners by tlslite-ng: what no system's OpenSSL speaks any more, and what it does not speak yet."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tlslite.api as tlslite
from civicseal_zoo.certificates import PRIMES, Pair
from civicseal_zoo.truth import Animal, Truth

SSL3, TLS10, TLS11, TLS12, TLS13 = (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)
_PATIENCE = 5.0  # seconds for one step of a client


@dataclass(frozen=True, kw_only=True)
class Old(Animal):
    """A listener by tlslite-ng.

    Attributes:
        key: the kind of its certificate, RSA or ECDSA; None for none at all.
        settings: what differs from tlslite-ng's own HandshakeSettings.
    """

    key: str | None = "RSA"
    settings: Mapping[str, Any] = field(default_factory=dict)


def _old(name: str, versions: tuple[tuple[int, int], ...], truth: Truth, *, key: str | None = "RSA", **how: Any) -> Old:
    range_ = {"minVersion": versions[0], "maxVersion": versions[-1], "versions": list(versions[::-1])}
    return Old(name=name, truth=lambda: truth, key=key, settings=range_ | how)


_PLAIN_OLD = {"extended_master_secret": False, "secure_renegotiation": True, "compression": False}
_NEW = {"extended_master_secret": True, "secure_renegotiation": True, "compression": False}
_ONLY_13 = {"extended_master_secret": None, "secure_renegotiation": None, "compression": None}
_CURVES = {"eccCurves": ["x25519", "secp256r1"], "dhGroups": [], "keyShares": ["x25519"]}

_3DES = {
    "rsa": "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "dhe_rsa": "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "ecdhe_rsa": "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
}

ANIMALS: tuple[Old, ...] = (
    _old(
        "ssl3",
        (SSL3,),
        Truth(
            suites={
                "SSLv3": (
                    "TLS_RSA_WITH_AES_128_CBC_SHA",
                    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                    "TLS_RSA_WITH_RC4_128_SHA",
                    "TLS_RSA_WITH_RC4_128_MD5",
                )
            },
            traits={"compression": False, "fallback_refused": None},
        ),
        cipherNames=["aes128", "3des", "rc4"],
        macNames=["sha", "md5"],
        keyExchangeNames=["rsa"],
    ),
    _old(
        "tls10-rc4",
        (TLS10,),
        Truth(
            suites={"TLSv1.0": ("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5")},
            traits={"heartbeat": False, "fallback_refused": None} | _NEW,
        ),
        cipherNames=["rc4"],
        macNames=["sha", "md5"],
        keyExchangeNames=["rsa"],
        use_heartbeat_extension=False,
    ),
    _old(
        "3des",
        (TLS10, TLS11, TLS12),
        Truth(
            suites=dict.fromkeys(("TLSv1.0", "TLSv1.1", "TLSv1.2"), tuple(_3DES.values())),
            groups=frozenset({"secp256r1"}),
            dh=dict.fromkeys(("TLSv1.0", "TLSv1.1", "TLSv1.2"), 2048),
            traits={"heartbeat": True} | _NEW,
        ),
        cipherNames=["3des"],
        macNames=["sha"],
        keyExchangeNames=list(_3DES),
        eccCurves=["secp256r1"],
        dhGroups=["ffdhe2048"],
        keyShares=["secp256r1"],
        use_heartbeat_extension=True,
    ),
    _old(
        "no-extended-master-secret",
        (TLS12,),
        Truth(
            suites={"TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)},
            groups=frozenset({"x25519", "secp256r1"}),
            traits={"own_order": None} | _PLAIN_OLD,
        ),
        cipherNames=["aes128gcm"],
        keyExchangeNames=["ecdhe_rsa"],
        useExtendedMasterSecret=False,
        **_CURVES,
    ),
    _old(
        "tls11",
        (TLS11,),
        Truth(
            suites={
                "TLSv1.1": ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
            },
            groups=frozenset({"secp256r1"}),
            traits={"fallback_refused": None} | _NEW,
        ),
        key="ECDSA",
        cipherNames=["aes256", "aes128"],
        macNames=["sha"],
        keyExchangeNames=["ecdhe_ecdsa"],
        eccCurves=["secp256r1"],
        dhGroups=[],
        keyShares=["secp256r1"],
    ),
    _old(
        "tls13",
        (TLS13,),
        Truth(
            suites={"TLSv1.3": ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")},
            groups=frozenset({"x25519", "secp256r1"}),
            traits=_ONLY_13,
        ),
        key="ECDSA",
        cipherNames=["aes256gcm", "aes128gcm", "chacha20-poly1305"],
        **_CURVES,
    ),
    *(
        _old(
            name.lower(),
            (TLS13,),
            Truth(suites={"TLSv1.3": ("TLS_AES_128_GCM_SHA256",)}, groups=frozenset({name}), traits=_ONLY_13),
            key="ECDSA",
            cipherNames=["aes128gcm"],
            eccCurves=[name.lower()],
            dhGroups=[],
            keyShares=[name.lower()],
        )
        for name in ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024")
    ),
    _old(
        "dhe-1024",
        (TLS12,),
        Truth(
            suites={
                "TLSv1.2": ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
            },
            dh={"TLSv1.2": 1024},
            traits=_NEW,
        ),
        cipherNames=["aes128"],
        macNames=["sha", "sha256"],
        keyExchangeNames=["dhe_rsa"],
        dhParams=(2, PRIMES[1024]),
    ),
    _old(
        "anonymous",
        (TLS12,),
        Truth(
            suites={
                "TLSv1.2": (
                    "TLS_DH_anon_WITH_AES_128_CBC_SHA",
                    "TLS_DH_anon_WITH_AES_128_CBC_SHA256",
                    "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
                )
            },
            dh={"TLSv1.2": 2048},
        ),
        key=None,
        cipherNames=["aes128"],
        macNames=["sha", "sha256"],
        dhParams=(2, PRIMES[2048]),
    ),
    _old(
        "null",
        (TLS12,),
        Truth(
            suites={
                "TLSv1.2": ("TLS_RSA_WITH_NULL_SHA", "TLS_RSA_WITH_NULL_SHA256", "TLS_RSA_WITH_NULL_MD5"),
            },
            traits=_NEW,
        ),
        cipherNames=["null"],
        macNames=["sha", "sha256", "md5"],
        keyExchangeNames=["rsa"],
    ),
)


def serve(animal: Old, pairs: Mapping[str, Pair]) -> tuple[int, Callable[[], None]]:
    """Starts a listener; gives its port and what ends it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=_accept, args=(listener, animal, pairs), daemon=True).start()
    return int(listener.getsockname()[1]), listener.close


def _settings(animal: Old) -> Any:
    settings = tlslite.HandshakeSettings()
    for name, value in animal.settings.items():
        setattr(settings, name, value)
    return settings


def _accept(listener: socket.socket, animal: Old, pairs: Mapping[str, Pair]) -> None:
    how: dict[str, Any] = {"settings": _settings(animal), "anon": animal.key is None}
    if animal.key is not None:
        chain = tlslite.X509CertChain()
        chain.parsePemList(pairs[animal.key].certificate.read_text())
        how |= {"certChain": chain, "privateKey": tlslite.parsePEMKey(pairs[animal.key].key.read_text(), private=True)}
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(peer, how), daemon=True).start()


def _converse(peer: socket.socket, how: Mapping[str, Any]) -> None:
    peer.settimeout(_PATIENCE)
    with peer, contextlib.suppress(Exception):  # whatever a client does, the next one is served
        connection = tlslite.TLSConnection(peer)
        connection.handshakeServer(**how)
        connection.recv(4096)
        connection.close()
