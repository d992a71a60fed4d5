"""tls-ciphers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.tls_ciphers import tls_ciphers
from scanner.model.asset import StartTls, TlsService
from scanner.model.facts.service import Plain, ServiceFacts
from scanner.model.facts.tls import VERSIONS, AddressTls, DhKey, TlsFacts, VersionAnswer
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict
from scanner.model.suites import MOZILLA_INTERMEDIATE

MODERN = {"TLSv1.2": MOZILLA_INTERMEDIATE[3:], "TLSv1.3": MOZILLA_INTERMEDIATE[:3]}


def at(number: int = 1, *, dh_keys: Any = (), gap: Any = None, **suites: Any) -> AddressTls:
    """A modern address, but for the suites of the versions that are named here (`TLSv1_0` for TLSv1.0)."""
    given = MODERN | {name.replace("_", "."): each for name, each in suites.items()}
    versions = tuple(VersionAnswer(version=each, suites=given.get(each, ()), gap=gap) for each in VERSIONS)
    return AddressTls(address=f"192.0.2.{number}", versions=versions, dh_keys=dh_keys)


def judge(tls: Any, *addresses: Any, **policy: Any) -> Verdict:
    facts = TlsFacts(addresses=addresses)
    verdict = tls_ciphers.judge(tls.site, facts, tls.http, tls.service, replace(tls.policy, **policy))
    assert isinstance(verdict, Verdict)
    return verdict


def evidence(verdict: Verdict) -> dict[str, str]:
    return {item.fact: item.value for item in verdict.evidence}


def test_mozillas_intermediate_list_passes_and_nothing_is_outside_it(tls: Any) -> None:
    verdict = judge(tls, at())
    assert isinstance(verdict, Passed)
    assert evidence(verdict) == {"cipher suites accepted at 192.0.2.1": "9"}


@pytest.mark.parametrize(
    ("suite", "kind"),
    [
        ("TLS_RSA_WITH_RC4_128_SHA", "RC4"),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "3DES"),
        ("TLS_RSA_WITH_DES_CBC_SHA", "DES"),
        ("TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5", "RC2, EXPORT"),
        ("TLS_RSA_WITH_NULL_SHA256", "NULL"),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "ANONYMOUS"),
    ],
)
def test_each_broken_kind_fails_and_the_suite_is_named_with_version_and_address(
    tls: Any, suite: str, kind: str
) -> None:
    verdict = judge(tls, at(1), at(2, TLSv1_0=(suite, "TLS_RSA_WITH_AES_128_CBC_SHA")))
    assert isinstance(verdict, Failed)
    assert verdict.reason == f"The server at 192.0.2.2 accepts 1 cipher suite that the policy forbids: {kind}."
    told = evidence(verdict)["forbidden suites of TLSv1.0 at 192.0.2.2"]
    assert told.startswith(suite)
    assert "AES" not in told.replace(suite, "")


def test_a_forbidden_suite_is_told_once(tls: Any) -> None:
    forbidden, old = "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"
    told = evidence(judge(tls, at(TLSv1_0=(forbidden, old))))
    assert told["forbidden suites of TLSv1.0 at 192.0.2.1"].startswith(forbidden)
    assert told["also outside Mozilla's intermediate list 6.0 at 192.0.2.1"].startswith(old)
    assert sum(value.count(forbidden) for value in told.values()) == 1
    only = evidence(judge(tls, at(TLSv1_0=(forbidden,))))
    assert not [fact for fact in only if "outside" in fact]


def test_a_suite_of_ssl_2_counts(tls: Any) -> None:
    assert isinstance(judge(tls, at(SSLv2=("SSL_CK_DES_192_EDE3_CBC_WITH_MD5",))), Failed)


def test_a_suite_that_is_only_outside_mozillas_list_is_evidence(tls: Any) -> None:
    old, former = "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
    verdict = judge(tls, at(TLSv1_2=(old, former)))
    assert isinstance(verdict, Passed)
    told = evidence(verdict)
    assert told["outside Mozilla's intermediate list 6.0 at 192.0.2.1"].startswith(old)
    assert told["in Mozilla's intermediate list until 5.7, no longer in 6.0, at 192.0.2.1"] == former


def test_a_list_of_allowed_suites_fails_every_other_one(tls: Any) -> None:
    verdict = judge(tls, at(TLSv1_2=("TLS_RSA_WITH_AES_128_CBC_SHA",)), suites_allowed=MOZILLA_INTERMEDIATE)
    assert isinstance(verdict, Failed)
    assert "not on the list of allowed suites" in verdict.reason
    assert isinstance(judge(tls, at(), suites_allowed=MOZILLA_INTERMEDIATE), Passed)


def test_the_policy_says_which_kinds_are_forbidden(tls: Any) -> None:
    triple = at(TLSv1_2=("TLS_RSA_WITH_3DES_EDE_CBC_SHA",))
    assert isinstance(judge(tls, triple, suites_forbidden=("RC4",)), Passed)


def test_a_short_diffie_hellman_key_fails_with_its_bits(tls: Any) -> None:
    verdict = judge(tls, at(dh_keys=(DhKey(version="TLSv1.2", bits=1024),)))
    assert isinstance(verdict, Failed)
    assert "1024 bits" in verdict.reason
    assert isinstance(judge(tls, at(dh_keys=(DhKey(version="TLSv1.2", bits=2048),))), Passed)


def test_the_policy_can_name_the_only_groups(tls: Any) -> None:
    allowed = {"dh_groups_allowed": ("ffdhe3072",)}
    assert isinstance(judge(tls, at(dh_keys=(DhKey(version="TLSv1.2", bits=4096),)), **allowed), Failed)
    good = DhKey(version="TLSv1.2", bits=3072, group="ffdhe3072")
    assert isinstance(judge(tls, at(dh_keys=(good,)), **allowed), Passed)


def test_what_was_not_seen_is_undecided_unless_a_failure_was_seen(tls: Any) -> None:
    rc4 = ("TLS_RSA_WITH_RC4_128_SHA",)
    assert isinstance(judge(tls, at(TLSv1_1=tls.gap)), Undecided)
    assert isinstance(judge(tls, at(gap=tls.gap)), Undecided)
    assert isinstance(judge(tls, at(dh_keys=tls.gap)), Undecided)
    assert isinstance(judge(tls, at(dh_keys=tls.gap), dh_min_bits=0), Passed)
    assert isinstance(judge(tls, at(dh_keys=tls.gap), dh_min_bits=0, dh_groups_allowed=("ffdhe3072",)), Undecided)
    assert isinstance(judge(tls, at(1), tls.gap), Undecided)
    assert isinstance(judge(tls, at(TLSv1_1=tls.gap, TLSv1_2=rc4), tls.gap), Failed)
    assert isinstance(judge(tls, at(gap=tls.gap, dh_keys=tls.gap, TLSv1_2=rc4)), Failed)
    never_asked = AddressTls(address="192.0.2.1", versions=())
    assert isinstance(judge(tls, never_asked), Undecided)


def test_gaps_and_servers_without_tls(tls: Any) -> None:
    assert isinstance(tls_ciphers.judge(tls.site, tls.gap, tls.http, tls.service, tls.policy), Undecided)
    facts = TlsFacts(addresses=(at(TLSv1_2=("TLS_RSA_WITH_RC4_128_SHA",)),))
    assert isinstance(tls_ciphers.judge(tls.site, facts, tls.lacking, tls.service, tls.policy), NotApplicable)
    plain = ServiceFacts(addresses=(Plain(address="192.0.2.1", seen="it offers no STARTTLS"),))
    mx = TlsService(id="mx", host="mx.city.example", port=25, starttls=StartTls.SMTP)
    assert isinstance(tls_ciphers.judge(mx, tls.gap, tls.service, plain, tls.policy), NotApplicable)
