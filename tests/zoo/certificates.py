"""Certificates and Diffie-Hellman parameters of the zoo."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

# Second and fourteenth group: RFC 2409, section 6.2 (1024 bits) and RFC 3526, section 3 (2048 bits).
_HEAD = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE"
)
PRIMES = {
    1024: int(_HEAD + "65381FFFFFFFFFFFFFFFF", 16),
    2048: int(
        _HEAD + "45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
        "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581"
        "7183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
        16,
    ),
}


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files and as text."""

    certificate: Path
    key: Path


def make(folder: Path, kind: str, name: str) -> Pair:
    """A self-signed certificate for a name; `kind` is RSA or ECDSA."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ECDSA" else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pair = Pair(folder / f"{kind}.pem", folder / f"{kind}.key")
    pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    return pair


def dh_parameters(folder: Path, bits: int) -> Path:
    """Finite-field parameters of 1024 or 2048 bits, as a file."""
    path = folder / f"dh{bits}.pem"
    body = _der(0x30, _integer(PRIMES[bits]) + _integer(2))  # PKCS #3, section 9
    path.write_text(f"-----BEGIN DH PARAMETERS-----\n{encodebytes(body).decode()}-----END DH PARAMETERS-----\n")
    return path


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der(tag: int, body: bytes) -> bytes:
    length = len(body).to_bytes(2, "big")
    return bytes([tag, len(body)]) + body if len(body) < 0x80 else bytes([tag, 0x82]) + length + body
