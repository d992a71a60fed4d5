"""What the hellos to one address of a TLS server showed."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.model.facts.tls import AddressTls
from scanner.model.unobserved import Unobserved


@dataclass(frozen=True, kw_only=True)
class TlsSight:
    """One server at one address.

    Attributes:
        tls: how it speaks.
        chains: each different chain that it presented, PEM, leaf first.
        without_name: see `AddressCertificates.without_name`.
        digest: SHA-256 of what was seen, in hex.
    """

    tls: AddressTls
    chains: tuple[tuple[str, ...], ...]
    without_name: str | Unobserved | None
    digest: str
