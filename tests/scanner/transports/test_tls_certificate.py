"""Certificates as facts, and public root stores, without a network."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from scanner.model.facts.tls import Accepted, AlternativeNames, Certificate, Distrust, PublicKey
from scanner.model.unobserved import Unobserved
from scanner.transports._tls_certificate import deployment, describe, names
from scanner.transports._tls_trust import bundle_store, store_file, trust

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def self_signed(key, signer=None, *extensions: x509.ExtensionType) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site.example")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 7, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    chosen = None if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) else hashes.SHA256()
    return builder.sign(key, chosen).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("key", "algorithm", "bits", "signature"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "ed25519", 256, "ed25519"),
        (ed448.Ed448PrivateKey.generate(), "ed448", 456, "ed448"),
        (dsa.generate_private_key(1024), "dsa", 1024, "sha256"),
    ],
)
def test_rare_kinds_of_keys_are_named(key, algorithm, bits, signature) -> None:
    found = describe(self_signed(key))
    assert isinstance(found, Certificate)
    assert found.key == PublicKey(algorithm=algorithm, bits=bits)
    assert found.signature_hash == signature
    assert (found.self_signed, found.serial) == (True, "7")
    assert found.not_before == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("pem", ["", "nonsense", f"{BEGIN}\nAAAA\n{END}\n", f"{BEGIN}\n\u00fc\n{END}\n"])
def test_what_is_no_certificate_is_a_gap(pem: str) -> None:
    found = deployment([pem], trust([pem], None, NOW))
    assert isinstance(found.leaf, Unobserved)
    assert isinstance(found.names, Unobserved)
    assert found.trust == ()


def test_a_certificate_without_alternative_names_has_none() -> None:
    assert names(self_signed(ed25519.Ed25519PrivateKey.generate())) == AlternativeNames(dns=(), ips=())


def test_names_that_cannot_be_read_or_are_too_many_are_a_gap() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    broken = x509.UnrecognizedExtension(x509.oid.ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x05no")
    assert isinstance(names(self_signed(key, None, broken)), Unobserved)
    many = x509.SubjectAlternativeName([x509.DNSName(f"n{number}.example") for number in range(2001)])
    assert isinstance(names(self_signed(key, None, many)), Unobserved)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_public_store_knows_its_own_roots() -> None:
    """A root is no server's certificate: some are turned down for their purpose, but none as a stranger."""
    for store in ("Mozilla", "Apple", "Android"):
        text = store_file(store).read_text()
        roots = re.findall(f"{BEGIN}.*?{END}\n", text, re.DOTALL)
        assert len(roots) > 100
        for root in roots[:10]:
            verdicts = {each.store: each for each in trust([root], None, NOW)}
            verdict = verdicts[store]
            assert isinstance(verdict, Accepted) or verdict.why is Distrust.OTHER, verdict
    stranger = self_signed(ed25519.Ed25519PrivateKey.generate())
    assert {each.why for each in trust([stranger], None, NOW)} == {Distrust.SELF_SIGNED}


def test_a_bundle_without_any_certificate_is_a_gap() -> None:
    assert isinstance(bundle_store("# nothing here\n"), Unobserved)
