"""Residents' browsers and phones trust the authority that issued the server's certificate.

What it checks
--------------
Whether the chain that the server sends leads to an authority in each of the root stores of Mozilla, Apple, Microsoft
and Android (`policy.trust_stores`), at every address of the server. Where the inventory declares a `ca_bundle`, a
chain that ends in the bundle is enough; a self-signed certificate that the bundle holds is. The chain is validated as
OpenSSL does, whatever its dates, names and key lengths: those have checks of their own.

The evidence also tells what decides nothing by itself: other stores, certificates out of order, certificates that need
not be sent, an issuer whose certificate is not sent and where it could be fetched, signed certificate timestamps, and
whether a server staples an OCSP answer where its certificate demands one. Nothing is fetched.

Why it matters
--------------
Without a trusted issuer nobody can tell the city's server from one that somebody put in between; what residents send
then goes to whoever is nearest.

How to fix
----------
- Self-signed: get a certificate from a public authority, for instance over ACME, at no cost.
- Issuer missing: have the server send the intermediate certificates too (`fullchain.pem` rather than `cert.pem`).
- Unknown authority: change to one that all stores hold, or declare the city's own authority as `ca_bundle`.

What it cannot see
------------------
Whether the certificate was revoked, whether timestamps come with the handshake instead of the certificate, whether
residents' devices are so old that they lack newer authorities, and whether the city's own authority was really
installed on the devices that use this site.

References
----------
- RFC 5280, section 6; OpenSSL's X509_verify_cert
- Root stores as collected by the Trust Stores Observatory, shipped with sslyze
- RFC 5246, section 7.4.2, and RFC 8446, section 4.4.2: the order of a chain; RFC 5280, section 4.2.2.1: where the
  issuer's certificate can be fetched
- RFC 6962, section 3.3; Chrome's Certificate Transparency policy and Apple's: two timestamps for a lifetime of up to
  180 days, three beyond
- RFC 7633: certificates that demand stapling
- OMB M-15-13 and BOD 18-01, which ask for HTTPS that browsers trust
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scanner.model.asset import TlsServer
from scanner.model.chain_evidence import about, chain_evidence
from scanner.model.check import check
from scanner.model.facts.chain import ChainShape
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import (
    CA_BUNDLE,
    Accepted,
    Certificate,
    CertificateFacts,
    Deployment,
    Distrust,
    Rejected,
    TlsFacts,
)
from scanner.model.finding import Evidence, Passed, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.tls_verdicts import over_deployments
from scanner.model.unobserved import Unobserved

_REASONS = {
    Distrust.SELF_SIGNED: "The certificate at {0} is self-signed: no authority vouches for it.",
    Distrust.ISSUER_MISSING: "The server at {0} does not send the certificate of the issuer ({1}), and it is not "
    "a trusted authority itself.",
    Distrust.UNKNOWN_CA: "The certificate at {0} leads to an authority that is not trusted ({1}).",
    Distrust.OTHER: "The certificate at {0} is not accepted ({2}).",
}
_FIXES = {
    Distrust.SELF_SIGNED: "Replace it by a certificate of a public authority, or declare it as the site's "
    "ca_bundle if only the city's own devices use the site.",
    Distrust.ISSUER_MISSING: "Have the server send its intermediate certificates (the full chain file), or "
    "declare the city's own authority as the site's ca_bundle.",
    Distrust.UNKNOWN_CA: "Get a certificate of an authority that all root stores hold, or declare the city's own "
    "authority as the site's ca_bundle.",
    Distrust.OTHER: "Get a certificate for TLS servers from an authority that all root stores hold.",
}
# Where the site's own bundle is what did not accept it.
_FIXES_BUNDLE = {
    Distrust.SELF_SIGNED: "Replace it by a certificate of the authority in the ca_bundle, or put this very "
    "certificate into the ca_bundle only if none but the city's own devices use the site.",
    Distrust.ISSUER_MISSING: "Have the server send its intermediate certificates (the full chain file), or add the "
    "authority that issued its certificate to the ca_bundle.",
    Distrust.UNKNOWN_CA: "Get a certificate of the authority in the ca_bundle, or add the authority that this one "
    "leads to if it is the city's own.",
    Distrust.OTHER: "Have the authority in the ca_bundle issue a new certificate that is meant for TLS servers.",
}
_NOT_PUBLIC = "they do not know it, as expected for the city's own authority"


@check(
    id="certificate-trusted",
    title="Browsers and phones trust the issuer of the certificate",
    principle=P6,
    severity=Severity.HIGH,
)
def certificate_trusted(
    server: TlsServer,
    certificates: CertificateFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
    tls: TlsFacts | Unobserved,
    policy: Policy,
) -> Verdict:
    """Asks every trust store of the policy about every chain."""
    return over_deployments(
        certificates,
        (http, service),
        lambda address, deployment: (_told_whole(address, deployment, policy.trust_stores, tls),),
        otherwise="No chain is presented that would have to be trusted.",
    )


def _told_whole(address: str, deployment: Deployment, stores: Sequence[str], tls: TlsFacts | Unobserved) -> Verdict:
    """The verdict on one chain with all that is to be told of it."""
    verdict = _judge(address, deployment, stores)
    trusted = isinstance(verdict, Passed)
    more = (*_other_stores(address, deployment, stores), *chain_evidence(address, deployment, tls, trusted=trusted))
    return replace(verdict, evidence=(*verdict.evidence, *more))


def _judge(address: str, deployment: Deployment, stores: Sequence[str]) -> Verdict:
    bundle = deployment.trust_by(CA_BUNDLE) if deployment.asked(CA_BUNDLE) else None
    if isinstance(bundle, Accepted):
        return passed(
            "The city's own authority (ca_bundle) vouches for it; browsers that do not know that authority warn.",
            evidence=[about(address, "trusted by", "the declared ca_bundle")],
        )
    public = [deployment.trust_by(store) for store in stores]
    if public and all(isinstance(verdict, Accepted) for verdict in public):
        return passed(
            f"The certificate is trusted by {', '.join(stores)}.",
            evidence=[about(address, "trusted by", ", ".join(stores))],
        )
    gaps = [verdict for verdict in (bundle, deployment.leaf, *public) if isinstance(verdict, Unobserved)]
    rejections = [verdict for verdict in (bundle, *public) if isinstance(verdict, Rejected)]
    if isinstance(bundle, Unobserved) or not rejections:
        return undecided(gaps[0]) if gaps else _distrusted(address, deployment, [])
    return _distrusted(address, deployment, rejections)


def _distrusted(address: str, deployment: Deployment, rejections: Sequence[Rejected]) -> Verdict:
    """Tells of the first rejection: the city's own bundle where there is one, for that is what it meant to use."""
    why = rejections[0].why if rejections else Distrust.OTHER
    said = rejections[0].openssl if rejections else "no store accepts it"
    issuer = deployment.leaf.issuer if isinstance(deployment.leaf, Certificate) else "its issuer"
    evidence = list(_refusals(address, rejections))
    fix = _fix(why, deployment, by_bundle=bool(rejections) and rejections[0].store == CA_BUNDLE)
    return failed(_REASONS[why].format(address, issuer, said), fix=fix, evidence=evidence)


def _refusals(address: str, rejections: Sequence[Rejected]) -> Iterator[Evidence]:
    """One line for all stores that say the same."""
    stores: dict[str, list[str]] = {}
    for each in rejections:
        stores.setdefault(each.openssl, []).append(_told(each.store))
    for said, names in stores.items():
        yield about(address, f"not accepted by {', '.join(names)}", said)


def _fix(why: Distrust, deployment: Deployment, *, by_bundle: bool) -> str:
    """What to do; where the last certificate that was sent names its issuer's, that is said too."""
    usual = (_FIXES_BUNDLE if by_bundle else _FIXES)[why]
    missing = deployment.shape.unsent if isinstance(deployment.shape, ChainShape) else None
    if why not in (Distrust.ISSUER_MISSING, Distrust.UNKNOWN_CA) or missing is None or not missing.urls:
        return usual
    found = f"the certificate of {missing.issuer}, which lies at {missing.urls[0]}"
    if why is Distrust.ISSUER_MISSING:
        return f"{usual.removesuffix('.')}; what is missing is {found}."
    return f"If {missing.issuer} is no root, have the server send {found}; else: {usual[0].lower()}{usual[1:]}"


def _other_stores(address: str, deployment: Deployment, stores: Sequence[str]) -> list[Evidence]:
    """What the stores say of which the verdict's own evidence does not speak."""
    accepting = {each.store for each in deployment.trust if isinstance(each, Accepted)}
    deciding = {CA_BUNDLE} if CA_BUNDLE in accepting else set(stores)
    told = deciding if deciding <= accepting else {*stores, CA_BUNDLE} - accepting
    rest = [each for each in deployment.trust if each.store not in told]
    accepted = ", ".join(_told(each.store) for each in rest if isinstance(each, Accepted))
    refused = ", ".join(f"{_told(each.store)} ({each.why})" for each in rest if isinstance(each, Rejected))
    if refused and CA_BUNDLE in accepting:
        lines = {"accepted by": accepted, "public stores": _NOT_PUBLIC}
    else:
        lines = {"accepted by": accepted, "without effect on the result, not accepted by": refused}
    return [about(address, what, value) for what, value in lines.items() if value]


def _told(store: str) -> str:
    return "the declared ca_bundle" if store == CA_BUNDLE else store
