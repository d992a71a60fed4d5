"""What a TLS server shows: its certificates and how far they are trusted, its protocol versions and suites.

Every text that comes from a certificate is bounded and free of control characters; it is not escaped for any output.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from scanner.model.facts.base import Facts
from scanner.model.facts.chain import ChainShape, Extensions
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
        key_fingerprint: SHA-256 of its public key (SubjectPublicKeyInfo) in hex; empty where it cannot be read.
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
    extensions: Extensions | Unobserved = field(default_factory=Extensions)


@dataclass(frozen=True, kw_only=True)
class AlternativeNames:
    """The subjectAltName of a leaf: what it is for. Both are empty where it carries none."""

    dns: tuple[str, ...]
    ips: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PathStep:
    """One certificate of an accepted path, with its dates and the fingerprints as in `Certificate`."""

    subject: str
    not_before: datetime
    not_after: datetime
    fingerprint: str = ""
    key_fingerprint: str = ""


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


_SHAPE_NOT_SEEN = Unobserved(cause=Cause.UNSUPPORTED, detail="How the chain hangs together was not looked at.")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One set of certificates that a server presents; a server may hold one for RSA and one for EC.

    Attributes:
        chain: as received, leaf first; a certificate that cannot be read is a gap.
        names: of the leaf.
        trust: one verdict per store, the asset's `ca_bundle` among them where it has one.
        bundle: why the asset's `ca_bundle` could not be asked; None where it was, or where there is none.
        shape: how the chain hangs together.
    """

    chain: tuple[Certificate | Unobserved, ...]
    names: AlternativeNames | Unobserved
    trust: tuple[Accepted | Rejected, ...]
    bundle: Unobserved | None = None
    shape: ChainShape | Unobserved = field(default=_SHAPE_NOT_SEEN)

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

    @property
    def is_public(self) -> bool:
        """Whether some public root store accepts the chain; the rules of public authorities hold for it then."""
        return any(isinstance(each, Accepted) and each.store != CA_BUNDLE for each in self.trust)

    def asked(self, store: str) -> bool:
        """Whether a store was to be asked."""
        return any(each.store == store for each in self.trust) or (store == CA_BUNDLE and self.bundle is not None)


_NO_CERTIFICATE = Unobserved(cause=Cause.MALFORMED, detail="The server presents no certificate.")
_NO_ADDRESS = Unobserved(cause=Cause.DNS, detail="No address of the server was asked.")


@dataclass(frozen=True, kw_only=True)
class AddressCertificates:
    """What one address presents; at least one deployment.

    Attributes:
        without_name: SHA-256 fingerprint in hex of the leaf that is presented to who names no host (no SNI); `refused`
            where the server then breaks off with an alert; None where no name was ever sent.
    """

    address: str
    deployments: tuple[Deployment, ...]
    without_name: str | Unobserved | None = None


@dataclass(frozen=True, kw_only=True)
class CertificateFacts(Facts):
    """The certificates of a TLS server at each of its addresses; a gap's detail names its address."""

    revision: ClassVar[int] = 3
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


VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""Every protocol version, oldest first."""

HYBRID_GROUPS = ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024")
"""Key exchange groups that also hold against a quantum computer (draft-ietf-tls-ecdhe-mlkem, IANA 0x11EB-0x11ED)."""


@dataclass(frozen=True, kw_only=True)
class VersionAnswer:
    """Whether a server speaks one protocol version.

    Attributes:
        version: one of `VERSIONS`.
        suites: IANA names of the accepted cipher suites in the order in which the server chose them from a hello that
            offered them all; empty where the version was seen refused.
        gap: why there may be more suites than these: the server stopped answering before it refused the rest.
    """

    version: str
    suites: tuple[str, ...] | Unobserved
    gap: Unobserved | None = None


@dataclass(frozen=True, kw_only=True)
class DhKey:
    """A finite-field Diffie-Hellman key that a server offered, seen in its ServerKeyExchange: bits of the prime.

    Attributes:
        group: the name of a standard group (`ffdhe2048`, RFC 7919), None for one of the server's own.
    """

    version: str
    bits: int
    group: str | None = None


Trait = bool | Unobserved | None
"""Something that a server does or does not; None where the question does not arise."""


@dataclass(frozen=True, kw_only=True)
class TlsTraits:
    """What else a server said in its hellos.

    Attributes:
        own_order: whether it chooses suites by its own preference (asked at the highest version up to TLS 1.2, else at
            TLS 1.3); None where it accepts a single suite.
        alpn: the protocols that it agreed on, of `h2` and `http/1.1`, in the order asked; None for other than https.
        heartbeat: whether it answers the heartbeat extension (RFC 6520).
        extended_master_secret: RFC 7627; None where only TLS 1.3 is spoken.
        secure_renegotiation: RFC 5746; None where only TLS 1.3 is spoken.
        compression: whether it agrees on DEFLATE at TLS 1.2 or older (CRIME); None where only TLS 1.3 is spoken.
        fallback_refused: whether it refuses a hello that says it is a fallback (RFC 7507); None where it speaks only
            one version up to TLS 1.2.
        early_data: whether its TLS 1.3 session tickets allow early data (RFC 8446, section 8); None without TLS 1.3.
        stapled: whether it sends an OCSP answer along when asked (RFC 6066, section 8).
    """

    own_order: Trait = None
    alpn: tuple[str, ...] | Unobserved | None = None
    heartbeat: Trait = None
    extended_master_secret: Trait = None
    secure_renegotiation: Trait = None
    compression: Trait = None
    fallback_refused: Trait = None
    early_data: Trait = None
    stapled: Trait = None


@dataclass(frozen=True, kw_only=True)
class AddressTls:
    """How one address speaks TLS.

    Attributes:
        versions: an answer for each of `VERSIONS`.
        groups: IANA names of the key exchange groups that were accepted, elliptic curves up to TLS 1.2 included, in the
            order asked; empty where none of those asked for is accepted.
        dh_keys: each different finite-field key that was seen, at most one per version.
    """

    address: str
    versions: tuple[VersionAnswer, ...]
    groups: tuple[str, ...] | Unobserved = ()
    dh_keys: tuple[DhKey, ...] | Unobserved = ()
    traits: TlsTraits = field(default_factory=TlsTraits)

    @property
    def accepted(self) -> tuple[VersionAnswer, ...]:
        """The answers of the versions that are spoken, oldest first."""
        spoken = [each for each in self.versions if isinstance(each.suites, tuple) and each.suites]
        return tuple(sorted(spoken, key=lambda each: VERSIONS.index(each.version) if each.version in VERSIONS else -1))

    def answer(self, version: str) -> tuple[str, ...] | Unobserved:
        """The accepted suites of a version; one that was not asked is a gap."""
        for each in self.versions:
            if each.version == version:
                return each.suites
        return Unobserved(cause=Cause.UNSUPPORTED, detail=f"{self.address} was not asked for {version}.")


@dataclass(frozen=True, kw_only=True)
class TlsFacts(Facts):
    """How a TLS server speaks at each of its addresses; a gap's detail names its address."""

    revision: ClassVar[int] = 2
    addresses: tuple[AddressTls | Unobserved, ...]

    def answered(self) -> tuple[AddressTls | Unobserved, ...]:
        """Every address, and what is missing; never nothing at all."""
        return self.addresses or (_NO_ADDRESS,)
