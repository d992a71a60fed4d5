"""certificate-trusted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.certificate_trusted import certificate_trusted
from scanner.model.facts.tls import CA_BUNDLE, CertificateFacts, Distrust
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict
from scanner.model.unobserved import Cause


def judge(tls: Any, *deployments: Any, policy: Any = None) -> Verdict:
    verdict = certificate_trusted.judge(tls.site, tls.facts(*deployments), tls.http, policy or tls.policy)
    assert isinstance(verdict, Verdict)
    return verdict


def trust(tls: Any, *verdicts: Any, **more: Any) -> Any:
    return tls.deployment(trust=verdicts, **more)


def test_a_chain_that_all_stores_accept_passes(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.accepted(*tls.stores), *tls.rejected("OpenJDK", "Oracle")))
    assert isinstance(verdict, Passed)
    assert verdict.evidence[0].value == "Mozilla, Apple, Microsoft, Android"


def test_one_store_that_does_not_accept_fails_and_is_named(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.accepted("Mozilla", "Apple", "Microsoft"), *tls.rejected("Android")))
    assert isinstance(verdict, Failed)
    assert [item.fact for item in verdict.evidence] == ["not accepted by Android (certificate at 192.0.2.1)"]
    assert verdict.evidence[0].value == "unable to get issuer certificate"


@pytest.mark.parametrize(
    ("why", "word", "fix"),
    [
        (Distrust.SELF_SIGNED, "self-signed", "public authority"),
        (Distrust.ISSUER_MISSING, "does not send", "full chain"),
        (Distrust.UNKNOWN_CA, "an authority that is not trusted (CN=Issuing CA)", "root stores"),
        (Distrust.OTHER, "not accepted", "TLS servers"),
    ],
)
def test_the_reason_tells_the_kinds_of_distrust_apart(tls: Any, why: Distrust, word: str, fix: str) -> None:
    verdict = judge(tls, trust(tls, *tls.rejected(*tls.stores, why=why)))
    assert isinstance(verdict, Failed)
    assert word in verdict.reason
    assert fix in verdict.fix


def test_the_declared_bundle_is_enough(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.rejected(*tls.stores), *tls.accepted(CA_BUNDLE)))
    assert isinstance(verdict, Passed)
    assert "ca_bundle" in verdict.reason


def test_public_trust_is_enough_beside_a_bundle(tls: Any) -> None:
    assert isinstance(judge(tls, trust(tls, *tls.accepted(*tls.stores), *tls.rejected(CA_BUNDLE))), Passed)


def test_neither_bundle_nor_stores_fails_and_names_both(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.rejected(*tls.stores), *tls.rejected(CA_BUNDLE)))
    assert isinstance(verdict, Failed)
    assert "the declared ca_bundle" in verdict.evidence[0].fact
    assert "Mozilla" in verdict.evidence[1].fact


def test_where_a_bundle_rejects_its_reason_is_told_and_not_a_public_stores(tls: Any) -> None:
    """A leaf for clients alone, under the city's own authority, whose intermediate no public store can know."""
    public = tls.rejected(*tls.stores, why=Distrust.ISSUER_MISSING)
    own = replace(tls.rejected(CA_BUNDLE, why=Distrust.OTHER)[0], openssl="unsuitable certificate purpose")
    verdict = judge(tls, trust(tls, *public, own))
    assert isinstance(verdict, Failed)
    assert verdict.reason == "The certificate at 192.0.2.1 is not accepted (unsuitable certificate purpose)."
    assert "does not send" not in verdict.reason
    assert "in the ca_bundle" in verdict.fix
    assert "TLS servers" in verdict.fix


def test_a_bundle_that_could_not_be_read_leaves_it_undecided(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.rejected(*tls.stores), bundle=tls.gap))
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == tls.gap
    assert isinstance(judge(tls, trust(tls, *tls.accepted(*tls.stores), bundle=tls.gap)), Passed)


def test_a_store_that_nobody_has_is_undecided_and_not_a_pass(tls: Any) -> None:
    policy = replace(tls.policy, trust_stores=("Mozilla", "Netscape"))
    verdict = judge(tls, trust(tls, *tls.accepted("Mozilla")), policy=policy)
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved.cause is Cause.NOT_DECLARED


def test_an_unreadable_leaf_is_handed_on(tls: Any) -> None:
    verdict = judge(tls, trust(tls, chain=(tls.gap,)))
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == tls.gap


def test_the_worst_address_decides(tls: Any) -> None:
    bad = trust(tls, *tls.rejected(*tls.stores))
    verdict = judge(tls, tls.deployment(), tls.gap, bad)
    assert isinstance(verdict, Failed)
    assert "192.0.2.3" in verdict.reason
    assert isinstance(judge(tls, tls.deployment(), tls.gap), Undecided)


def test_gaps_and_a_site_without_tls(tls: Any) -> None:
    assert isinstance(certificate_trusted.judge(tls.site, tls.gap, tls.http, tls.policy), Undecided)
    assert isinstance(certificate_trusted.judge(tls.site, tls.gap, tls.lacking, tls.policy), NotApplicable)
    nothing = CertificateFacts(addresses=())
    assert isinstance(certificate_trusted.judge(tls.site, nothing, tls.gap, tls.policy), Undecided)
