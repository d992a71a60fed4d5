"""Whether a certificate's names cover a host: RFC 9525 (November 2023), sections 6.3 and 6.5.

Only subjectAltName counts; the common name never does. A wildcard is the complete left-most label and stands for
exactly one label. An IP address is matched with IP entries alone, a name with DNS entries alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

_LONGEST_NAME = 1024
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def as_ip(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, brackets and zone allowed; None for a name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def a_labels(name: str) -> str:
    """A name in lower case, without its final dot, international labels as A-labels (`xn--…`)."""
    plain = name.removesuffix(".").lower()
    if plain.isascii() or len(plain) > _LONGEST_NAME:
        return plain
    try:
        return plain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return plain


def matches_dns(host: str, pattern: str) -> bool:
    """Whether one DNS entry of a certificate covers a host name."""
    labels, wanted = a_labels(host).split("."), pattern.removesuffix(".").lower().split(".")
    if wanted[0] == "*" and len(wanted) > 1 and _LABEL.fullmatch(labels[0]):
        labels, wanted = labels[1:], wanted[1:]
    return labels == wanted and all(_LABEL.fullmatch(label) for label in labels)


def matches_ip(host: str, entry: str) -> bool:
    """Whether one IP entry of a certificate is the host's address."""
    wanted = as_ip(host)
    return wanted is not None and wanted == as_ip(entry)


def covers(host: str, dns: Iterable[str], ips: Iterable[str]) -> bool:
    """Whether a certificate with these subjectAltName entries is for `host`, a name or an IP literal."""
    if as_ip(host) is not None:
        return any(matches_ip(host, entry) for entry in ips)
    return any(matches_dns(host, pattern) for pattern in dns)
