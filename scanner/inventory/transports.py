"""Which keys of `access` belong to which transport, and what stands there when nothing is said. Plain data in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEYS: Mapping[str, frozenset[str]] = {
    "ssh": frozenset({"transport", "port", "user", "password", "key_file", "agent", "known_hosts", "sudo"}),
    "winrm": frozenset({"transport", "port", "user", "password", "scheme", "auth", "ca_bundle"}),
    "local": frozenset({"transport"}),
}
_USUAL: Mapping[str, str] = {"linux": "ssh", "macos": "ssh", "windows": "winrm"}
ACCESS_KEYS = frozenset().union(*_KEYS.values())


def transport_of(platform: Any, access: Mapping[str, Any]) -> str | None:
    """The transport of a host; None where `transport` or `platform` holds something that is none."""
    said = access.get("transport")
    if said is None:
        return _USUAL.get(platform) if isinstance(platform, str) else None
    return said if isinstance(said, str) and said in _KEYS else None


def fits(key: str, transport: str | None, scheme: Any) -> bool:
    """Whether a key of `access` means something with this transport; a key that nobody knows does."""
    if transport is None or key not in ACCESS_KEYS:
        return True
    if key == "ca_bundle" and scheme == "http":
        return False
    return key in _KEYS[transport]


def transports_with(key: str) -> str:
    """The transports that take a key, for a message."""
    if key == "ca_bundle":
        return "winrm with scheme https"
    return " or ".join(name for name, keys in _KEYS.items() if key in keys)


def winrm_port(scheme: str | None) -> int:
    """The usual port: 5985 for http, 5986 for https (Microsoft, WinRM 2.0 and newer)."""
    return 5985 if scheme == "http" else 5986
