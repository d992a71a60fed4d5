"""The known_hosts file of OpenSSH (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): whose key may be trusted.

Plain names, `[name]:port`, patterns with `*`, `?` and `!`, hashed names, and the marker `@revoked`. Certificate
authorities (`@cert-authority`) are left out: the keys that they sign are not accepted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from scanner.model.unobserved import Cause, Unobserved

_LIMIT = 8 * 1024 * 1024  # bytes

# What a key type of known_hosts is called when host key algorithms are agreed on (RFC 8332 for RSA).
_ALGORITHMS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


@dataclass(frozen=True, kw_only=True)
class KnownKeys:
    """What known_hosts says about one host.

    Attributes:
        name: how the host is written there, e.g. `[db1.city.example]:2222`.
        keys: the public keys as they go over the wire (RFC 4253, section 6.6).
        algorithms: host key algorithms that would show one of these keys, to be asked for first.
    """

    name: str
    keys: frozenset[bytes]
    revoked: frozenset[bytes]
    algorithms: tuple[str, ...]


def known_keys(path: Path, host: str, port: int) -> KnownKeys | Unobserved:
    """The keys that a known_hosts file holds for a host, looked up by the name that the inventory gives it."""
    name = _name(host, port)
    try:
        with path.open("rb") as file:
            text = file.read(_LIMIT).decode("utf-8", "replace")
    except FileNotFoundError:
        return _gap(
            f"The known_hosts file {path.name} does not exist; log in to {host} once with ssh and compare keys, "
            f"or write it with `ssh-keyscan -p {port} {host}` and compare them with those of the machine itself."
        )
    except (OSError, ValueError):
        return _gap(f"The known_hosts file {path.name} cannot be read; correct its path or its permissions.")
    entries = [entry for entry in _entries(text) if _matches(entry.hosts, name)]
    good = [entry for entry in entries if not entry.marker]
    kinds = dict.fromkeys(kind for entry in good for kind in _ALGORITHMS.get(entry.kind, (entry.kind,)))
    return KnownKeys(
        name=name,
        keys=frozenset(entry.key for entry in good),
        revoked=frozenset(entry.key for entry in entries if entry.marker == "@revoked"),
        algorithms=tuple(kinds),
    )


def fingerprint(key: bytes) -> str:
    """A public key's fingerprint as `ssh-keygen -l` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


@dataclass(frozen=True)
class _Entry:
    marker: str
    hosts: str
    kind: str
    key: bytes


def _entries(text: str) -> Iterator[_Entry]:
    for line in text.splitlines():
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) < 3 or words[0].startswith("#"):
            continue
        try:
            yield _Entry(marker, words[0], words[1], base64.b64decode(words[2], validate=True))
        except (binascii.Error, ValueError):
            continue  # as ssh does, a broken line is passed over


def _name(host: str, port: int) -> str:
    plain = host.strip("[]").lower()
    return plain if port == 22 else f"[{plain}]:{port}"


def _matches(hosts: str, name: str) -> bool:
    if hosts.startswith("|1|"):
        return _matches_hashed(hosts, name)
    found = False
    for pattern in hosts.lower().split(","):
        if fnmatchcase(name, _glob(pattern.removeprefix("!"))):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _glob(pattern: str) -> str:
    """Brackets stand for themselves in known_hosts, for a set of characters in fnmatch."""
    return pattern.replace("[", "[[]")


def _matches_hashed(hosts: str, name: str) -> bool:
    parts = hosts.split("|")
    try:
        salt, wanted = base64.b64decode(parts[2]), base64.b64decode(parts[3])
    except (IndexError, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), "sha1").digest(), wanted)


def _gap(detail: str) -> Unobserved:
    return Unobserved(cause=Cause.CREDENTIALS, detail=detail)
