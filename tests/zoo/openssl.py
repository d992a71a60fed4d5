"""Listeners by OpenSSL's own test server, one process each; it serves one client after the other."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from civicseal_zoo.certificates import Pair
from civicseal_zoo.truth import TLS13, Animal, Truth, by_openssl

_ALL = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
_BARE = "NULL:aNULL:@SECLEVEL=0"
_DHE = "kDHE+AES:!aNULL:!CCM:!aDSS:@SECLEVEL=0"
_FORWARD = "ECDHE+AESGCM:ECDHE+CHACHA20"
_RSA = frozenset({"RSA"})
_GROUPS = frozenset({"x25519", "secp256r1"})


@dataclass(frozen=True, kw_only=True)
class Process(Animal):
    """A listener by `openssl s_server`.

    Attributes:
        options: of the command, besides certificate and port.
        dh_bits: length of its finite-field parameters; None for none.
    """

    options: tuple[str, ...]
    dh_bits: int | None = None
    needs: tuple[str, ...] = ("openssl",)


def _upto12(ciphers: str, *versions: str, dh: bool = False) -> dict[str, tuple[str, ...]]:
    return {version: by_openssl(ciphers, version, keys=_RSA, dh=dh) for version in versions}


_OLD = ("TLSv1.0", "TLSv1.1", "TLSv1.2")
_SAFE = {"extended_master_secret": True, "secure_renegotiation": True, "compression": False, "heartbeat": False}

ANIMALS: tuple[Process, ...] = (
    Process(
        name="openssl-dhe-1024",
        options=("-cipher", _DHE, "-tls1_2"),
        dh_bits=1024,
        truth=lambda: Truth(
            suites=_upto12(_DHE, "TLSv1.2", dh=True), dh={"TLSv1.2": 1024}, traits=_SAFE | {"own_order": False}
        ),
    ),
    Process(
        name="openssl-dhe-2048-own-order",
        options=("-cipher", _DHE, "-tls1_2", "-serverpref"),
        dh_bits=2048,
        truth=lambda: Truth(
            suites=_upto12(_DHE, "TLSv1.2", dh=True),
            ordered=True,
            dh={"TLSv1.2": 2048},
            traits=_SAFE | {"own_order": True, "fallback_refused": None},
        ),
    ),
    Process(
        name="openssl-null-and-anonymous",
        options=("-cipher", _BARE, "-no_tls1_3", "-serverpref"),
        dh_bits=2048,
        truth=lambda: Truth(
            suites=_upto12(_BARE, *_OLD, dh=True), ordered=True, dh=dict.fromkeys(_OLD, 2048), traits=_SAFE
        ),
    ),
    Process(
        name="openssl-every-suite",
        options=("-cipher", _ALL, "-serverpref"),
        dh_bits=2048,
        truth=lambda: Truth(
            suites=_upto12(_ALL, *_OLD, dh=True) | {"TLSv1.3": TLS13},
            ordered=True,
            dh=dict.fromkeys(_OLD, 2048),
            traits=_SAFE | {"own_order": True, "fallback_refused": True},
        ),
    ),
    Process(
        name="openssl-no-tickets",
        options=("-cipher", _FORWARD, "-no_tls1", "-no_tls1_1", "-no_ticket", "-groups", "X25519:P-256"),
        truth=lambda: Truth(
            suites=_upto12(_FORWARD, "TLSv1.2") | {"TLSv1.3": TLS13},
            groups=_GROUPS,
            traits=_SAFE | {"own_order": False, "fallback_refused": None},
        ),
    ),
    Process(
        name="openssl-early-data",
        options=("-tls1_3", "-early_data", "-max_early_data", "16384", "-groups", "X25519:P-256"),
        truth=lambda: Truth(
            suites={"TLSv1.3": TLS13},
            groups=_GROUPS,
            traits={"extended_master_secret": None, "secure_renegotiation": None, "compression": None},
        ),
    ),
    Process(
        name="openssl-legacy-renegotiation",
        options=("-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0", "-tls1", "-legacy_renegotiation"),
        truth=lambda: Truth(
            suites={"TLSv1.0": ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA")},
            groups=frozenset(),
            traits=_SAFE | {"fallback_refused": None, "own_order": False},
        ),
    ),
    Process(
        name="openssl-all-of-tls13",
        options=(
            "-tls1_3",
            "-ciphersuites",
            ":".join((*TLS13, "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")),
            "-cipher",
            "ALL:@SECLEVEL=0",
            "-serverpref",
        ),
        truth=lambda: Truth(
            suites={"TLSv1.3": (*TLS13, "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")},
            ordered=True,
            traits={"own_order": True},
        ),
    ),
)


def serve(
    animal: Process, pairs: Mapping[str, Pair], parameters: Callable[[int], Path]
) -> tuple[int, Callable[[], None]]:
    """Starts a listener; gives its port and what ends it."""
    pair = pairs["RSA"]
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", *animal.options]
    command += [] if "-early_data" in animal.options else ["-www"]  # OpenSSL does not do both
    command += ["-cert", str(pair.certificate), "-key", str(pair.key)]
    command += ["-dhparam", str(parameters(animal.dh_bits))] if animal.dh_bits else ["-no_dhe"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return _port(child), lambda: _end(child)


def _port(child: subprocess.Popen[bytes]) -> int:
    assert child.stdout is not None
    said = []
    for line in child.stdout:
        said.append(line)
        if b"Unable to load" in line:
            break
        found = re.match(rb"ACCEPT .*:(\d+)$", line.strip())
        if found:
            threading.Thread(
                target=deque, args=(child.stdout, 0), daemon=True
            ).start()  # it says a line about every refused client
            return int(found[1])
    raise RuntimeError(f"openssl s_server did not start: {b''.join(said)!r}")


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    if child.stdin is not None:
        child.stdin.close()
