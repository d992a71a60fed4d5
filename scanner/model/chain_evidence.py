"""What is worth telling about a chain beside its verdict: how it was sent, and what browsers ask of its leaf."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.certificate_lifetimes import lifetime_days
from scanner.model.facts.base import observed
from scanner.model.facts.chain import ChainShape, Extensions, Unsent
from scanner.model.facts.tls import Certificate, Deployment, TlsFacts
from scanner.model.finding import Evidence
from scanner.model.unobserved import Unobserved

# Chrome's and Apple's policies: two timestamps up to this lifetime in days, three beyond it.
_SHORT_LIFETIME = 180


def chain_evidence(
    address: str, deployment: Deployment, tls: TlsFacts | Unobserved, *, trusted: bool
) -> Iterator[Evidence]:
    """Everything about one chain that is told and decides nothing.

    Args:
        address: where it is presented.
        deployment: the chain.
        tls: how the server speaks TLS.
        trusted: whether the chain passes; what is not sent is then a trust anchor and not missing.
    """
    if isinstance(deployment.shape, ChainShape):
        yield from _sending(address, deployment.shape)
        if not trusted and deployment.shape.unsent is not None:
            yield _missing(address, deployment.shape.unsent)
    leaf = deployment.leaf
    if isinstance(leaf, Certificate) and isinstance(leaf.extensions, Extensions):
        yield from _leaf(address, deployment, leaf, leaf.extensions, tls)


def about(address: str, what: str, value: str, **more: type[TlsFacts]) -> Evidence:
    """Evidence on the certificate at an address."""
    return Evidence(fact=f"{what} (certificate at {address})", value=value, **more)


def _sending(address: str, shape: ChainShape) -> Iterator[Evidence]:
    if not shape.in_order:
        value = "no: put the server's own certificate first, then its issuer's, then the issuer's of that one"
        yield about(address, "certificates sent in order", value)
    for each in shape.superfluous:
        yield about(address, "certificate that need not be sent", f"{each.subject}: {each.why}")


def _missing(address: str, missing: Unsent) -> Evidence:
    if missing.urls:
        how = (
            f"it can be fetched from {', '.join(missing.urls)}: browsers that do so may get through, many programs "
            "and phones do not"
        )
    else:
        how = "no address is given where it could be fetched"
    return about(address, "issuer whose certificate is not sent", f"{missing.issuer}; {how}")


def _leaf(
    address: str, deployment: Deployment, leaf: Certificate, said: Extensions, tls: TlsFacts | Unobserved
) -> Iterator[Evidence]:
    if deployment.is_public:
        wanted = 2 if lifetime_days(leaf.not_before, leaf.not_after) <= _SHORT_LIFETIME else 3
        told = f"{said.timestamps} in the certificate; Chrome and Apple ask for {wanted}"
        if said.timestamps < wanted:
            told += ", unless they come with the handshake"
        yield about(address, "signed certificate timestamps", told)
    if not said.for_servers:
        yield about(address, "meant for TLS servers", "no: its extended key usage does not say so")
    if said.must_staple:
        yield about(address, "demands an OCSP answer sent along", _stapled(address, tls), source=TlsFacts)


def _stapled(address: str, tls: TlsFacts | Unobserved) -> str:
    """Whether the server sends what its certificate demands (RFC 7633)."""
    answers = () if isinstance(tls, Unobserved) else observed(tls.addresses)
    stapled = next((each.traits.stapled for each in answers if each.address == address), None)
    if stapled is False:
        return "the server sends none, and browsers that heed the demand refuse it; turn on OCSP stapling"
    return "the server sends one" if stapled is True else "whether the server sends one was not seen"
