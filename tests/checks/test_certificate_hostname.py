"""certificate-hostname."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.certificate_hostname import certificate_hostname
from scanner.model.facts.tls import AlternativeNames, CertificateFacts
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict


def judge(tls: Any, facts: Any, http: Any = None, site: Any = None) -> Verdict:
    verdict = certificate_hostname.judge(site or tls.site, facts, http or tls.http, tls.service)
    assert isinstance(verdict, Verdict)
    return verdict


def named(tls: Any, *dns: str, ips: tuple[str, ...] = ()) -> Any:
    return tls.deployment(names=AlternativeNames(dns=dns, ips=ips))


def test_a_certificate_for_the_host_passes_and_names_are_evidence(tls: Any) -> None:
    verdict = judge(tls, tls.facts(named(tls, "*.city.example", "city.example")))
    assert isinstance(verdict, Passed)
    assert verdict.evidence[0].value == "*.city.example, city.example"


def test_a_certificate_for_another_host_fails(tls: Any) -> None:
    verdict = judge(tls, tls.facts(named(tls, "other.example")))
    assert isinstance(verdict, Failed)
    assert "www.city.example" in verdict.reason
    assert "192.0.2.1" in verdict.reason


def test_the_common_name_does_not_count(tls: Any) -> None:
    verdict = judge(tls, tls.facts(named(tls)))
    assert isinstance(verdict, Failed)
    assert verdict.evidence[0].value == "none"


def test_an_address_in_the_url_wants_an_address_in_the_certificate(tls: Any) -> None:
    site = replace(tls.site, url="https://192.0.2.7/")
    assert isinstance(judge(tls, tls.facts(named(tls, "192.0.2.7")), site=site), Failed)
    assert isinstance(judge(tls, tls.facts(named(tls, ips=("192.0.2.7",))), site=site), Passed)


def test_the_worst_address_decides(tls: Any) -> None:
    good, bad = named(tls, "www.city.example"), named(tls, "other.example")
    verdict = judge(tls, tls.facts(good, tls.gap, bad))
    assert isinstance(verdict, Failed)
    assert any("192.0.2.3" in item.fact for item in verdict.evidence)
    assert isinstance(judge(tls, tls.facts(good, tls.gap)), Undecided)


def test_a_long_list_of_names_is_cut_in_the_evidence(tls: Any) -> None:
    names = [f"n{number}.example" for number in range(500)]
    verdict = judge(tls, tls.facts(named(tls, *names, "www.city.example")))
    assert verdict.evidence[0].value.endswith("and 491 more")


@pytest.mark.parametrize("missing", ["facts", "names"])
def test_what_was_not_seen_is_handed_on(tls: Any, missing: str) -> None:
    facts = tls.gap if missing == "facts" else tls.facts(tls.deployment(names=tls.gap))
    verdict = judge(tls, facts)
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == tls.gap


def test_no_address_at_all_is_no_pass(tls: Any) -> None:
    assert isinstance(judge(tls, CertificateFacts(addresses=())), Undecided)


def test_a_site_without_tls_is_not_asked(tls: Any) -> None:
    assert isinstance(judge(tls, tls.gap, tls.lacking), NotApplicable)
    assert isinstance(judge(tls, tls.facts(tls.deployment()), tls.gap), Passed)


def test_another_listener_is_known_by_its_declared_name_or_its_host(tls: Any) -> None:
    facts = tls.facts(named(tls, "mx.city.example"))
    assert isinstance(judge(tls, facts, tls.gap, tls.listener), Passed)
    assert isinstance(judge(tls, facts, tls.gap, replace(tls.listener, host="192.0.2.1")), Failed)
    assert isinstance(
        judge(tls, facts, tls.gap, replace(tls.listener, host="192.0.2.1", server_name="mx.city.example")), Passed
    )
