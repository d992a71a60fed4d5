"""A received certificate chain as facts: bounded, readable, with gaps where a certificate cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.model.facts.tls import Accepted, AlternativeNames, Certificate, Deployment, PublicKey, Rejected
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_chain import fingerprint, shape_of, signed_itself
from scanner.transports._tls_extensions import extensions
from scanner.transports._tls_names import LONGEST_NAME, UNREADABLE, name_of

MOST_CERTIFICATES = 16
MOST_NAMES = 2000

# Signatures that `cryptography` no longer names, by their object identifier.
_OLD_HASHES = {
    "1.2.840.113549.1.1.2": "md2",
    "1.2.840.113549.1.1.3": "md4",
    "1.3.14.3.2.3": "md5",
    "1.3.14.3.2.29": "sha1",
    "1.3.14.3.2.27": "sha1",
    "1.3.101.112": "ed25519",
    "1.3.101.113": "ed448",
}

_ED = {ed25519.Ed25519PublicKey: ("ed25519", 256), ed448.Ed448PublicKey: ("ed448", 456)}

Value = TypeVar("Value")
Other = TypeVar("Other")


def _gap(what: str, cause: Cause = Cause.MALFORMED) -> Unobserved:
    return Unobserved(cause=cause, detail=what)


def _or(read: Callable[[], Value], otherwise: Other) -> Value | Other:
    try:
        return read()
    except UNREADABLE:
        return otherwise


def load(pem: str) -> x509.Certificate | None:
    """A certificate, or None where it cannot be read at all."""
    return _or(lambda: x509.load_pem_x509_certificate(pem.encode("ascii", "replace")), None)


def load_der(der: bytes) -> x509.Certificate | None:
    """The same, of a certificate's bytes."""
    return _or(lambda: x509.load_der_x509_certificate(der), None)


def _key(certificate: x509.Certificate) -> PublicKey | Unobserved:
    try:
        key = certificate.public_key()
    except UNREADABLE:
        oid = _or(lambda: certificate.public_key_algorithm_oid.dotted_string, "unknown")
        return _gap(f"The certificate has a kind of key that we cannot read ({oid}).", Cause.UNSUPPORTED)
    if isinstance(key, rsa.RSAPublicKey):
        return PublicKey(algorithm="rsa", bits=key.key_size)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return PublicKey(algorithm="ec", bits=key.curve.key_size)
    if isinstance(key, dsa.DSAPublicKey):
        return PublicKey(algorithm="dsa", bits=key.key_size)
    for kind, (algorithm, bits) in _ED.items():
        if isinstance(key, kind):
            return PublicKey(algorithm=algorithm, bits=bits)
    return _gap(f"The certificate has a kind of key that is not for TLS ({type(key).__name__}).", Cause.UNSUPPORTED)


def _signature_hash(certificate: x509.Certificate) -> str | Unobserved:
    oid = certificate.signature_algorithm_oid.dotted_string
    if oid in _OLD_HASHES:
        return _OLD_HASHES[oid]
    found = _or(lambda: certificate.signature_hash_algorithm, None)
    if found is not None:
        return found.name.lower()
    return _gap(f"The certificate has a kind of signature that we cannot read ({oid}).", Cause.UNSUPPORTED)


def key_fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the public key (SubjectPublicKeyInfo) in hex; empty where the key cannot be read."""
    try:
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except UNREADABLE:
        return ""
    return hashlib.sha256(spki).hexdigest()


def dates(certificate: x509.Certificate) -> tuple[datetime, datetime] | None:
    """First and last moment of validity, UTC; None where they cannot be read."""
    try:
        return certificate.not_valid_before_utc.astimezone(UTC), certificate.not_valid_after_utc.astimezone(UTC)
    except UNREADABLE:
        return None


def in_dates(certificate: x509.Certificate, moment: datetime) -> bool:
    """Whether a certificate is valid at a moment; one whose dates cannot be read never is."""
    found = dates(certificate)
    return found is not None and found[0] <= moment <= found[1]


def describe(pem: str) -> Certificate | Unobserved:
    """One certificate as facts."""
    certificate = load(pem)
    if certificate is None:
        return _gap("The server sent a certificate that is malformed.")
    validity = dates(certificate)
    if validity is None:
        return _gap("The server sent a certificate whose dates cannot be read.")
    try:
        return Certificate(
            subject=name_of(lambda: certificate.subject),
            issuer=name_of(lambda: certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            not_before=validity[0],
            not_after=validity[1],
            key=_key(certificate),
            signature_hash=_signature_hash(certificate),
            self_signed=signed_itself(certificate),
            fingerprint=fingerprint(certificate),
            key_fingerprint=key_fingerprint(certificate),
            extensions=extensions(certificate),
        )
    except UNREADABLE:
        return _gap("The server sent a certificate whose fields cannot be read.")


def names(pem: str) -> AlternativeNames | Unobserved:
    """The subjectAltName of a leaf."""
    certificate = load(pem)
    if certificate is None:
        return _gap("The server sent a certificate that is malformed.")
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return AlternativeNames(dns=(), ips=())
    except (*UNREADABLE, x509.DuplicateExtension):
        return _gap("The names in the server's certificate cannot be read.")
    if len(found) > MOST_NAMES:
        return _gap(f"The server's certificate holds {len(found)} names; more than {MOST_NAMES} are not read.")
    return AlternativeNames(
        dns=tuple(harmless(name, LONGEST_NAME) for name in found.get_values_for_type(x509.DNSName)),
        ips=tuple(str(address) for address in found.get_values_for_type(x509.IPAddress)),
    )


def deployment(
    chain: Sequence[str], trust: Sequence[Accepted | Rejected], bundle: Unobserved | None = None
) -> Deployment:
    """A received chain (PEM, leaf first) with what the trust stores say about it."""
    read = chain[:MOST_CERTIFICATES]
    too_many = _too_many(len(chain))
    return Deployment(
        chain=(*(describe(pem) for pem in read), *too_many),
        names=names(chain[0]),
        trust=tuple(trust),
        bundle=bundle,
        shape=too_many[0] if too_many else shape_of([load(pem) for pem in read], trust),
    )


def _too_many(sent: int) -> tuple[Unobserved, ...]:
    """What stands for the certificates that are not read."""
    if sent <= MOST_CERTIFICATES:
        return ()
    detail = (
        f"The server sends {sent} certificates, of which only the first {MOST_CERTIFICATES} were read; have it send "
        "its own and the intermediate ones alone."
    )
    return (_gap(detail, Cause.UNSUPPORTED),)
