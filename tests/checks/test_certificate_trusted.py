"""certificate-trusted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.certificate_trusted import certificate_trusted
from scanner.model.facts.chain import ChainShape, Extensions, Superfluous, Surplus, Unsent
from scanner.model.facts.tls import CA_BUNDLE, AddressTls, CertificateFacts, Distrust, TlsFacts, TlsTraits
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict
from scanner.model.unobserved import Cause


def judge(tls: Any, *deployments: Any, policy: Any = None) -> Verdict:
    return ask(tls, tls.facts(*deployments), tls.http, policy=policy)


def ask(tls: Any, facts: Any, http: Any, *, seen: Any = None, policy: Any = None, server: Any = None) -> Verdict:
    given = (facts, http, tls.service, seen or tls.gap, policy or tls.policy)
    verdict = certificate_trusted.judge(server or tls.site, *given)
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
    assert [(item.fact, item.value) for item in verdict.evidence][:2] == [
        ("not accepted by Android (certificate at 192.0.2.1)", "unable to get issuer certificate"),
        ("accepted by (certificate at 192.0.2.1)", "Mozilla, Apple, Microsoft"),
    ]


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
    assert verdict.reason == (
        "The city's own authority (ca_bundle) vouches for it; browsers that do not know that authority warn."
    )


def test_stores_that_say_the_same_stand_in_one_line(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.rejected(*tls.stores, why=Distrust.SELF_SIGNED)))
    [fact] = [fact for fact in told(verdict) if fact.startswith("not accepted by")]
    assert fact == "not accepted by Mozilla, Apple, Microsoft, Android"


def test_a_certificate_is_its_own_authority_only_for_the_citys_own_devices(tls: Any) -> None:
    refused = tls.rejected(CA_BUNDLE, *tls.stores, why=Distrust.SELF_SIGNED)
    verdict = judge(tls, trust(tls, *refused))
    assert isinstance(verdict, Failed)
    assert verdict.fix.endswith("into the ca_bundle only if none but the city's own devices use the site.")


def test_public_trust_is_enough_beside_a_bundle(tls: Any) -> None:
    assert isinstance(judge(tls, trust(tls, *tls.accepted(*tls.stores), *tls.rejected(CA_BUNDLE))), Passed)


def test_neither_bundle_nor_stores_fails_and_names_both(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.rejected(*tls.stores), *tls.rejected(CA_BUNDLE)))
    assert isinstance(verdict, Failed)
    assert "the declared ca_bundle" in verdict.evidence[0].fact
    assert "Mozilla" in verdict.evidence[0].fact


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
    assert isinstance(ask(tls, tls.gap, tls.http), Undecided)
    assert isinstance(ask(tls, tls.gap, tls.lacking), NotApplicable)
    assert isinstance(ask(tls, CertificateFacts(addresses=()), tls.gap), Undecided)


def test_other_listeners_are_judged_likewise(tls: Any) -> None:
    facts = tls.facts(trust(tls, *tls.rejected(*tls.stores)))
    assert isinstance(ask(tls, facts, tls.gap, server=tls.listener), Failed)


def told(verdict: Verdict) -> dict[str, str]:
    """Evidence on the first address by what it is about."""
    ending = " (certificate at 192.0.2.1)"
    return {item.fact.removesuffix(ending): item.value for item in verdict.evidence}


def test_stores_on_which_nothing_hangs_are_told(tls: Any) -> None:
    verdict = judge(tls, trust(tls, *tls.accepted(*tls.stores), *tls.accepted("OpenJDK"), *tls.rejected("Oracle")))
    assert told(verdict)["accepted by"] == "OpenJDK"
    assert told(verdict)["without effect on the result, not accepted by"] == "Oracle (unknown CA)"
    own = judge(tls, trust(tls, *tls.rejected("Mozilla"), *tls.accepted(CA_BUNDLE)))
    assert isinstance(own, Passed)
    assert not [fact for fact in told(own) if "not sent" in fact]
    assert told(own)["public stores"] == "they do not know it, as expected for the city's own authority"


def test_the_order_and_what_need_not_be_sent_are_told_and_fail_nothing(tls: Any) -> None:
    extra = Superfluous(place=2, subject="CN=Root", why=Surplus.ANCHOR)
    shape = ChainShape(in_order=False, superfluous=(extra,))
    verdict = judge(tls, tls.deployment(shape=shape))
    assert isinstance(verdict, Passed)
    assert told(verdict)["certificates sent in order"].startswith("no: put the server's own certificate first")
    assert told(verdict)["certificate that need not be sent"].startswith("CN=Root: a trust anchor")
    good = told(judge(tls, tls.deployment()))
    assert not [fact for fact in good if "order" in fact or "need not" in fact or "not sent" in fact]


@pytest.mark.parametrize("store", ["Mozilla", CA_BUNDLE])
def test_a_missing_issuer_is_named_with_the_place_where_it_lies(tls: Any, store: str) -> None:
    url = "http://ca.example/issuing.cer"
    shape = ChainShape(in_order=True, unsent=Unsent(issuer="CN=Issuing CA", urls=(url,), depth=0))
    rejected = tls.rejected(store, why=Distrust.ISSUER_MISSING)
    verdict = judge(tls, tls.deployment(chain=(tls.leaf,), trust=rejected, shape=shape))
    assert isinstance(verdict, Failed)
    missing = told(verdict)["issuer whose certificate is not sent"]
    assert missing.startswith(f"CN=Issuing CA; it can be fetched from {url}: browsers")
    assert verdict.fix.endswith(f"what is missing is the certificate of CN=Issuing CA, which lies at {url}.")
    nowhere = replace(shape, unsent=replace(shape.unsent, urls=()))
    verdict = judge(tls, tls.deployment(chain=(tls.leaf,), trust=rejected, shape=nowhere))
    assert "no address is given" in told(verdict)["issuer whose certificate is not sent"]
    assert isinstance(verdict, Failed)
    assert verdict.fix.endswith(".")


def test_a_chain_that_stops_half_way_says_where_the_next_certificate_lies(tls: Any) -> None:
    url = "http://ca.example/middle.cer"
    shape = ChainShape(in_order=True, unsent=Unsent(issuer="CN=Middle CA", urls=(url,), depth=1))
    verdict = judge(tls, tls.deployment(trust=tls.rejected(*tls.stores), shape=shape))
    assert isinstance(verdict, Failed)
    assert verdict.fix.startswith("If CN=Middle CA is no root, have the server send the certificate of CN=Middle CA")
    assert url in verdict.fix


@pytest.mark.parametrize(
    ("days", "count", "value"),
    [
        (90, 2, "2 in the certificate; Chrome and Apple ask for 2"),
        (179, 0, "0 in the certificate; Chrome and Apple ask for 2, unless they come with the handshake"),
        (190, 2, "2 in the certificate; Chrome and Apple ask for 3, unless they come with the handshake"),
    ],
)
def test_timestamps_are_counted_where_a_public_root_is_at_the_end(tls: Any, days: int, count: int, value: str) -> None:
    leaf = {"not_after": tls.leaf.not_before + days * tls.day, "extensions": Extensions(timestamps=count)}
    assert told(judge(tls, tls.deployment(leaf=leaf)))["signed certificate timestamps"] == value
    private = tls.deployment(leaf=leaf, trust=tls.accepted(CA_BUNDLE))
    assert "signed certificate timestamps" not in told(judge(tls, private))


@pytest.mark.parametrize(
    ("stapled", "words"),
    [(False, "the server sends none"), (True, "the server sends one"), (None, "was not seen"), ("gap", "was not seen")],
)
def test_a_demand_for_stapling_is_told_with_what_the_server_does(tls: Any, stapled: Any, words: str) -> None:
    facts = tls.facts(tls.deployment(leaf={"extensions": Extensions(must_staple=True)}))
    traits = TlsTraits(stapled=tls.gap if stapled == "gap" else stapled)
    seen = TlsFacts(addresses=(tls.gap, AddressTls(address="192.0.2.1", versions=(), traits=traits)))
    verdict = ask(tls, facts, tls.http, seen=seen)
    assert isinstance(verdict, Passed)
    assert words in told(verdict)["demands an OCSP answer sent along"]
    [item] = [item for item in verdict.evidence if "OCSP" in item.fact]
    assert item.source is TlsFacts
    assert "was not seen" in told(ask(tls, facts, tls.http))["demands an OCSP answer sent along"]


def test_a_certificate_that_is_not_meant_for_servers_says_so(tls: Any) -> None:
    leaf = {"extensions": Extensions(for_servers=False)}
    verdict = judge(tls, tls.deployment(leaf=leaf, trust=tls.rejected(*tls.stores, why=Distrust.OTHER)))
    assert "meant for TLS servers" in told(verdict)


def test_extensions_and_a_shape_that_were_not_seen_are_told_of_nothing(tls: Any) -> None:
    verdict = judge(tls, tls.deployment(leaf={"extensions": tls.gap}, shape=tls.gap))
    assert isinstance(verdict, Passed)
    assert list(told(verdict)) == ["trusted by"]
