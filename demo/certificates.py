"""Certificates of the demo city: its authority, and the leaf certificates that are made anew at every start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from demo import files
from demo.layout import Https, Leaf, MailServer, Site

CITY = "City of Riverton (civicseal demo)"
DOMAIN = "riverton.example"
OTHER_NAME = "old-parks.riverton.example"
WEAK_BITS = 1024

_FIRST_DAY, _LAST_DAY = datetime(2020, 1, 1, tzinfo=UTC), datetime(2070, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A certificate with its key, able to issue others."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, CITY),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def new_authority() -> Authority:
    """An authority valid for fifty years, whose certificates count for names under riverton.example alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Riverton demo CA, trusted by nothing but this demo")
    constraints = x509.NameConstraints(permitted_subtrees=[x509.DNSName(DOMAIN)], excluded_subtrees=None)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), _FIRST_DAY, _LAST_DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def shipped_authority() -> Authority:
    """The authority that is committed beside this file."""
    certificate = x509.load_pem_x509_certificate((files.HOME / files.CA).read_bytes())
    key = serialization.load_pem_private_key((files.HOME / files.CA_KEY).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the demo CA's key is an EC key")
    return Authority(certificate=certificate, key=key)


def pem(certificate: x509.Certificate) -> bytes:
    """A certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    """A private key in PEM, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _leaf_dates(leaf: Leaf, now: datetime) -> tuple[datetime, datetime]:
    """Ninety days: the last second counts (RFC 5280, section 4.1.2.5), so they end one second short of it."""
    start = now + timedelta(days=(-30 if leaf is Leaf.EXPIRED else 80) - 90)
    return start, start + timedelta(days=90) - timedelta(seconds=1)


def _leaf_key(leaf: Leaf) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    if leaf is Leaf.WEAK_KEY:
        return rsa.generate_private_key(public_exponent=65537, key_size=WEAK_BITS)  # the planted fault
    if leaf is Leaf.RSA:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def issue(site: Site | MailServer, authority: Authority, now: datetime) -> Authority:
    """The leaf certificate of a server with its key, faulty as the server's `leaf` says."""
    host = OTHER_NAME if site.leaf is Leaf.OTHER_NAME else site.host
    key, (start, end) = _leaf_key(site.leaf), _leaf_dates(site.leaf, now)
    own = site.leaf is Leaf.SELF_SIGNED
    issuer = _name(host) if own else authority.certificate.subject
    signer = key if own else authority.key
    certificate = (
        x509.CertificateBuilder(issuer, _name(host), key.public_key(), x509.random_serial_number(), start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_key_identifier(signer), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def _key_identifier(signer: CertificateIssuerPrivateKeyTypes) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())


def leaf_files(site: Site | MailServer, state: Path) -> tuple[Path, Path]:
    """Where a server's certificate and its key lie."""
    return state / f"{site.id}.pem", state / f"{site.id}-key.pem"


def _speaks_tls(site: Site | MailServer) -> bool:
    return site.starttls if isinstance(site, MailServer) else site.https not in (Https.SILENT, Https.CLOSED)


def issue_all(sites: Iterable[Site | MailServer], state: Path, now: datetime) -> None:
    """Makes certificate and key of every server that speaks TLS, readable by their owner alone."""
    authority = shipped_authority()
    for site in sites:
        if _speaks_tls(site):
            leaf = issue(site, authority, now)
            certificate, key = leaf_files(site, state)
            files.write_private(certificate, pem(leaf.certificate))
            files.write_private(key, key_pem(leaf.key))
