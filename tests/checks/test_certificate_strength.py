"""certificate-strength."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.certificate_strength import certificate_strength
from scanner.model.check import Across
from scanner.model.facts.chain import ChainShape, Superfluous, Surplus
from scanner.model.facts.tls import CA_BUNDLE, CertificateFacts, PublicKey
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict
from scanner.model.leaves import LeafUse


def judge(tls: Any, *deployments: Any) -> Verdict:
    return ask(tls, tls.facts(*deployments), tls.http)


def ask(tls: Any, facts: Any, http: Any, keys: Any = None, server: Any = None) -> Verdict:
    asset = server or tls.site
    verdict = certificate_strength.judge(asset, facts, http, tls.service, tls.policy, keys or Across())
    assert isinstance(verdict, Verdict)
    return verdict


@pytest.mark.parametrize(
    ("algorithm", "bits", "verdict"),
    [
        ("rsa", 2048, Passed),
        ("rsa", 2047, Failed),
        ("rsa", 1024, Failed),
        ("ec", 256, Passed),
        ("ec", 521, Passed),
        ("ec", 224, Failed),
        ("ed25519", 256, Passed),
        ("ed448", 456, Passed),
        ("dsa", 3072, Failed),
    ],
)
def test_keys_are_judged_by_kind_and_length(tls: Any, algorithm: str, bits: int, verdict: type[Verdict]) -> None:
    found = judge(tls, tls.deployment(leaf={"key": PublicKey(algorithm=algorithm, bits=bits)}))
    assert isinstance(found, verdict)
    assert f"{algorithm.upper()} {bits} bits" in [item.value for item in found.evidence]


@pytest.mark.parametrize(
    ("name", "verdict"), [("sha256", Passed), ("sha1", Failed), ("md5", Failed), ("ed25519", Passed), ("SHA1", Failed)]
)
def test_signatures_are_judged_by_their_hash(tls: Any, name: str, verdict: type[Verdict]) -> None:
    assert isinstance(judge(tls, tls.deployment(leaf={"signature_hash": name})), verdict)


def test_a_weak_intermediate_fails(tls: Any) -> None:
    weak = replace(tls.leaf, subject="CN=Issuing CA", key=PublicKey(algorithm="rsa", bits=1024))
    verdict = judge(tls, tls.deployment(chain=(tls.leaf, weak)))
    assert isinstance(verdict, Failed)
    assert "CN=Issuing CA" in verdict.evidence[0].fact


def test_a_root_that_is_sent_along_does_not_matter(tls: Any) -> None:
    root = replace(tls.leaf, subject="CN=Root", self_signed=True, signature_hash="sha1")
    assert isinstance(judge(tls, tls.deployment(chain=(tls.leaf, root))), Passed)


def test_the_signature_of_a_self_signed_leaf_counts_unless_it_is_pinned(tls: Any) -> None:
    leaf = {"self_signed": True, "signature_hash": "sha1"}
    assert isinstance(judge(tls, tls.deployment(leaf=leaf, trust=tls.rejected(*tls.stores))), Failed)
    pinned = tls.accepted(CA_BUNDLE, path=tls.path[:1])
    assert isinstance(judge(tls, tls.deployment(leaf=leaf, trust=pinned)), Passed)
    short = leaf | {"key": PublicKey(algorithm="rsa", bits=512)}
    assert isinstance(judge(tls, tls.deployment(leaf=short, trust=pinned)), Failed)


def test_what_cannot_be_read_is_undecided_unless_something_else_fails(tls: Any) -> None:
    assert isinstance(judge(tls, tls.deployment(leaf={"key": tls.gap})), Undecided)
    assert isinstance(judge(tls, tls.deployment(leaf={"signature_hash": tls.gap})), Undecided)
    assert isinstance(judge(tls, tls.deployment(chain=(tls.leaf, tls.gap))), Undecided)
    assert isinstance(judge(tls, tls.deployment(chain=())), Undecided)
    assert isinstance(judge(tls, tls.deployment(leaf={"key": tls.gap, "signature_hash": "md5"})), Failed)


def test_the_worst_address_decides(tls: Any) -> None:
    verdict = judge(tls, tls.deployment(), tls.gap, tls.deployment(leaf={"signature_hash": "md5"}))
    assert isinstance(verdict, Failed)
    assert "192.0.2.3" in verdict.reason
    assert isinstance(judge(tls, tls.deployment(), tls.gap), Undecided)


def test_gaps_and_a_site_without_tls(tls: Any) -> None:
    assert isinstance(ask(tls, tls.gap, tls.http), Undecided)
    assert isinstance(ask(tls, tls.gap, tls.lacking), NotApplicable)
    assert isinstance(ask(tls, CertificateFacts(addresses=()), tls.gap), Undecided)


def test_every_weak_certificate_is_named(tls: Any) -> None:
    weak = {"key": PublicKey(algorithm="rsa", bits=1024), "signature_hash": "sha1"}
    chain = (replace(tls.leaf, **weak), replace(tls.issuing, **weak))
    verdict = judge(tls, tls.deployment(chain=chain))
    assert isinstance(verdict, Failed)
    assert [(item.fact, item.value) for item in verdict.evidence] == [
        ("weak key of CN=www.city.example at 192.0.2.1", "RSA 1024 bits"),
        ("weak signature on CN=www.city.example at 192.0.2.1", "sha1"),
        ("weak key of CN=Issuing CA at 192.0.2.1", "RSA 1024 bits"),
        ("weak signature on CN=Issuing CA at 192.0.2.1", "sha1"),
    ]


def test_a_root_that_is_sent_along_signed_by_an_older_one_does_not_matter(tls: Any) -> None:
    """Its key is the one that the stores trust; who signs it again with SHA-1 changes nothing."""
    crossed = replace(tls.leaf, subject="CN=Root", signature_hash="sha1", fingerprint="99", key_fingerprint="ff")
    assert isinstance(judge(tls, tls.deployment(chain=(tls.leaf, tls.issuing, crossed))), Passed)
    below = replace(crossed, key_fingerprint="98")
    assert isinstance(judge(tls, tls.deployment(chain=(tls.leaf, tls.issuing, below))), Failed)


@pytest.mark.parametrize(
    ("why", "verdict"),
    [(Surplus.UNRELATED, Passed), (Surplus.REPEATED, Passed), (Surplus.OTHER_WAY, Failed), (Surplus.ANCHOR, Failed)],
)
def test_a_weak_certificate_that_has_no_part_in_the_chain_is_left_out(
    tls: Any, why: Surplus, verdict: type[Verdict]
) -> None:
    stray = replace(tls.leaf, subject="CN=Stray", signature_hash="md5", fingerprint="77", key_fingerprint="78")
    shape = ChainShape(in_order=False, superfluous=(Superfluous(place=2, subject="CN=Stray", why=why),))
    assert isinstance(judge(tls, tls.deployment(chain=(tls.leaf, tls.issuing, stray), shape=shape)), verdict)


def test_assets_that_share_a_key_are_named_and_it_is_no_failure(tls: Any) -> None:
    facts = tls.facts(tls.deployment())
    renewed = tls.facts(tls.deployment(leaf={"fingerprint": "a2"}), tls.deployment())
    uses = [use for asset in ("mail", "www") for use in LeafUse.of(asset, facts)]
    verdict = ask(tls, facts, tls.http, Across([*uses, *LeafUse.of("zoo", renewed)]))
    assert isinstance(verdict, Passed)
    told = {item.fact: item.value for item in verdict.evidence}
    assert (
        told["the same key as at 192.0.2.1 is used by"] == "mail, www, zoo (3 in all, 3 of them with this certificate)"
    )
    other = tls.facts(tls.deployment(leaf={"fingerprint": "a2"}))
    verdict = ask(tls, facts, tls.http, Across([*uses, *LeafUse.of("zoo", other)], cut=True))
    assert "mail, www, zoo (3 or more in all, 2 of them with this certificate)" in [e.value for e in verdict.evidence]


def test_many_assets_that_share_a_key_are_counted_and_a_lone_one_is_not_told(tls: Any) -> None:
    facts = tls.facts(tls.deployment(), tls.deployment())
    alone = ask(tls, facts, tls.http, Across(LeafUse.of("www", facts)))
    assert not [item for item in alone.evidence if "same key" in item.fact]
    many = Across([use for number in range(500) for use in LeafUse.of(f"site-{number:03}", facts)])
    [value, _] = [item.value for item in ask(tls, facts, tls.http, many).evidence if "same key" in item.fact]
    assert value.startswith("site-000, site-001,")
    assert value.endswith("site-009, … (500 in all, 500 of them with this certificate)")


def test_keys_that_cannot_be_read_are_not_shared(tls: Any) -> None:
    facts = tls.facts(tls.deployment(leaf={"key_fingerprint": "", "fingerprint": "a1"}))
    other = tls.facts(tls.deployment(leaf={"key_fingerprint": "", "fingerprint": "a2"}))
    keys = Across([*LeafUse.of("www", facts), *LeafUse.of("zoo", other)])
    assert not [item for item in ask(tls, facts, tls.http, keys).evidence if "same key" in item.fact]


def test_other_listeners_are_judged_likewise(tls: Any) -> None:
    facts = tls.facts(tls.deployment(leaf={"signature_hash": "md5"}))
    assert isinstance(ask(tls, facts, tls.gap, server=tls.listener), Failed)
