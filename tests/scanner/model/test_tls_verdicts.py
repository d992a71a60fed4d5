"""What all checks of a website's TLS have in common."""

from __future__ import annotations

from scanner.model.facts.http import Answered, Hop, HttpFacts, NoTls
from scanner.model.facts.tls import AddressTls, TlsFacts
from scanner.model.finding import NotApplicable, Passed, Undecided, passed
from scanner.model.tls_verdicts import over_addresses, over_deployments
from scanner.model.unobserved import Cause, Unobserved

GAP = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.9:443 did not answer.")
PLAIN = Answered(address="192.0.2.1", first=Hop(url="http://www.city.example/", status=200))
LACKING = HttpFacts(
    url="https://www.city.example/",
    http_url="http://www.city.example/",
    https=(NoTls(address="192.0.2.1", gap=GAP),),
    plain=(PLAIN,),
)
SEEN = AddressTls(address="192.0.2.1", versions=())


def test_a_site_without_tls_makes_every_check_not_applicable() -> None:
    assert isinstance(over_addresses(GAP, LACKING, lambda _: (), otherwise="x"), NotApplicable)
    assert isinstance(over_deployments(GAP, LACKING, lambda *_: (), otherwise="x"), NotApplicable)


def test_a_gap_is_handed_on() -> None:
    verdict = over_deployments(GAP, GAP, lambda *_: (), otherwise="x")
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == GAP


def test_a_place_that_was_not_seen_beats_a_pass() -> None:
    good = passed("fine", evidence=[])
    facts = TlsFacts(addresses=(SEEN, GAP))
    assert isinstance(over_addresses(facts, GAP, lambda _: (good,), otherwise="x"), Undecided)
    assert isinstance(over_addresses(TlsFacts(addresses=(SEEN,)), GAP, lambda _: (good,), otherwise="x"), Passed)


def test_without_any_verdict_it_does_not_apply() -> None:
    verdict = over_addresses(TlsFacts(addresses=(SEEN,)), GAP, lambda _: (), otherwise="Nothing there.")
    assert isinstance(verdict, NotApplicable)
    assert verdict.reason == "Nothing there."
