"""The certificates of their own that servers present, and which servers share one key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from scanner.model.check import Projection
from scanner.model.facts.base import Facts
from scanner.model.facts.tls import Certificate, CertificateFacts, Deployment
from scanner.model.unobserved import Unobserved


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A server's own certificate.

    Attributes:
        public: whether some public root store accepts it.
        host: the first name that it is for; empty where it names none.
    """

    certificate: Certificate
    public: bool
    host: str = ""


def leaves(facts: CertificateFacts) -> tuple[Leaf, ...]:
    """Each different certificate of a server's own, in the order in which its addresses present them."""
    found: dict[str, Leaf] = {}
    for each in facts.presented():
        if isinstance(each, Unobserved):
            continue
        leaf = _leaf(each[1])
        if leaf is not None:
            known = found.get(leaf.certificate.fingerprint)
            found[leaf.certificate.fingerprint] = leaf if known is None or leaf.public else known
    return tuple(found.values())


def _leaf(deployment: Deployment) -> Leaf | None:
    certificate = deployment.leaf
    if isinstance(certificate, Unobserved):
        return None
    names = () if isinstance(deployment.names, Unobserved) else (*deployment.names.dns, *deployment.names.ips)
    return Leaf(certificate=certificate, public=deployment.is_public, host=next(iter(names), ""))


@dataclass(frozen=True, kw_only=True)
class LeafUse(Projection):
    """One asset that answers with one certificate or one key: `key` is the fingerprint of either."""

    source: ClassVar[type[Facts]] = CertificateFacts

    @classmethod
    def of(cls, asset: str, facts: Any) -> Iterable[Self]:
        """One entry for each different certificate, and for each different key that can be read."""
        found = [leaf.certificate for leaf in leaves(facts)]
        prints = (*(each.fingerprint for each in found), *(each.key_fingerprint for each in found))
        return [cls(asset=asset, key=key) for key in dict.fromkeys(prints) if key]
