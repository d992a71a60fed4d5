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

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.tls import (
    CA_BUNDLE,
    Accepted,
    Certificate,
    CertificateFacts,
    Deployment,
    Distrust,
    Rejected,
)
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst


@check(
    id="certificate-trusted",
    title="Browsers and phones trust the issuer of the certificate",
    principle=P6,
    severity=Severity.HIGH,
)
def certificate_trusted(
    site: Website, certificates: CertificateFacts | Unobserved, http: HttpFacts | Unobserved, policy: Policy
) -> Verdict:
    """Asks every trust store of the policy about every chain."""
    if isinstance(http, HttpFacts) and http.lacks_tls:
        return not_applicable("The site has no TLS, so there is no certificate; see https-served.")
    if isinstance(certificates, Unobserved):
        return undecided(certificates)
    verdicts = [_verdict(presented, policy.trust_stores) for presented in certificates.presented()]
    return worst(verdicts, otherwise=not_applicable("No chain is presented that would have to be trusted."))


def _verdict(presented: tuple[str, Deployment] | Unobserved, stores: Sequence[str]) -> Verdict:
    return undecided(presented) if isinstance(presented, Unobserved) else _judge(*presented, stores)


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
    rejections = [verdict for verdict in (*public, bundle) if isinstance(verdict, Rejected)]
    if isinstance(bundle, Unobserved) or not rejections:
        return undecided(gaps[0]) if gaps else _distrusted(address, deployment, [])
    return _distrusted(address, deployment, rejections)


def _distrusted(address: str, deployment: Deployment, rejections: Sequence[Rejected]) -> Verdict:
    why = rejections[0].why if rejections else Distrust.OTHER
    issuer = deployment.leaf.issuer if isinstance(deployment.leaf, Certificate) else "its issuer"
    reasons = {
        Distrust.SELF_SIGNED: "The certificate at {0} is self-signed: no authority vouches for it.",
        Distrust.ISSUER_MISSING: "The server at {0} does not send the certificate of the issuer ({1}), and it is not "
        "a trusted authority itself.",
        Distrust.UNKNOWN_CA: "The certificate at {0} leads to an authority that is not trusted ({1}).",
        Distrust.OTHER: "The certificate at {0} is not accepted.",
    }
    fixes = {
        Distrust.SELF_SIGNED: "Replace it by a certificate of a public authority, or declare it as the site's "
        "ca_bundle if only the city's own devices use the site.",
        Distrust.ISSUER_MISSING: "Have the server send its intermediate certificates (the full chain file), or "
        "declare the city's own authority as the site's ca_bundle.",
        Distrust.UNKNOWN_CA: "Get a certificate of an authority that all root stores hold, or declare the city's own "
        "authority as the site's ca_bundle.",
        Distrust.OTHER: "Get a certificate for TLS servers from an authority that all root stores hold.",
    }
    evidence = [_fact(address, f"not accepted by {_told(each.store)}", each.openssl) for each in rejections]
    return failed(reasons[why].format(address, issuer), fix=fixes[why], evidence=evidence)


def _told(store: str) -> str:
    return "the declared ca_bundle" if store == CA_BUNDLE else store


def _fact(address: str, what: str, value: str) -> Evidence:
    return Evidence(fact=f"{what} (certificate at {address})", value=value)
