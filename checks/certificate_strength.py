"""No certificate in the chain rests on a key or a signature that can be forged.

What it checks
--------------
Every certificate that the server presents below the root, at each of its addresses: RSA keys of at least 2048 bits
(`policy.rsa_min_bits`), elliptic curve keys of at least 256 (`policy.ec_min_bits`), no DSA, and no signature over MD5,
SHA-1 or older (`policy.weak_signature_hashes`). Ed25519 and Ed448 are fine. The signature of a root does not matter,
nor that of a self-signed certificate that the site's `ca_bundle` pins, nor that of a certificate which is sent along
for the very key that a trust store holds as its root; any other self-signed certificate counts. A certificate that
has no part in the chain is left out.

The evidence also names the other assets of this scan that use the same key: one theft touches all of them, and one
renewal has to reach all of them. Sharing a key is no failure.

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
Whether the key was made well, or is known to others; and whether servers outside this scan use it too.

References
----------
- NIST SP 800-131A revision 2 (March 2019), sections 3 and 9
- CA/Browser Forum Baseline Requirements, section 6.1.5
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import TlsServer
from scanner.model.check import Across, check
from scanner.model.facts.chain import ChainShape, Surplus
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import (
    Accepted,
    Certificate,
    CertificateFacts,
    Deployment,
    PathStep,
    PublicKey,
)
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.leaves import LeafUse
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.tls_verdicts import over_deployments
from scanner.model.unobserved import Unobserved

_ASSETS_TOLD = 10
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
    keys: Across[LeafUse],
) -> Verdict:
    """Looks at the key and the signature of every presented certificate below the root."""
    return over_deployments(
        certificates,
        (http, service),
        lambda address, deployment: _verdicts(server.id, address, deployment, policy, keys),
        otherwise="No certificate is presented that could be weak.",
    )


def _verdicts(
    asset: str, address: str, deployment: Deployment, policy: Policy, keys: Across[LeafUse]
) -> Iterator[Verdict]:
    apart, roots = _without_part(deployment), _roots(deployment)
    for place, certificate in enumerate(deployment.chain or (deployment.leaf,)):
        if isinstance(certificate, Unobserved):
            yield undecided(certificate)
        elif place not in apart and (place == 0 or not certificate.self_signed):
            shared = _shared(asset, address, certificate, keys) if place == 0 else ()
            yield _key(address, certificate, policy, shared)
            if roots.isdisjoint((certificate.fingerprint, certificate.key_fingerprint)):
                yield _signature(address, certificate, policy)


def _without_part(deployment: Deployment) -> frozenset[int]:
    """The places of certificates that no client can use: they certify nothing here, or were sent before."""
    shape = deployment.shape
    if not isinstance(shape, ChainShape):
        return frozenset()
    return frozenset(each.place for each in shape.superfluous if each.why in (Surplus.UNRELATED, Surplus.REPEATED))


def _roots(deployment: Deployment) -> frozenset[str]:
    """Fingerprints of the certificates and keys at which accepted paths end: what signs these does not matter."""
    ends = [each.path[-1] for each in deployment.trust if isinstance(each, Accepted) and each.path]
    seen = [end for end in ends if isinstance(end, PathStep)]
    return frozenset(each for end in seen for each in (end.fingerprint, end.key_fingerprint) if each)


def _shared(asset: str, address: str, leaf: Certificate, keys: Across[LeafUse]) -> tuple[Evidence, ...]:
    """The assets that answer with the key of a leaf, this one among them; nothing where it is alone."""
    uses = keys.by_key(leaf.key_fingerprint)
    if not leaf.key_fingerprint or all(use.asset == asset for use in uses):
        return ()
    named = ", ".join(use.asset for use in uses[:_ASSETS_TOLD]) + (", …" if len(uses) > _ASSETS_TOLD else "")
    count = f"{len(uses)}{' or more' if keys.cut else ''} in all"
    same = len(keys.by_key(leaf.fingerprint))
    return (
        Evidence(
            fact=f"the same key as at {address} is used by",
            value=f"{named} ({count}, {same} of them with this certificate)",
        ),
    )


def _key(address: str, certificate: Certificate, policy: Policy, shared: tuple[Evidence, ...]) -> Verdict:
    if isinstance(certificate.key, Unobserved):
        return undecided(certificate.key, evidence=shared)
    told = f"{certificate.key.algorithm.upper()} {certificate.key.bits} bits"
    strong = _is_strong(certificate.key, policy)
    fact = f"{'key' if strong else 'weak key'} of {certificate.subject} at {address}"
    evidence = [Evidence(fact=fact, value=told), *shared]
    if strong:
        return passed(_STRONG_CHAIN, evidence=evidence)
    reason = f"A certificate at {address} has a weak key ({told}): {certificate.subject}."
    return failed(reason, fix=_FIX, evidence=evidence)


def _is_strong(key: PublicKey, policy: Policy) -> bool:
    least = {"rsa": policy.rsa_min_bits, "ec": policy.ec_min_bits}.get(key.algorithm)
    return key.algorithm in _STRONG if least is None else key.bits >= least


def _signature(address: str, certificate: Certificate, policy: Policy) -> Verdict:
    found = certificate.signature_hash
    if isinstance(found, Unobserved):
        return undecided(found)
    weak = found.lower() in {name.lower() for name in policy.weak_signature_hashes}
    fact = f"{'weak signature' if weak else 'signature'} on {certificate.subject} at {address}"
    evidence = [Evidence(fact=fact, value=found)]
    if not weak:
        return passed(_STRONG_CHAIN, evidence=evidence)
    reason = f"A certificate at {address} is signed with {found.upper()}, which can be forged: {certificate.subject}."
    return failed(reason, fix=_FIX, evidence=evidence)
