"""What a certificate's extensions say, and how a server sends its chain: in order, too much of it, or too little.

Every text is bounded and free of control characters; it is not escaped for any output.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Extensions:
    """What the extensions of one certificate say.

    Attributes:
        issuer_urls: where the issuer's certificate can be fetched over http (caIssuers, RFC 5280, section 4.2.2.1).
        ocsp_urls: where its state can be asked (OCSP, same section); public authorities no longer have to name any.
        must_staple: whether a server has to send an OCSP answer along (RFC 7633).
        timestamps: signed certificate timestamps inside the certificate (RFC 6962, section 3.3).
        for_servers: whether it may be used by TLS servers: its extended key usage says so, or it has none.
    """

    issuer_urls: tuple[str, ...] = ()
    ocsp_urls: tuple[str, ...] = ()
    must_staple: bool = False
    timestamps: int = 0
    for_servers: bool = True


class Surplus(StrEnum):
    """Why a certificate need not be sent."""

    REPEATED = "sent twice"
    ANCHOR = "a trust anchor: who trusts it has it already"
    UNRELATED = "it certifies nothing else in this chain"
    OTHER_WAY = "a second way to an authority that the trust stores hold already; only old devices may need it"


@dataclass(frozen=True, kw_only=True)
class Superfluous:
    """A certificate that need not be sent: its place in the chain (the server's own is 0), its subject, and why."""

    place: int
    subject: str
    why: Surplus


@dataclass(frozen=True, kw_only=True)
class Unsent:
    """The issuer at which the sent certificates end without holding its certificate.

    That is as it should be where the issuer is a trust anchor (RFC 8446, section 4.4.2).

    Attributes:
        issuer: its name, as the last certificate on the way up gives it.
        urls: where its certificate can be fetched over http, after that last certificate.
        depth: place of that last certificate on the way up; 0 is the server's own.
    """

    issuer: str
    urls: tuple[str, ...]
    depth: int


@dataclass(frozen=True, kw_only=True)
class ChainShape:
    """How the certificates of one chain hang together, by their signatures.

    Attributes:
        in_order: whether each certificate directly certifies the one before it (RFC 5246, section 7.4.2).
        superfluous: what need not be sent, in the order in which it was.
        unsent: None where the chain ends in a self-signed certificate.
    """

    in_order: bool
    superfluous: tuple[Superfluous, ...] = ()
    unsent: Unsent | None = None
