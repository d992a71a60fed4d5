"""How the certificates of a received chain hang together: which one signed which, what is too much, what is not there.

A signature that cannot be computed here (an old hash, a rare kind of key) counts by the names alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from scanner.model.facts.chain import ChainShape, Superfluous, Surplus, Unsent
from scanner.model.facts.tls import Accepted, PathStep, Rejected
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_extensions import extensions
from scanner.transports._tls_names import UNREADABLE, name_of

Signers = Sequence[Sequence[int]]
"""For each place of a chain, the places of the certificates whose keys made its signature, its own excepted."""


def shape_of(chain: Sequence[x509.Certificate | None], trust: Sequence[Accepted | Rejected]) -> ChainShape | Unobserved:
    """How a chain hangs together.

    Args:
        chain: as received, leaf first; None for what cannot be read.
        trust: what the stores say about it.
    """
    certificates = [each for each in chain if each is not None]
    if not certificates or len(certificates) < len(chain):
        detail = "A certificate of the chain cannot be read, so how the chain hangs together is not known."
        return Unobserved(cause=Cause.MALFORMED, detail=detail)
    signers = [_signers(certificates, place) for place in range(len(certificates))]
    used = _accepted_fingerprints(trust)
    return ChainShape(
        in_order=all(after in signers[before] for before, after in pairwise(range(len(certificates)))),
        superfluous=tuple(_superfluous(certificates, signers, used)),
        unsent=_unsent(certificates, signers, used or frozenset()),
    )


def signed_itself(certificate: x509.Certificate) -> bool:
    """Whether its own key made its signature."""
    return _signed(certificate, certificate)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the whole certificate in hex."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _signers(certificates: Sequence[x509.Certificate], place: int) -> list[int]:
    issued = certificates[place]
    return [other for other, issuer in enumerate(certificates) if other != place and _signed(issued, issuer)]


def _signed(issued: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's name and key fit."""
    try:
        if _name(lambda: issued.issuer) != _name(lambda: issuer.subject):
            return False
        issued.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except UNREADABLE:
        return True
    return True


def _name(read: Callable[[], x509.Name]) -> str:
    """A name as OpenSSL compares it: without regard to case and repeated spaces (RFC 5280, section 7.1)."""
    return " ".join(read().rfc4514_string().casefold().split())


def _accepted_fingerprints(trust: Sequence[Accepted | Rejected]) -> frozenset[str] | None:
    """The certificates on the accepted paths; None where there is no such path, or it cannot be read whole."""
    steps = [step for each in trust if isinstance(each, Accepted) for step in each.path]
    known = frozenset(step.fingerprint for step in steps if isinstance(step, PathStep))
    return known if steps and all(isinstance(step, PathStep) for step in steps) else None


def _superfluous(
    certificates: Sequence[x509.Certificate], signers: Signers, used: frozenset[str] | None
) -> list[Superfluous]:
    prints = [fingerprint(each) for each in certificates]
    above = _above_leaf(signers)
    found = []
    for place, certificate in list(enumerate(certificates))[1:]:
        why = None
        if prints[place] in prints[:place]:
            why = Surplus.REPEATED
        elif place not in above:
            why = Surplus.UNRELATED
        elif signed_itself(certificate):
            why = Surplus.ANCHOR
        elif used is not None and prints[place] not in used:
            why = Surplus.OTHER_WAY
        if why is not None:
            subject = name_of(lambda each=certificate: each.subject)  # type: ignore[misc]
            found.append(Superfluous(place=place, subject=subject, why=why))
    return found


def _above_leaf(signers: Signers) -> set[int]:
    """The places that some way up from the leaf leads to."""
    reached, waiting = {0}, [0]
    while waiting:
        new = set(signers[waiting.pop()]) - reached
        reached |= new
        waiting += new
    return reached


def _unsent(certificates: Sequence[x509.Certificate], signers: Signers, used: frozenset[str]) -> Unsent | None:
    """Goes up from the leaf, over accepted certificates where there are such, to the last one that was sent."""
    place, seen = 0, {0}
    while ways := [way for way in signers[place] if way not in seen]:
        place = next((way for way in ways if fingerprint(certificates[way]) in used), ways[0])
        seen.add(place)
    last = certificates[place]
    if signed_itself(last):
        return None
    told = extensions(last)
    urls = () if isinstance(told, Unobserved) else told.issuer_urls
    return Unsent(issuer=name_of(lambda: last.issuer), urls=urls, depth=place)
