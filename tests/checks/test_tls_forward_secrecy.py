"""tls-forward-secrecy."""

from __future__ import annotations

from typing import Any

from checks.tls_forward_secrecy import tls_forward_secrecy
from scanner.model.facts.tls import VERSIONS, AddressTls, TlsFacts, VersionAnswer
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict

GOOD = {"TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",), "TLSv1.3": ("TLS_AES_128_GCM_SHA256",)}


def at(number: int = 1, *, gap: Any = None, **suites: Any) -> AddressTls:
    given = GOOD | {name.replace("_", "."): each for name, each in suites.items()}
    versions = tuple(VersionAnswer(version=each, suites=given.get(each, ()), gap=gap) for each in VERSIONS)
    return AddressTls(address=f"192.0.2.{number}", versions=versions)


def judge(tls: Any, *addresses: Any, http: Any = None) -> Verdict:
    facts = TlsFacts(addresses=addresses)
    verdict = tls_forward_secrecy.judge(tls.site, facts, http or tls.http, tls.service)
    assert isinstance(verdict, Verdict)
    return verdict


def test_new_keys_for_every_connection_pass(tls: Any) -> None:
    verdict = judge(tls, at(TLSv1_2=("TLS_DHE_RSA_WITH_AES_128_CBC_SHA",)))
    assert isinstance(verdict, Passed)
    assert verdict.evidence[0].value == "DHE, TLS 1.3"


def test_every_suite_without_it_is_named_with_version_and_address(tls: Any) -> None:
    rsa, fixed = "TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA"
    verdict = judge(tls, at(1), at(2, TLSv1_0=(rsa,), TLSv1_2=(*GOOD["TLSv1.2"], rsa, fixed)))
    assert isinstance(verdict, Failed)
    assert "192.0.2.2 accepts 2 cipher suites" in verdict.reason
    told = {item.fact: item.value for item in verdict.evidence}
    assert told["TLSv1.0 suites without forward secrecy at 192.0.2.2"] == rsa
    assert told["TLSv1.2 suites without forward secrecy at 192.0.2.2"] == f"{rsa}, {fixed}"


def test_a_suite_without_identity_is_the_matter_of_tls_ciphers(tls: Any) -> None:
    assert isinstance(judge(tls, at(TLSv1_2=("TLS_DH_anon_WITH_AES_128_CBC_SHA",))), Passed)


def test_what_was_not_seen_is_undecided_unless_a_failure_was_seen(tls: Any) -> None:
    rsa = ("TLS_RSA_WITH_AES_256_GCM_SHA384",)
    assert isinstance(judge(tls, at(TLSv1_2=tls.gap)), Undecided)
    assert isinstance(judge(tls, at(gap=tls.gap)), Undecided)
    assert isinstance(judge(tls, at(), tls.gap), Undecided)
    assert isinstance(judge(tls, at(gap=tls.gap, TLSv1_1=rsa), tls.gap), Failed)


def test_gaps_and_a_site_without_tls(tls: Any) -> None:
    assert isinstance(tls_forward_secrecy.judge(tls.site, tls.gap, tls.http, tls.service), Undecided)
    assert isinstance(judge(tls, at(), http=tls.lacking), NotApplicable)
