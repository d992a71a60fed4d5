"""How real chains hang together: order, what is too much, what is not there, and what the leaf's extensions say."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scanner.model.facts.chain import ChainShape, Extensions, Superfluous, Surplus, Unsent
from scanner.model.facts.tls import CA_BUNDLE, Accepted, Certificate, Deployment, Distrust, PublicKey, Rejected
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_certificate import MOST_CERTIFICATES, deployment, describe
from scanner.transports._tls_trust import bundle_store, trust

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
KEYS: dict[str, Key] = {}


def key_of(name: str) -> Key:
    """One key for each name, so that an authority can be certified twice."""
    return KEYS.setdefault(name, ec.generate_private_key(ec.SECP256R1()))


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def made(
    name: str,
    issuer: str,
    *extensions: x509.ExtensionType,
    key: Key | None = None,
    signer: Key | None = None,
    ca: bool = True,
    digest: hashes.HashAlgorithm | None = None,
    pss: bool = False,
) -> str:
    """A certificate in PEM, signed by the key of its issuer's name."""
    signing = signer or key_of(issuer)
    builder = x509.CertificateBuilder(
        named(issuer),
        named(name),
        (key or key_of(name)).public_key(),
        x509.random_serial_number(),
        NOW - timedelta(days=30),
        NOW + timedelta(days=60),
    ).add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    chosen = None if isinstance(signing, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256()
    more = {"rsa_padding": padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)} if pss else {}
    return builder.sign(signing, chosen, **more).public_bytes(Encoding.PEM).decode()  # type: ignore[arg-type]


def issuers_at(*urls: str) -> x509.AuthorityInformationAccess:
    places = [x509.UniformResourceIdentifier(url) for url in urls]
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place) for place in places]
    )


URL = "http://ca.example/issuing.cer"
ROOT = made("Root", "Root")
OLD_ROOT = made("Old Root", "Old Root")
CROSSED = made("Root", "Old Root")
ISSUING = made("Issuing", "Root", issuers_at("http://ca.example/root.cer"))
LEAF = made("www.city.example", "Issuing", issuers_at(URL), ca=False)
STRAY = made("Stray", "Somebody")
STORED = TypeAdapter(Deployment)


def look(chain: Sequence[str], anchors: str = ROOT) -> Deployment:
    store = bundle_store(anchors)
    assert not isinstance(store, Unobserved)
    return deployment(chain, trust(chain, store, NOW))


def shape(chain: Sequence[str], anchors: str = ROOT) -> ChainShape:
    found = look(chain, anchors).shape
    assert isinstance(found, ChainShape), found
    return found


def surplus(chain: Sequence[str], anchors: str = ROOT) -> list[tuple[int, str, Surplus]]:
    return [(each.place, each.subject, each.why) for each in shape(chain, anchors).superfluous]


def test_a_good_chain_is_in_order_and_ends_below_its_root() -> None:
    unsent = Unsent(issuer="CN=Root", urls=("http://ca.example/root.cer",), depth=1)
    assert shape([LEAF, ISSUING]) == ChainShape(in_order=True, superfluous=(), unsent=unsent)


def test_a_missing_intermediate_is_named_with_its_address() -> None:
    found = look([LEAF])
    assert isinstance(found.shape, ChainShape)
    assert found.shape.unsent == Unsent(issuer="CN=Issuing", urls=(URL,), depth=0)
    verdict = found.trust_by(CA_BUNDLE)
    assert isinstance(verdict, Rejected)
    assert verdict.why is Distrust.ISSUER_MISSING


def test_a_root_that_is_sent_along_is_an_anchor_and_nothing_is_unsent() -> None:
    found = shape([LEAF, ISSUING, ROOT])
    assert found.in_order
    assert found.superfluous == (Superfluous(place=2, subject="CN=Root", why=Surplus.ANCHOR),)
    assert found.unsent is None


def test_a_wrong_order_is_seen_and_accepted_all_the_same() -> None:
    found = look([LEAF, ROOT, ISSUING])
    assert isinstance(found.shape, ChainShape)
    assert not found.shape.in_order
    assert found.shape.unsent is None
    assert isinstance(found.trust_by(CA_BUNDLE), Accepted)


def test_unrelated_and_repeated_certificates_are_told() -> None:
    assert surplus([LEAF, LEAF, ISSUING, STRAY, OLD_ROOT]) == [
        (1, "CN=www.city.example", Surplus.REPEATED),
        (3, "CN=Stray", Surplus.UNRELATED),
        (4, "CN=Old Root", Surplus.UNRELATED),
    ]


def test_a_cross_signed_certificate_is_another_way_unless_a_store_needs_it() -> None:
    assert surplus([LEAF, ISSUING, CROSSED]) == [(2, "CN=Root", Surplus.OTHER_WAY)]
    assert surplus([LEAF, ISSUING, CROSSED], OLD_ROOT) == []
    found = shape([LEAF, ISSUING, CROSSED], OLD_ROOT)
    assert found.in_order
    assert found.unsent == Unsent(issuer="CN=Old Root", urls=(), depth=2)


def test_without_any_accepted_path_nothing_is_called_another_way() -> None:
    assert surplus([LEAF, ISSUING, CROSSED], STRAY) == []


def test_an_issuer_of_the_same_name_with_another_key_is_no_issuer() -> None:
    impostor = made("Issuing", "Root", key=ec.generate_private_key(ec.SECP256R1()))
    found = shape([LEAF, impostor])
    assert not found.in_order
    assert surplus([LEAF, impostor]) == [(1, "CN=Issuing", Surplus.UNRELATED)]
    assert found.unsent is not None
    assert (found.unsent.issuer, found.unsent.depth) == ("CN=Issuing", 0)


def test_names_are_compared_without_case_as_openssl_does() -> None:
    other = made("ISSUING", "Root", key=key_of("Issuing"))
    found = look([LEAF, other])
    assert isinstance(found.trust_by(CA_BUNDLE), Accepted)
    assert isinstance(found.shape, ChainShape)
    assert found.shape.in_order
    assert found.shape.superfluous == ()


def test_a_self_signed_certificate_alone_is_whole() -> None:
    alone = made("printer", "printer", ca=False)
    assert shape([alone], alone) == ChainShape(in_order=True, superfluous=(), unsent=None)


def test_certificates_that_all_sign_each_other_end_soon() -> None:
    """Sixteen certificates of one name and one key: every one is the issuer of every other."""
    ring = [made("Ring", "Ring") for _ in range(MOST_CERTIFICATES)]
    found = shape([made("www.city.example", "Ring", ca=False), *ring[1:]])
    assert found.in_order
    assert {each.why for each in found.superfluous} == {Surplus.ANCHOR}


def test_of_more_certificates_than_are_read_the_rest_is_a_gap() -> None:
    found = look([LEAF, ISSUING, *([STRAY] * (MOST_CERTIFICATES - 1))])
    assert len(found.chain) == MOST_CERTIFICATES + 1
    gap = found.chain[-1]
    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.UNSUPPORTED
    assert "17 certificates" in gap.detail
    assert found.shape == gap
    assert isinstance(found.trust_by(CA_BUNDLE), Accepted)
    assert len(look([LEAF, ISSUING, *([STRAY] * (MOST_CERTIFICATES - 2))]).chain) == MOST_CERTIFICATES


@pytest.mark.parametrize("garbage", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
@pytest.mark.parametrize("place", [0, 1])
def test_garbage_in_a_chain_leaves_its_shape_unknown(garbage: str, place: int) -> None:
    chain = [LEAF, ISSUING]
    chain[place] = garbage
    found = look(chain)
    assert isinstance(found.shape, Unobserved)
    assert found.shape.cause is Cause.MALFORMED


def test_paths_carry_the_fingerprints_of_their_certificates() -> None:
    found = look([LEAF, ISSUING])
    verdict = found.trust_by(CA_BUNDLE)
    assert isinstance(verdict, Accepted)
    sent = [each for each in found.chain if isinstance(each, Certificate)]
    prints = [(step.fingerprint, step.key_fingerprint) for step in verdict.path if not isinstance(step, Unobserved)]
    assert prints[:2] == [(each.fingerprint, each.key_fingerprint) for each in sent]
    assert len(set(prints)) == 3


# What a leaf's extensions say


def said(*extensions: x509.ExtensionType) -> Extensions | Unobserved:
    found = describe(made("www.city.example", "Issuing", *extensions, ca=False))
    assert isinstance(found, Certificate)
    return found.extensions


def timestamps(count: int) -> x509.UnrecognizedExtension:
    """A list of so many timestamps (RFC 6962, section 3.2 and 3.3)."""
    signature = bytes([4, 3, 0, 2, 0x30, 0])
    one = bytes(1) + bytes(32) + (1_790_000_000_000).to_bytes(8, "big") + bytes(2) + signature
    listed = b"".join(len(one).to_bytes(2, "big") + one for _ in range(count))
    body = len(listed).to_bytes(2, "big") + listed
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])
    outer = b"\x04" + length + body
    return x509.UnrecognizedExtension(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS, outer)


def test_a_leaf_without_extensions_says_nothing() -> None:
    assert said() == Extensions()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_embedded_timestamps_are_counted(count: int) -> None:
    assert said(timestamps(count)) == Extensions(timestamps=count)


def test_a_demand_for_stapling_is_seen() -> None:
    assert said(x509.TLSFeature([x509.TLSFeatureType.status_request])) == Extensions(must_staple=True)
    assert said(x509.TLSFeature([x509.TLSFeatureType.status_request_v2])) == Extensions()


@pytest.mark.parametrize(
    ("purposes", "for_servers"),
    [
        ([ExtendedKeyUsageOID.SERVER_AUTH], True),
        ([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH], True),
        ([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE], True),
        ([ExtendedKeyUsageOID.CLIENT_AUTH], False),
    ],
)
def test_the_purpose_is_read(purposes: list[x509.ObjectIdentifier], for_servers: bool) -> None:
    assert said(x509.ExtendedKeyUsage(purposes)) == Extensions(for_servers=for_servers)


def test_addresses_of_issuer_and_responder_are_told_apart() -> None:
    both = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://o.example")
            ),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(URL)),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.DNSName("ca.example")),
        ]
    )
    assert said(both) == Extensions(issuer_urls=(URL,), ocsp_urls=("http://o.example",))


def test_addresses_are_bounded_and_only_plain_http_counts() -> None:
    many = [f"http://ca.example/{number}" for number in range(50)]
    told = said(issuers_at("ldap://ca.example/", "file:///etc/passwd", *many))
    assert told == Extensions(issuer_urls=tuple(many[:4]))
    assert said(issuers_at("http://ca.example/" + "x" * 500, "http://ca.example/\x1b[31m", URL)) == Extensions(
        issuer_urls=(URL,)
    )


@pytest.mark.parametrize(
    "oid",
    [
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
        ExtensionOID.TLS_FEATURE,
        ExtensionOID.EXTENDED_KEY_USAGE,
    ],
)
@pytest.mark.parametrize("body", [b"", b"\x30\x05no", b"\xff" * 40, b"\x04\x02\xff\xff"])
def test_extensions_that_cannot_be_read_are_a_gap_and_nothing_else_is(oid: x509.ObjectIdentifier, body: bytes) -> None:
    leaf = made("www.city.example", "Issuing", x509.UnrecognizedExtension(oid, body), ca=False)
    found = look([leaf, ISSUING])
    assert isinstance(found.leaf, Certificate)
    assert isinstance(found.leaf.extensions, Unobserved)
    assert found.leaf.key == PublicKey(algorithm="ec", bits=256)
    assert isinstance(found.shape, ChainShape)


# Keys and signatures

Made = Callable[[], str]


RSA = rsa.generate_private_key(65537, 2048)


def on(curve: ec.EllipticCurve) -> Made:
    return lambda: made("a", "b", key=ec.generate_private_key(curve))


@pytest.mark.parametrize(
    ("pem", "algorithm", "bits", "signature"),
    [
        (lambda: made("a", "rsa", signer=RSA, pss=True, key=RSA), "rsa", 2048, "sha256"),
        (lambda: made("a", "rsa", signer=RSA, key=RSA, digest=hashes.SHA384()), "rsa", 2048, "sha384"),
        (on(ec.SECP224R1()), "ec", 224, "sha256"),
        (on(ec.SECP384R1()), "ec", 384, "sha256"),
        (on(ec.SECP521R1()), "ec", 521, "sha256"),
        (on(ec.BrainpoolP256R1()), "ec", 256, "sha256"),
        (lambda: made("a", "ed", signer=ed25519.Ed25519PrivateKey.generate()), "ec", 256, "ed25519"),
    ],
)
def test_keys_and_signatures_of_every_kind_are_named(pem: Made, algorithm: str, bits: int, signature: str) -> None:
    found = describe(pem())
    assert isinstance(found, Certificate)
    assert (found.key, found.signature_hash) == (PublicKey(algorithm=algorithm, bits=bits), signature)
    assert len(found.key_fingerprint) == 64


# The object identifier of a key that may sign with RSASSA-PSS alone (RFC 4055, section 3.1), and that of plain RSA.
_PSS_KEY = bytes.fromhex("300b06092a864886f70d01010a")
_RSA_KEY = bytes.fromhex("300d06092a864886f70d0101010500")


def test_a_key_for_pss_alone_is_an_rsa_key() -> None:
    spki = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    der = x509.load_pem_x509_certificate(made("a", "b", key=RSA).encode()).public_bytes(Encoding.DER)
    assert der.count(spki) == 1
    changed = spki.replace(_RSA_KEY, _PSS_KEY)
    changed = changed[:2] + (len(changed) - 4).to_bytes(2, "big") + changed[4:]
    der = der.replace(spki, changed)
    # Outer sequence and TBSCertificate are two bytes shorter now; the signature no longer fits, which decides nothing.
    body = bytearray(der)
    for at in (2, 6):
        body[at : at + 2] = (int.from_bytes(body[at : at + 2], "big") - 2).to_bytes(2, "big")
    found = describe(ssl.DER_cert_to_PEM_cert(bytes(body)))
    assert isinstance(found, Certificate)
    assert found.key == PublicKey(algorithm="rsa", bits=2048)


@pytest.mark.parametrize("digest", ["sha1", "md5"])
def test_an_old_root_that_is_sent_along_is_a_root_with_an_old_signature(
    digest: str, needs: Callable[[str], str], tmp_path: Path
) -> None:
    """`cryptography` makes no such signature any more, and servers still send some."""
    command = [needs("openssl"), "req", "-x509", f"-{digest}", "-newkey", "rsa:2048", "-nodes", "-days", "90"]
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "pem")]
    subprocess.run([*command, *files, "-subj", "/CN=Old"], check=True, capture_output=True, timeout=60)
    root = (tmp_path / "pem").read_text()
    key = load_pem_private_key((tmp_path / "key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    leaf = made("www.city.example", "Old", signer=key, ca=False)
    found = look([leaf, root], root)
    sent = found.chain[1]
    assert isinstance(sent, Certificate)
    assert (sent.self_signed, sent.signature_hash) == (True, digest)
    assert surplus([leaf, root], root) == [(1, "CN=Old", Surplus.ANCHOR)]
    assert isinstance(found.trust_by(CA_BUNDLE), Accepted)


@given(place=st.integers(0, 1), changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_chain_with_any_bytes_changed_is_told_or_is_a_gap(place: int, changes: list[tuple[int, int]]) -> None:
    chain = [LEAF, ISSUING, CROSSED]
    body = bytearray(ssl.PEM_cert_to_DER_cert(chain[place]))
    for at, value in changes:
        body[at % len(body)] = value
    chain[place] = ssl.DER_cert_to_PEM_cert(bytes(body))
    found = look(chain)
    assert len(found.chain) == 3
    assert isinstance(found.shape, ChainShape | Unobserved)
    STORED.validate_json(STORED.dump_json(found))
