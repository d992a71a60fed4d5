"""The site is the same at every one of its addresses.

What it checks
--------------
All IPv4 and IPv6 addresses of the site's name are compared: the status of the first answer over https and over plain
HTTP, the scheme, host and port that it redirects to (not the path, which may change from answer to answer), the
Strict-Transport-Security header, the certificate, and the accepted TLS versions.

Why it matters
--------------
A resident gets one of the addresses by chance, or always the IPv6 one. A forgotten server behind the same name, with an
old certificate or without the redirect to https, exposes just those people, and nobody who looks sees why.

How to fix
----------
Give all servers behind the name the same configuration, or take the address that differs out of DNS.

What it cannot see
------------------
Servers that one address hides behind a load balancer. What pages say is not compared. An address that could not be
asked leaves the question open, unless the others differ already.

References
----------
RFC 8305 (2017-12), Happy Eyeballs: which address a browser takes; Internet.nl, "IPv6 web server: same website".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import Answered, Hop, HttpFacts, HttpsEndpoint, Refused, host_of
from scanner.model.facts.tls import AddressTls, Certificate, CertificateFacts, TlsFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

_FIX = "Give the servers at all addresses of the name the same configuration, or take the one that differs out of DNS."

_PORTS = {"http": 80, "https": 443}

Seen = dict[str, str]
"""What each address showed, in words."""


@check(id="address-parity", title="All addresses of the site are alike", principle=P6, severity=Severity.LOW)
def address_parity(
    site: Website, http: HttpFacts, certificates: CertificateFacts | Unobserved, tls: TlsFacts | Unobserved
) -> Verdict:
    """Compares the addresses with each other, point by point."""
    if http.lacks_tls:
        return not_applicable("The site has no TLS at all, which https-served reports.")
    addresses = {endpoint.address for endpoint in http.https}
    if len(addresses) < 2:
        return not_applicable("The site has one address, so there is nothing to compare.")
    points = {
        "answer over https": _answers(http.https),
        "answer over plain HTTP": _answers(http.plain) | _closed(http),
        "Strict-Transport-Security": _headers(http.https),
        "certificate": _leaves(certificates),
        "accepted TLS versions": _versions(tls),
    }
    verdicts = [_compared(point, seen) for point, seen in points.items() if len(set(seen.values())) > 1]
    verdicts += [undecided(gap) for gap in _gaps(http, certificates, tls)]
    alike = Evidence(fact="addresses", value=", ".join(sorted(addresses)))
    otherwise = passed("All addresses of the site answer alike.", evidence=[alike])
    return worst(verdicts, otherwise=otherwise)


def _compared(point: str, seen: Seen) -> Verdict:
    evidence = [Evidence(fact=f"{point} at {address}", value=told) for address, told in seen.items()]
    return failed(f"The addresses of the site differ: {point}.", fix=_FIX, evidence=evidence)


def _answers(endpoints: Iterable[HttpsEndpoint]) -> Seen:
    return {each.address: _told(each.first) for each in _seen(endpoints)}


def _headers(endpoints: Iterable[HttpsEndpoint]) -> Seen:
    return {each.address: (each.first.hsts or ("none",))[0] for each in _seen(endpoints)}


def _seen(endpoints: Iterable[HttpsEndpoint]) -> list[Answered]:
    """The endpoints that answered with something else than a wall."""
    return [each for each in endpoints if isinstance(each, Answered) and each.open]


def _closed(http: HttpFacts) -> Seen:
    """Closed plain ports of machines that are there."""
    there = {each.address for each in _seen(http.https)}
    return {each.address: "closed" for each in http.plain if isinstance(each, Refused) and each.address in there}


def _told(first: Hop) -> str:
    if first.target is None:
        return f"{first.status}"
    parts = urlsplit(first.target)
    port = parts.port or _PORTS.get(parts.scheme)
    return f"{first.status} to {parts.scheme}://{host_of(first.target)}:{port}"


def _leaves(certificates: CertificateFacts | Unobserved) -> Seen:
    seen: dict[str, set[str]] = {}
    for each in () if isinstance(certificates, Unobserved) else certificates.presented():
        if not isinstance(each, Unobserved) and isinstance(each[1].leaf, Certificate):
            seen.setdefault(each[0], set()).add(each[1].leaf.fingerprint)
    return {address: ", ".join(sorted(leaves)) for address, leaves in seen.items()}


def _versions(tls: TlsFacts | Unobserved) -> Seen:
    answered = () if isinstance(tls, Unobserved) else tls.addresses
    return {
        each.address: ", ".join(version.version for version in each.accepted) or "none"
        for each in answered
        if isinstance(each, AddressTls) and not any(isinstance(version.suites, Unobserved) for version in each.versions)
    }


def _gaps(
    http: HttpFacts, certificates: CertificateFacts | Unobserved, tls: TlsFacts | Unobserved
) -> Iterator[Unobserved]:
    """Why an address could not be compared."""
    closed = _closed(http)
    for endpoint in (*http.https, *(each for each in http.plain if each.address not in closed)):
        if not isinstance(endpoint, Answered):
            yield endpoint.gap
        elif endpoint.first.wall is not None:
            yield endpoint.first.wall
    yield from (certificates,) if isinstance(certificates, Unobserved) else _missing(certificates.addresses)
    yield from (tls,) if isinstance(tls, Unobserved) else _missing(tls.addresses)


def _missing(addresses: Iterable[object]) -> list[Unobserved]:
    return [each for each in addresses if isinstance(each, Unobserved)]
