"""Residents' browsers and phones trust the authority that issued the website's certificate.

What it checks
--------------
Whether the chain that the server sends leads to an authority in each of the root stores of Mozilla, Apple, Microsoft
and Android (`policy.trust_stores`), at every address of the site. Where the site declares a `ca_bundle`, a chain that
ends in the bundle is enough; a self-signed certificate that the bundle holds is. The chain is validated as OpenSSL
does, whatever its dates, names and key lengths: those have checks of their own.

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
Whether the certificate was revoked, whether residents' devices are so old that they lack newer authorities, and
whether the city's own authority was really installed on the devices that use this site.

References
----------
- RFC 5280, section 6; OpenSSL's X509_verify_cert
- Root stores as collected by the Trust Stores Observatory, shipped with sslyze
- OMB M-15-13 and BOD 18-01, which ask for HTTPS that browsers trust
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.model.asset import TlsServer
from scanner.model.check import check
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
)
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
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
    "certificate into the ca_bundle.",
    Distrust.ISSUER_MISSING: "Have the server send its intermediate certificates (the full chain file), or add the "
    "authority that issued its certificate to the ca_bundle.",
    Distrust.UNKNOWN_CA: "Get a certificate of the authority in the ca_bundle, or add the authority that this one "
    "leads to if it is the city's own.",
    Distrust.OTHER: "Have the authority in the ca_bundle issue a new certificate that is meant for TLS servers.",
}


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
    policy: Policy,
) -> Verdict:
    """Asks every trust store of the policy about every chain."""
    return over_deployments(
        certificates,
        (http, service),
        lambda address, deployment: (_judge(address, deployment, policy.trust_stores),),
        otherwise="No chain is presented that would have to be trusted.",
    )


def _judge(address: str, deployment: Deployment, stores: Sequence[str]) -> Verdict:
    bundle = deployment.trust_by(CA_BUNDLE) if deployment.asked(CA_BUNDLE) else None
    if isinstance(bundle, Accepted):
        return passed(
            "The declared ca_bundle accepts the certificate.",
            evidence=[_fact(address, "trusted by", "the declared ca_bundle")],
        )
    public = [deployment.trust_by(store) for store in stores]
    if public and all(isinstance(verdict, Accepted) for verdict in public):
        return passed(
            f"The certificate is trusted by {', '.join(stores)}.",
            evidence=[_fact(address, "trusted by", ", ".join(stores))],
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
    fixes = _FIXES_BUNDLE if rejections and rejections[0].store == CA_BUNDLE else _FIXES
    evidence = [_fact(address, f"not accepted by {_told(each.store)}", each.openssl) for each in rejections]
    return failed(_REASONS[why].format(address, issuer, said), fix=fixes[why], evidence=evidence)


def _told(store: str) -> str:
    return "the declared ca_bundle" if store == CA_BUNDLE else store


def _fact(address: str, what: str, value: str) -> Evidence:
    return Evidence(fact=f"{what} (certificate at {address})", value=value)
