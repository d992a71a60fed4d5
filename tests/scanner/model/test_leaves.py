"""The certificates of their own that servers present."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scanner.model.check import Across
from scanner.model.facts.tls import (
    CA_BUNDLE,
    Accepted,
    AddressCertificates,
    AlternativeNames,
    Certificate,
    CertificateFacts,
    Deployment,
    PublicKey,
)
from scanner.model.leaves import LeafUse, leaves
from scanner.model.unobserved import Cause, Unobserved

GAP = Unobserved(cause=Cause.TIMEOUT, detail="Silence.")
LEAF = Certificate(
    subject="CN=a",
    issuer="CN=b",
    serial="1",
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    not_after=datetime(2026, 9, 1, tzinfo=UTC),
    key=PublicKey(algorithm="ec", bits=256),
    signature_hash="sha256",
    self_signed=False,
    fingerprint="c1",
    key_fingerprint="k1",
)


def presented(*leaves: Certificate | Unobserved, store: str = "") -> CertificateFacts:
    """An address for each leaf."""
    trust = (Accepted(store=store, path=()),) if store else ()
    names = AlternativeNames(dns=(), ips=())
    return CertificateFacts(
        addresses=tuple(
            AddressCertificates(address="192.0.2.1", deployments=(Deployment(chain=(leaf,), names=names, trust=trust),))
            for leaf in leaves
        )
    )


def seen(facts: CertificateFacts) -> list[tuple[Any, bool]]:
    return [(leaf.certificate.fingerprint, leaf.public) for leaf in leaves(facts)]


def test_a_leaf_is_known_by_the_first_name_that_it_is_for() -> None:
    for names, host in (
        (AlternativeNames(dns=("a.example", "b.example"), ips=("192.0.2.1",)), "a.example"),
        (AlternativeNames(dns=(), ips=("192.0.2.1",)), "192.0.2.1"),
        (AlternativeNames(dns=(), ips=()), ""),
        (GAP, ""),
    ):
        deployment = Deployment(chain=(LEAF,), names=names, trust=())
        facts = CertificateFacts(addresses=(AddressCertificates(address="192.0.2.1", deployments=(deployment,)),))
        assert [leaf.host for leaf in leaves(facts)] == [host]


def test_each_certificate_is_named_once_and_gaps_are_passed_over() -> None:
    facts = presented(LEAF, GAP, replace(LEAF, fingerprint="c2"), LEAF)
    assert seen(facts) == [("c1", False), ("c2", False)]
    assert seen(CertificateFacts(addresses=(GAP,))) == []
    assert seen(CertificateFacts(addresses=())) == []


def test_it_is_public_where_any_public_store_accepts_it() -> None:
    public, own = presented(LEAF, store="Apple"), presented(LEAF, store=CA_BUNDLE)
    assert seen(public) == [("c1", True)]
    assert seen(own) == [("c1", False)]
    for both in ((*own.addresses, *public.addresses), (*public.addresses, *own.addresses)):
        assert seen(CertificateFacts(addresses=both)) == [("c1", True)]


def test_uses_are_found_by_certificate_and_by_key() -> None:
    first = presented(LEAF, replace(LEAF, fingerprint="c2"))
    other = presented(replace(LEAF, fingerprint="c3"), replace(LEAF, fingerprint="c4", key_fingerprint=""))
    index = Across([*LeafUse.of("www", first), *LeafUse.of("zoo", other)])
    assert [use.asset for use in index.by_key("k1")] == ["www", "zoo"]
    assert [use.asset for use in index.by_key("c3")] == ["zoo"]
    assert index.by_key("") == ()
    assert not index.cut
