"""A received certificate chain as facts: bounded, readable, with gaps where a certificate cannot be read."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.model.facts.tls import Accepted, AlternativeNames, Certificate, Deployment, PublicKey, Rejected
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved

MOST_CERTIFICATES = 16
MOST_NAMES = 2000
_LONGEST_NAME = 500

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

# What `cryptography` raises for certificates that are well enough formed to be sent and too odd to be read.
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

Value = TypeVar("Value")


def _gap(what: str, cause: Cause = Cause.MALFORMED) -> Unobserved:
    return Unobserved(cause=cause, detail=what)


def _or(read: Callable[[], Value], otherwise: Value) -> Value:
    try:
        return read()
    except _UNREADABLE:
        return otherwise


def load(pem: str) -> x509.Certificate | None:
    """A certificate, or None where it cannot be read at all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd serial numbers and the like are facts, not our warnings
        try:
            return x509.load_pem_x509_certificate(pem.encode("ascii", "replace"))
        except _UNREADABLE:
            return None


def name_of(read: Callable[[], x509.Name]) -> str:
    """A subject or issuer as text, bounded and without control characters."""
    return _or(lambda: harmless(read().rfc4514_string(), _LONGEST_NAME), "(unreadable name)")


def _key(certificate: x509.Certificate) -> PublicKey | Unobserved:
    try:
        key = certificate.public_key()
    except _UNREADABLE:
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


def _self_signed(certificate: x509.Certificate) -> bool:
    """Whether its own key made the signature; where we cannot compute it, whether it says so."""
    try:
        if certificate.subject != certificate.issuer:
            return False
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature:
        return False
    except _UNREADABLE:
        return True
    return True


def _key_fingerprint(certificate: x509.Certificate) -> str:
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def dates(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """First and last moment of validity, UTC.

    Raises:
        ValueError: if they cannot be read.
    """
    return certificate.not_valid_before_utc.astimezone(UTC), certificate.not_valid_after_utc.astimezone(UTC)


def describe(pem: str) -> Certificate | Unobserved:
    """One certificate as facts."""
    certificate = load(pem)
    if certificate is None:
        return _gap("The server sent a certificate that is malformed.")
    try:
        not_before, not_after = dates(certificate)
        return Certificate(
            subject=name_of(lambda: certificate.subject),
            issuer=name_of(lambda: certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            not_before=not_before,
            not_after=not_after,
            key=_key(certificate),
            signature_hash=_signature_hash(certificate),
            self_signed=_self_signed(certificate),
            fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
            key_fingerprint=_or(lambda: _key_fingerprint(certificate), ""),
        )
    except _UNREADABLE:
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
    except (*_UNREADABLE, x509.DuplicateExtension):
        return _gap("The names in the server's certificate cannot be read.")
    if len(found) > MOST_NAMES:
        return _gap(f"The server's certificate holds {len(found)} names; more than {MOST_NAMES} are not read.")
    return AlternativeNames(
        dns=tuple(harmless(name, _LONGEST_NAME) for name in found.get_values_for_type(x509.DNSName)),
        ips=tuple(str(address) for address in found.get_values_for_type(x509.IPAddress)),
    )


def deployment(
    chain: Sequence[str], trust: Sequence[Accepted | Rejected], bundle: Unobserved | None = None
) -> Deployment:
    """A received chain (PEM, leaf first) with what the trust stores say about it."""
    return Deployment(
        chain=tuple(describe(pem) for pem in chain[:MOST_CERTIFICATES]),
        names=names(chain[0]),
        trust=tuple(trust),
        bundle=bundle,
    )
