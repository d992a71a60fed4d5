"""No certificate in the chain rests on a key or a signature that can be forged.

What it checks
--------------
Every certificate that the server presents below the root, at every address of the site: RSA keys of at least 2048 bits
(`policy.rsa_min_bits`), elliptic curve keys of at least 256 (`policy.ec_min_bits`), no DSA, and no signature over MD5,
SHA-1 or older (`policy.weak_signature_hashes`). Ed25519 and Ed448 are fine. The signature of a root does not matter,
nor that of a self-signed certificate that the site's `ca_bundle` pins; any other self-signed certificate counts.

Why it matters
--------------
Who can compute the private key, or a second certificate with the same signature, can pose as the city's server without
any warning.

How to fix
----------
Make a new key (RSA 2048 or more, or P-256) and order a new certificate for it; public authorities sign with SHA-256 as
a matter of course. If the weak one is an intermediate, install the issuer's current chain.

What it cannot see
------------------
Whether the key was made well, or is known to others.

References
----------
- NIST SP 800-131A revision 2 (March 2019), sections 3 and 9
- CA/Browser Forum Baseline Requirements, section 6.1.5
"""

from __future__ import annotations

from collections.abc import Iterator

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
    PublicKey,
)
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.tls_verdicts import over_deployments
from scanner.model.unobserved import Unobserved

_STRONG = frozenset({"ed25519", "ed448"})
_STRONG_CHAIN = "Every key and every signature in the chain is strong enough."
_FIX = "Make a new key (RSA 2048 or P-256) and order a certificate for it that is signed with SHA-256."


@check(
    id="certificate-strength",
    title="Keys and signatures in the chain cannot be forged",
    principle=P6,
    severity=Severity.HIGH,
)
def certificate_strength(
    server: TlsServer,
    certificates: CertificateFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
    policy: Policy,
) -> Verdict:
    """Looks at the key and the signature of every presented certificate below the root."""
    return over_deployments(
        certificates,
        (http, service),
        lambda address, deployment: _verdicts(address, deployment, policy),
        otherwise="No certificate is presented that could be weak.",
    )


def _verdicts(address: str, deployment: Deployment, policy: Policy) -> Iterator[Verdict]:
    for place, certificate in enumerate(deployment.chain or (deployment.leaf,)):
        if isinstance(certificate, Unobserved):
            yield undecided(certificate)
        elif place == 0 or not certificate.self_signed:
            yield _key(address, certificate, policy)
            if not (place == 0 and _is_pinned(deployment)):
                yield _signature(address, certificate, policy)


def _is_pinned(deployment: Deployment) -> bool:
    """Whether the leaf is itself a trust anchor of the site's bundle."""
    verdict = deployment.trust_by(CA_BUNDLE)
    return isinstance(verdict, Accepted) and len(verdict.path) == 1


def _key(address: str, certificate: Certificate, policy: Policy) -> Verdict:
    if isinstance(certificate.key, Unobserved):
        return undecided(certificate.key)
    told = f"{certificate.key.algorithm.upper()} {certificate.key.bits} bits"
    evidence = [Evidence(fact=f"key of {certificate.subject} at {address}", value=told)]
    if _is_strong(certificate.key, policy):
        return passed(_STRONG_CHAIN, evidence=evidence)
    return failed(f"A certificate at {address} has a weak key ({told}).", fix=_FIX, evidence=evidence)


def _is_strong(key: PublicKey, policy: Policy) -> bool:
    least = {"rsa": policy.rsa_min_bits, "ec": policy.ec_min_bits}.get(key.algorithm)
    return key.algorithm in _STRONG if least is None else key.bits >= least


def _signature(address: str, certificate: Certificate, policy: Policy) -> Verdict:
    found = certificate.signature_hash
    if isinstance(found, Unobserved):
        return undecided(found)
    evidence = [Evidence(fact=f"signature on {certificate.subject} at {address}", value=found)]
    if found.lower() not in {weak.lower() for weak in policy.weak_signature_hashes}:
        return passed(_STRONG_CHAIN, evidence=evidence)
    reason = f"A certificate at {address} is signed with {found.upper()}, which can be forged."
    return failed(reason, fix=_FIX, evidence=evidence)
