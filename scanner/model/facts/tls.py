"""What a TLS server shows: its certificates and how far they are trusted, its protocol versions and suites.

Every text that comes from a certificate is bounded and free of control characters; it is not escaped for any output.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.facts.base import Facts
from scanner.model.unobserved import Cause, Unobserved

# The name under which the verdict of the asset's own `ca_bundle` stands among the trust stores.
CA_BUNDLE = "ca_bundle"


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A certificate's key: `algorithm` is rsa, ec, dsa, ed25519, ed448 or another name; `bits` its length."""

    algorithm: str
    bits: int


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One certificate as the server sent it.

    Attributes:
        subject, issuer: RFC 4514 strings.
        serial: in hex.
        signature_hash: lower-case name of the hash that the issuer signed, e.g. `sha256`; `ed25519` and `ed448` for
            signatures that have none of their own.
        self_signed: whether its own key made its signature.
        fingerprint: SHA-256 of the whole certificate in hex.
        key_fingerprint: SHA-256 of its public key (SubjectPublicKeyInfo) in hex.
    """

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    key: PublicKey | Unobserved
    signature_hash: str | Unobserved
    self_signed: bool
    fingerprint: str
    key_fingerprint: str


@dataclass(frozen=True, kw_only=True)
class AlternativeNames:
    """The subjectAltName of a leaf: what it is for. Both are empty where it carries none."""

    dns: tuple[str, ...]
    ips: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PathStep:
    """One certificate of an accepted path, with its dates."""

    subject: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A trust store that accepts the chain, apart from dates and names.

    Attributes:
        path: leaf first, trust anchor last. Of several it is one whose intermediates were inside their dates when the
            chain was seen, if there is such a one.
    """

    store: str
    path: tuple[PathStep | Unobserved, ...]


class Distrust(StrEnum):
    """Why a trust store does not accept a chain."""

    SELF_SIGNED = "self-signed"
    ISSUER_MISSING = "issuer missing"  # the leaf's issuer was not sent and is in no store
    UNKNOWN_CA = "unknown CA"  # the chain leads to an authority that is not in the store
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A trust store that does not accept the chain; `openssl` is OpenSSL's own sentence for the reason."""

    store: str
    why: Distrust
    openssl: str


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One set of certificates that a server presents; a server may hold one for RSA and one for EC.

    Attributes:
        chain: as received, leaf first; a certificate that cannot be read is a gap.
        names: of the leaf.
        trust: one verdict per store, the asset's `ca_bundle` among them where it has one.
    """

    chain: tuple[Certificate | Unobserved, ...]
    names: AlternativeNames | Unobserved
    trust: tuple[Accepted | Rejected, ...]
    bundle: Unobserved | None = None

    @property
    def leaf(self) -> Certificate | Unobserved:
        """The server's own certificate."""
        return self.chain[0] if self.chain else _NO_CERTIFICATE

    def trust_by(self, store: str) -> Accepted | Rejected | Unobserved:
        """What one store says; a store that was not asked is a gap."""
        for verdict in self.trust:
            if verdict.store == store:
                return verdict
        if store == CA_BUNDLE and self.bundle is not None:
            return self.bundle
        return Unobserved(cause=Cause.NOT_DECLARED, detail=f"There are no root certificates for the store {store!r}.")

    def asked(self, store: str) -> bool:
        """Whether a store was to be asked."""
        return any(each.store == store for each in self.trust) or (store == CA_BUNDLE and self.bundle is not None)


_NO_CERTIFICATE = Unobserved(cause=Cause.MALFORMED, detail="The server presents no certificate.")
_NO_ADDRESS = Unobserved(cause=Cause.DNS, detail="No address of the server was asked.")


@dataclass(frozen=True, kw_only=True)
class AddressCertificates:
    """What one address presents; at least one deployment."""

    address: str
    deployments: tuple[Deployment, ...]


@dataclass(frozen=True, kw_only=True)
class CertificateFacts(Facts):
    """The certificates of a TLS server at each of its addresses; a gap's detail names its address."""

    addresses: tuple[AddressCertificates | Unobserved, ...]

    def presented(self) -> Iterator[tuple[str, Deployment] | Unobserved]:
        """Every set of certificates with its address, and what is missing; never nothing at all."""
        for address in self.addresses or (_NO_CERTIFICATE,):
            if isinstance(address, Unobserved):
                yield address
                continue
            for deployment in address.deployments:
                yield address.address, deployment
            if not address.deployments:
                yield _NO_CERTIFICATE


@dataclass(frozen=True, kw_only=True)
class VersionAnswer:
    """Whether a server speaks one protocol version.

    Attributes:
        version: SSLv2, SSLv3, TLSv1.0, TLSv1.1, TLSv1.2 or TLSv1.3.
        suites: IANA names of the accepted cipher suites; empty where the version was seen refused.
    """

    version: str
    suites: tuple[str, ...] | Unobserved


@dataclass(frozen=True, kw_only=True)
class AddressTls:
    """The protocol versions at one address."""

    address: str
    versions: tuple[VersionAnswer, ...]

    def answer(self, version: str) -> tuple[str, ...] | Unobserved:
        """The accepted suites of a version; one that was not asked is a gap."""
        for each in self.versions:
            if each.version == version:
                return each.suites
        return Unobserved(cause=Cause.UNSUPPORTED, detail=f"{self.address} was not asked for {version}.")


@dataclass(frozen=True, kw_only=True)
class TlsFacts(Facts):
    """How a TLS server speaks at each of its addresses; a gap's detail names its address."""

    addresses: tuple[AddressTls | Unobserved, ...]

    def answered(self) -> tuple[AddressTls | Unobserved, ...]:
        """Every address, and what is missing; never nothing at all."""
        return self.addresses or (_NO_ADDRESS,)
