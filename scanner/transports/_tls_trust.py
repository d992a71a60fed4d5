"""Whether trust stores accept a chain, as OpenSSL validates, apart from dates, names and the strength of keys.

The stores are those that sslyze ships. Dates are left out by X509_V_FLAG_NO_CHECK_TIME, names because none is asked
for, strength because OpenSSL's security level is not set; each has its own check.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import crypto

from scanner.model.facts.tls import CA_BUNDLE, Accepted, Distrust, PathStep, Rejected
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_certificate import MOST_CERTIFICATES, dates, key_fingerprint, load_der
from scanner.transports._tls_chain import fingerprint
from scanner.transports._tls_names import name_of

# Our names of the stores, and sslyze's files.
_FILES = {
    "Mozilla": "mozilla_nss",
    "Apple": "apple",
    "Microsoft": "microsoft_windows",
    "Android": "google_aosp",
    "OpenJDK": "openjdk",
    "Oracle": "oracle_java",
}

# From OpenSSL's x509_vfy.h; pyOpenSSL does not name them.
_NO_CHECK_TIME = 0x200000
_SELF_SIGNED_LEAF = 18
_SELF_SIGNED_IN_CHAIN = 19
_ISSUER_UNKNOWN = (2, 20, 21)


def _store(*, partial: bool) -> crypto.X509Store:
    store = crypto.X509Store()
    lib = Binding().lib
    lib.X509_STORE_set_purpose(store._store, lib.X509_PURPOSE_SSL_SERVER)
    # A city may pin an intermediate or a server's own certificate; in a public store only roots are anchors.
    store.set_flags(_NO_CHECK_TIME | (crypto.X509StoreFlags.PARTIAL_CHAIN if partial else 0))
    return store


@cache
def store_file(name: str) -> Path:
    """Where sslyze ships a store, by our name of it; found without importing sslyze, which takes its time."""
    package = find_spec("sslyze")
    assert package is not None  # noqa: S101 (it is a dependency)
    assert package.origin is not None  # noqa: S101
    folder = Path(package.origin).parent / "plugins" / "certificate_info" / "trust_stores" / "pem_files"
    return folder / f"{_FILES[name]}.pem"


@cache
def _public_store(name: str) -> crypto.X509Store:
    store = _store(partial=False)
    store.load_locations(str(store_file(name)))
    return store


def load_public_stores() -> None:
    """Reads the public stores, which takes a moment, before anybody waits for them."""
    for name in _FILES:
        _public_store(name)


def bundle_store(pem: str) -> crypto.X509Store | Unobserved:
    """The store that a city's own bundle makes; it may hold several certificates, and text between them."""
    try:
        anchors = x509.load_pem_x509_certificates(pem.encode())
        store = _store(partial=True)
        for anchor in anchors:
            store.add_cert(crypto.X509.from_cryptography(anchor))
    except (ValueError, crypto.Error):
        detail = "The ca_bundle holds something that is no PEM certificate; export it again as PEM."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    return store


def _load(chain: Sequence[str]) -> list[crypto.X509]:
    """The certificates that OpenSSL can read, leaf first; empty if it cannot read the leaf."""
    found = []
    for place, pem in enumerate(chain[:MOST_CERTIFICATES]):
        try:
            found.append(crypto.load_certificate(crypto.FILETYPE_PEM, pem.encode("ascii", "replace")))
        except crypto.Error:
            if place == 0:
                return []
    return found


def _step(certificate: crypto.X509) -> PathStep | Unobserved:
    return _read(crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate))


@lru_cache(maxsize=4096)  # the same authorities stand above nearly every server
def _read(der: bytes) -> PathStep | Unobserved:
    readable = load_der(der)
    found = None if readable is None else dates(readable)
    if readable is None or found is None:
        return Unobserved(cause=Cause.MALFORMED, detail="The dates of a certificate in the chain cannot be read.")
    return PathStep(
        subject=name_of(lambda: readable.subject),
        not_before=found[0],
        not_after=found[1],
        fingerprint=fingerprint(readable),
        key_fingerprint=key_fingerprint(readable),
    )


def _in_date(certificate: crypto.X509, now: datetime) -> bool:
    step = _step(certificate)
    return isinstance(step, PathStep) and step.not_before <= now <= step.not_after


def _why(error: crypto.X509StoreContextError) -> Distrust:
    code, depth = error.errors[0], error.errors[1]
    if code == _SELF_SIGNED_LEAF:
        return Distrust.SELF_SIGNED
    if code == _SELF_SIGNED_IN_CHAIN:
        return Distrust.UNKNOWN_CA
    if code in _ISSUER_UNKNOWN:
        return Distrust.ISSUER_MISSING if depth == 0 else Distrust.UNKNOWN_CA
    return Distrust.OTHER


def validate(name: str, store: crypto.X509Store, chain: Sequence[crypto.X509], now: datetime) -> Accepted | Rejected:
    """What one store says.

    A path whose intermediates are all inside their dates is preferred; only where none exists the expired ones are
    used too, and then the path shows it.
    """
    leaf, others = chain[0], chain[1:]
    verdict: Accepted | Rejected | None = None
    for helpers in ([each for each in others if _in_date(each, now)], others):
        try:
            path = crypto.X509StoreContext(store, leaf, helpers).get_verified_chain()
        except crypto.X509StoreContextError as error:
            verdict = Rejected(store=name, why=_why(error), openssl=str(error.errors[2]))
        else:
            return Accepted(store=name, path=tuple(_step(certificate) for certificate in path))
    assert verdict is not None  # noqa: S101 (the loop has run)
    return verdict


def trust(chain: Sequence[str], bundle: crypto.X509Store | None, now: datetime) -> tuple[Accepted | Rejected, ...]:
    """What every store says about a received chain (PEM, leaf first); nothing where the leaf cannot be read."""
    certificates = _load(chain)
    if not certificates:
        return ()
    stores = {name: _public_store(name) for name in _FILES}
    if bundle is not None:
        stores[CA_BUNDLE] = bundle
    return tuple(validate(name, store, certificates, now) for name, store in stores.items())
