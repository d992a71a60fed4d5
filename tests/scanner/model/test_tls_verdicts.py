"""What all checks of TLS have in common."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.model.facts.http import Answered, Hop, HttpFacts, NoTls
from scanner.model.facts.service import Encrypts, Plain, ServiceFacts, Unheard
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
# What the engine gives for facts that nobody sought.
NOT_SOUGHT = Unobserved(cause=Cause.UNSUPPORTED, detail="There is no way to ask this kind of asset.")
NOTHING_SEEN = (GAP, NOT_SOUGHT)
SEEN = AddressTls(address="192.0.2.1", versions=())


def test_a_site_without_tls_makes_every_check_not_applicable() -> None:
    assert isinstance(over_addresses(GAP, (LACKING, NOT_SOUGHT), lambda _: (), otherwise="x"), NotApplicable)
    assert isinstance(over_deployments(GAP, (LACKING, NOT_SOUGHT), lambda *_: (), otherwise="x"), NotApplicable)


def test_a_gap_is_handed_on() -> None:
    verdict = over_deployments(GAP, NOTHING_SEEN, lambda *_: (), otherwise="x")
    assert isinstance(verdict, Undecided)
    assert verdict.unobserved == GAP


def test_a_place_that_was_not_seen_beats_a_pass() -> None:
    good = passed("fine", evidence=[])
    facts = TlsFacts(addresses=(SEEN, GAP))
    assert isinstance(over_addresses(facts, NOTHING_SEEN, lambda _: (good,), otherwise="x"), Undecided)
    assert isinstance(
        over_addresses(TlsFacts(addresses=(SEEN,)), NOTHING_SEEN, lambda _: (good,), otherwise="x"), Passed
    )


def test_without_any_verdict_it_does_not_apply() -> None:
    verdict = over_addresses(TlsFacts(addresses=(SEEN,)), NOTHING_SEEN, lambda _: (), otherwise="Nothing there.")
    assert isinstance(verdict, NotApplicable)
    assert verdict.reason == "Nothing there."


ENCRYPTS = Encrypts(address="192.0.2.1", version="TLSv1.3")
PLAINLY = Plain(address="192.0.2.2", seen="EHLO was answered without STARTTLS")
UNHEARD = Unheard(address="192.0.2.9", gap=GAP)
EXCLUDED = Unheard(address="192.0.2.8", gap=replace(GAP, cause=Cause.NOT_DECLARED))


@pytest.mark.parametrize(
    ("listeners", "lacks"),
    [
        ((PLAINLY,), True),
        ((PLAINLY, PLAINLY), True),
        ((PLAINLY, UNHEARD), False),  # the silent one may have it
        ((PLAINLY, EXCLUDED), True),
        ((ENCRYPTS,), False),
        ((ENCRYPTS, PLAINLY), False),
        ((UNHEARD,), False),  # nobody knows
        ((), False),
    ],
)
def test_a_listener_lacks_tls_only_where_it_answers_and_nowhere_with_tls(listeners, lacks: bool) -> None:
    service = ServiceFacts(addresses=listeners)
    assert service.lacks_tls is lacks
    verdict = over_addresses(GAP, (NOT_SOUGHT, service), lambda _: (), otherwise="x")
    assert isinstance(verdict, NotApplicable if lacks else Undecided)


def test_a_listener_without_tls_is_told_of_by_its_own_check() -> None:
    verdict = over_deployments(GAP, (NOT_SOUGHT, ServiceFacts(addresses=(PLAINLY,))), lambda *_: (), otherwise="x")
    assert isinstance(verdict, NotApplicable)
    assert "tls-served" in verdict.reason


def test_what_a_listener_with_tls_shows_is_judged() -> None:
    greeting = (NOT_SOUGHT, ServiceFacts(addresses=(ENCRYPTS,)))
    verdict = over_addresses(
        TlsFacts(addresses=(SEEN,)), greeting, lambda _: (passed("fine", evidence=[]),), otherwise=""
    )
    assert isinstance(verdict, Passed)


def test_a_greeting_that_was_not_seen_changes_nothing() -> None:
    facts = TlsFacts(addresses=(SEEN,))
    verdict = over_addresses(facts, (NOT_SOUGHT, GAP), lambda _: (passed("fine", evidence=[]),), otherwise="")
    assert isinstance(verdict, Passed)
