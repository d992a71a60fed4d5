"""tls-versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checks.tls_versions import tls_versions
from scanner.model.facts.tls import AddressTls, TlsFacts, TlsTraits, VersionAnswer
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict

REFUSED: dict[str, Any] = {"SSLv2": (), "SSLv3": (), "TLSv1.0": (), "TLSv1.1": (), "TLSv1.2": ("A",), "TLSv1.3": ("B",)}


def at(number: int, **changes: Any) -> AddressTls:
    """An address that refuses what is forbidden, but for what is said here (`TLSv1_0` for TLSv1.0)."""
    answers = REFUSED | {name.replace("_", "."): suites for name, suites in changes.items()}
    versions = tuple(VersionAnswer(version=name, suites=suites) for name, suites in answers.items())
    return AddressTls(address=f"192.0.2.{number}", versions=versions)


def judge(tls: Any, *addresses: Any, policy: Any = None, http: Any = None) -> Verdict:
    verdict = tls_versions.judge(
        tls.site, TlsFacts(addresses=addresses), http or tls.http, tls.service, policy or tls.policy
    )
    assert isinstance(verdict, Verdict)
    return verdict


def test_a_server_that_refuses_them_all_passes(tls: Any) -> None:
    verdict = judge(tls, at(1), at(2))
    assert isinstance(verdict, Passed)
    assert verdict.evidence[0].value == "TLSv1.2, TLSv1.3"


def test_each_forbidden_version_that_is_accepted_is_named_with_its_suites(tls: Any) -> None:
    verdict = judge(tls, at(1, TLSv1_0=("TLS_RSA_WITH_RC4_128_SHA",), SSLv3=("X", "Y")))
    assert isinstance(verdict, Failed)
    assert "SSLv3, TLSv1.0" in verdict.reason
    assert ("SSLv3 accepted at 192.0.2.1", "X, Y") in [(item.fact, item.value) for item in verdict.evidence]


def test_a_version_that_was_not_seen_is_undecided_unless_another_fails(tls: Any) -> None:
    assert isinstance(judge(tls, at(1, TLSv1_1=tls.gap)), Undecided)
    assert isinstance(judge(tls, at(1, TLSv1_1=tls.gap, TLSv1_0=("A",))), Failed)
    assert isinstance(judge(tls, at(1, TLSv1_3=tls.gap)), Passed)


def test_a_version_that_was_never_asked_for_is_undecided(tls: Any) -> None:
    partial = AddressTls(address="192.0.2.1", versions=(VersionAnswer(version="TLSv1.2", suites=("A",)),))
    assert isinstance(judge(tls, partial), Undecided)
    assert isinstance(judge(tls, at(1), policy=replace(tls.policy, tls_versions_forbidden=("PCTv1",))), Undecided)


def test_the_worst_address_decides(tls: Any) -> None:
    verdict = judge(tls, at(1), tls.gap, at(3, TLSv1_1=("A",)))
    assert isinstance(verdict, Failed)
    assert "192.0.2.3" in verdict.reason
    assert isinstance(judge(tls, at(1), tls.gap), Undecided)


def test_the_policy_says_what_is_forbidden(tls: Any) -> None:
    lenient = replace(tls.policy, tls_versions_forbidden=("SSLv2", "SSLv3"))
    assert isinstance(judge(tls, at(1, TLSv1_0=("A",)), policy=lenient), Passed)


def test_gaps_and_a_site_without_tls(tls: Any) -> None:
    assert isinstance(tls_versions.judge(tls.site, tls.gap, tls.http, tls.service, tls.policy), Undecided)
    assert isinstance(judge(tls, at(1), http=tls.lacking), NotApplicable)
    assert isinstance(judge(tls), Undecided)


def test_a_refusal_that_may_not_be_the_last_word_is_undecided(tls: Any) -> None:
    doubtful = AddressTls(
        address="192.0.2.1",
        versions=tuple(replace(each, gap=tls.gap if each.version == "SSLv3" else None) for each in at(1).versions),
    )
    assert isinstance(judge(tls, doubtful), Undecided)
    more_suites = replace(at(1, TLSv1_0=("A",)), versions=tuple(replace(v, gap=tls.gap) for v in at(1).versions))
    assert isinstance(judge(tls, more_suites), Undecided)
    accepted = at(1, TLSv1_0=("A",))
    assert isinstance(
        judge(tls, replace(accepted, versions=tuple(replace(v, gap=tls.gap) for v in accepted.versions))), Failed
    )


def test_what_the_hellos_said_besides_is_evidence_and_fails_nothing(tls: Any) -> None:
    traits = TlsTraits(fallback_refused=False, early_data=True, extended_master_secret=tls.gap)
    verdict = judge(tls, replace(at(1), traits=traits))
    assert isinstance(verdict, Passed)
    told = {item.fact: item.value for item in verdict.evidence}
    assert told["fallback to an older version is refused at 192.0.2.1"] == "no"
    assert told["early data at 192.0.2.1"] == "yes"
    assert not any("master secret" in fact for fact in told)
