"""tls-post-quantum."""

from __future__ import annotations

from typing import Any

import pytest

from checks.tls_post_quantum import tls_post_quantum
from scanner.model.facts.tls import HYBRID_GROUPS, AddressTls, TlsFacts, VersionAnswer
from scanner.model.finding import Failed, NotApplicable, Passed, Severity, Undecided, Verdict


def at(number: int = 1, *, groups: Any = ("X25519",), suites: Any = ("TLS_AES_128_GCM_SHA256",)) -> AddressTls:
    versions = (VersionAnswer(version="TLSv1.2", suites=("A",)), VersionAnswer(version="TLSv1.3", suites=suites))
    return AddressTls(address=f"192.0.2.{number}", versions=versions, groups=groups)


def judge(tls: Any, *addresses: Any, http: Any = None) -> Verdict:
    verdict = tls_post_quantum.judge(tls.site, TlsFacts(addresses=addresses), http or tls.http, tls.service)
    assert isinstance(verdict, Verdict)
    return verdict


def test_it_is_information_only() -> None:
    assert tls_post_quantum.severity is Severity.INFO


@pytest.mark.parametrize("group", HYBRID_GROUPS)
def test_any_hybrid_group_passes_and_all_groups_are_told(tls: Any, group: str) -> None:
    verdict = judge(tls, at(groups=("X25519", group)))
    assert isinstance(verdict, Passed)
    assert group in verdict.reason
    assert verdict.evidence[0].value == f"X25519, {group}"


def test_tls_1_3_without_one_fails_at_the_worst_address(tls: Any) -> None:
    verdict = judge(tls, at(1, groups=HYBRID_GROUPS), at(2), tls.gap)
    assert isinstance(verdict, Failed)
    assert "192.0.2.2" in verdict.reason
    assert isinstance(judge(tls, at(groups=())), Failed)


def test_without_tls_1_3_it_does_not_apply_and_says_so(tls: Any) -> None:
    verdict = judge(tls, at(suites=()))
    assert isinstance(verdict, NotApplicable)
    assert "does not offer TLS 1.3" in verdict.reason
    assert isinstance(judge(tls, at(1, suites=()), at(2, groups=HYBRID_GROUPS)), Passed)


def test_gaps_are_undecided(tls: Any) -> None:
    assert isinstance(judge(tls, at(groups=tls.gap)), Undecided)
    assert isinstance(judge(tls, at(suites=tls.gap)), Undecided)
    assert isinstance(judge(tls, tls.gap), Undecided)
    assert isinstance(tls_post_quantum.judge(tls.site, tls.gap, tls.http, tls.service), Undecided)
    assert isinstance(judge(tls, at(), http=tls.lacking), NotApplicable)
