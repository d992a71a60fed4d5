"""certificate-strength."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.certificate_strength import certificate_strength
from scanner.model.facts.tls import CA_BUNDLE, CertificateFacts, PublicKey
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict


def judge(tls: Any, *deployments: Any) -> Verdict:
    verdict = certificate_strength.judge(tls.site, tls.facts(*deployments), tls.http, tls.policy)
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
    def ask(facts: Any, http: Any) -> Verdict:
        return certificate_strength.judge(tls.site, facts, http, tls.policy)  # type: ignore[return-value]

    assert isinstance(ask(tls.gap, tls.http), Undecided)
    assert isinstance(ask(tls.gap, tls.lacking), NotApplicable)
    assert isinstance(ask(CertificateFacts(addresses=()), tls.gap), Undecided)
