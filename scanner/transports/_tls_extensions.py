"""What the extensions of a certificate say, bounded; a gap where they cannot be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from scanner.model.facts.chain import Extensions
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved

_MOST_URLS = 4
_LONGEST_URL = 500

_SERVERS = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)

# Whatever `cryptography` raises for an extension that is encoded wrongly, or there twice.
_UNREADABLE = (ValueError, TypeError, KeyError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)

Value = TypeVar("Value", bound=x509.ExtensionType)


def extensions(certificate: x509.Certificate) -> Extensions | Unobserved:
    """The extensions that the checks ask for."""
    try:
        found = certificate.extensions
        return Extensions(
            issuer_urls=_urls(found, AuthorityInformationAccessOID.CA_ISSUERS),
            ocsp_urls=_urls(found, AuthorityInformationAccessOID.OCSP),
            must_staple=_must_staple(found),
            timestamps=_timestamps(found),
            for_servers=_for_servers(found),
        )
    except _UNREADABLE:
        detail = "The extensions of a certificate that the server sent cannot be read."
        return Unobserved(cause=Cause.MALFORMED, detail=detail)


def _value(found: x509.Extensions, kind: type[Value]) -> Value | None:
    try:
        return found.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _urls(found: x509.Extensions, method: x509.ObjectIdentifier) -> tuple[str, ...]:
    """The http addresses of one kind; one that would have to be cut or cleaned is no address any more."""
    told: Iterable[x509.AccessDescription] = _value(found, x509.AuthorityInformationAccess) or ()
    places = (each.access_location for each in told if each.access_method == method)
    urls = [place.value for place in places if isinstance(place, x509.UniformResourceIdentifier)]
    usable = [url for url in urls if url.lower().startswith("http://") and url == harmless(url, _LONGEST_URL)]
    return tuple(dict.fromkeys(usable))[:_MOST_URLS]


def _must_staple(found: x509.Extensions) -> bool:
    features = _value(found, x509.TLSFeature)
    return features is not None and x509.TLSFeatureType.status_request in features


def _timestamps(found: x509.Extensions) -> int:
    listed = _value(found, x509.PrecertificateSignedCertificateTimestamps)
    return 0 if listed is None else len(listed)


def _for_servers(found: x509.Extensions) -> bool:
    purposes = _value(found, x509.ExtendedKeyUsage)
    return purposes is None or any(purpose in purposes for purpose in _SERVERS)
