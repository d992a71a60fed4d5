"""tls-vulnerabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from checks.tls_vulnerabilities import tls_vulnerabilities
from scanner.evaluation import Case, evaluate
from scanner.model.facts.tls import AddressTls, TlsFacts, TlsTraits
from scanner.model.facts.tls_tests import AddressHoles, Hole, HoleAnswer, Impossible, NotTested, TlsTestFacts
from scanner.model.facts.tls_tests import Tested as WasTested  # pytest collects names that begin with Test
from scanner.model.finding import Failed, Finding, NotApplicable, Passed, Severity, Status, Undecided, Verdict
from scanner.model.inventory import Inventory, Municipality
from scanner.model.observation import Observation
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

HOLES = {hole.value for hole in Hole}
OFF = Unobserved(cause=Cause.NOT_DECLARED, detail="The inventory turns active tests off.", by_choice=True)


def closed(hole: Hole) -> HoleAnswer:
    return WasTested(hole=hole, open=False, seen="it refused the message")


def at(number: int = 1, **answers: Any) -> AddressHoles:
    """An address where every hole was tested for and not found, but for what is said here by the hole's name."""
    given = [answers.get(hole.value) or closed(hole) for hole in Hole]
    return AddressHoles(address=f"192.0.2.{number}", answers=tuple(given))


def judge(tls: Any, *addresses: Any, hellos: Any = None, http: Any = None) -> dict[str | None, Verdict]:
    facts = TlsTestFacts(addresses=addresses)
    found = list(tls_vulnerabilities.judge(tls.site, facts, hellos or tls.gap, http or tls.http, tls.service))
    assert len({verdict.subject for verdict in found}) == len(found)
    return {verdict.subject: verdict for verdict in found}


def test_each_hole_is_a_finding_of_its_own(tls: Any) -> None:
    found = judge(tls, at())
    assert set(found) == HOLES
    assert all(isinstance(verdict, Passed) for verdict in found.values())
    assert found["ccs"].evidence[0].value == "it refused the message"


def test_an_open_hole_fails_alone_and_says_what_was_seen(tls: Any) -> None:
    leak = WasTested(hole=Hole.HEARTBLEED, open=True, seen="it sent 16 kB of its memory")
    found = judge(tls, at(1), at(2, heartbleed=leak))
    verdict = found.pop("heartbleed")
    assert isinstance(verdict, Failed)
    assert "192.0.2.2 is open to Heartbleed" in verdict.reason
    assert verdict.evidence[0].value == "it sent 16 kB of its memory"
    assert all(isinstance(each, Passed) for each in found.values())


def test_a_hole_that_cannot_be_there_passes_with_the_reason(tls: Any) -> None:
    verdict = judge(tls, at(robot=Impossible(hole=Hole.ROBOT, because="no suite with RSA key exchange is on")))["robot"]
    assert isinstance(verdict, Passed)
    assert verdict.reason == "ROBOT (CVE-2017-13099) cannot be there: no suite with RSA key exchange is on."


def test_a_test_without_an_answer_is_undecided_on_its_own_hole(tls: Any) -> None:
    untested = NotTested(hole=Hole.CCS, gap=tls.gap)
    found = judge(tls, at(ccs=untested))
    assert isinstance(found["ccs"], Undecided)
    assert isinstance(found["robot"], Passed)
    open_elsewhere = judge(tls, at(1, ccs=untested), at(2, ccs=WasTested(hole=Hole.CCS, open=True, seen="it went on")))
    assert isinstance(open_elsewhere["ccs"], Failed)


def test_an_address_that_was_not_seen_leaves_every_hole_undecided(tls: Any) -> None:
    found = judge(tls, at(1), tls.gap)
    assert set(found) == HOLES
    assert all(isinstance(verdict, Undecided) for verdict in found.values())


def test_a_hole_without_an_answer_is_no_pass(tls: Any) -> None:
    found = judge(tls, AddressHoles(address="192.0.2.1", answers=(closed(Hole.ROBOT),)))
    assert isinstance(found["robot"], Passed)
    assert isinstance(found["heartbleed"], Undecided)


def test_a_server_that_was_nowhere_reached_has_one_finding(tls: Any) -> None:
    assert list(judge(tls, tls.gap, tls.gap)) == [None]
    assert list(judge(tls)) == [None]
    [verdict] = tls_vulnerabilities.judge(tls.site, tls.gap, tls.gap, tls.http, tls.service)
    assert isinstance(verdict, Undecided)


def test_a_site_without_tls_has_one_finding_that_does_not_apply(tls: Any) -> None:
    found = judge(tls, at(), http=tls.lacking)
    assert list(found) == [None]
    assert isinstance(found[None], NotApplicable)


def test_what_the_hellos_said_about_a_hole_comes_along(tls: Any) -> None:
    traits = TlsTraits(heartbeat=True, secure_renegotiation=False, compression=tls.gap)
    hellos = TlsFacts(addresses=(AddressTls(address="192.0.2.1", versions=(), traits=traits),))
    found = judge(tls, at(), hellos=hellos)
    told = {item.fact: item.value for verdict in found.values() for item in verdict.evidence}
    assert told["heartbeat extension at 192.0.2.1"] == "yes"
    assert told["secure renegotiation (RFC 5746) at 192.0.2.1"] == "no"
    assert not any("compression" in fact for fact in told)


class Given:
    """Observations from memory."""

    def __init__(self, tls: Any, tests: TlsTestFacts) -> None:
        self._found = {"TlsTestFacts": tests, "TlsFacts": tls.gap, "HttpFacts": tls.http}
        self._at = tls.now

    def of(self, asset: str) -> Mapping[str, Observation]:
        return {
            kind: Observation(asset=asset, kind=kind, probe="test", observed_at=self._at, outcome=outcome)
            for kind, outcome in self._found.items()
        }

    def of_kind(self, kind: str) -> Iterator[Observation]:
        raise AssertionError(kind)


def findings(tls: Any, *addresses: Any) -> dict[str | None, Finding]:
    inventory = Inventory(path=Path("i.yaml"), sha256="", municipality=Municipality(name="R"), assets=(tls.site,))
    given = Given(tls, TlsTestFacts(addresses=addresses))
    case = Case(inventory=inventory, policy=Policy(), now=tls.now, observations=given)
    return {finding.subject: finding for finding in evaluate(case, [tls_vulnerabilities], [tls.site])}


def test_tests_that_the_city_has_turned_off_are_unknown_for_information_only(tls: Any) -> None:
    off = {hole.value: NotTested(hole=hole, gap=replace(OFF, subject=hole.value)) for hole in Hole}
    found = findings(tls, at(**off))
    assert set(found) == HOLES
    for finding in found.values():
        assert (finding.status, finding.cause, finding.severity) == (
            Status.UNKNOWN,
            Cause.NOT_DECLARED,
            Severity.INFO,
        )


def test_a_gap_that_is_nobodys_choice_outweighs_one_that_is(tls: Any) -> None:
    off = NotTested(hole=Hole.ROBOT, gap=OFF)
    finding = findings(tls, at(1, robot=off), tls.gap)["robot"]
    assert (finding.cause, finding.severity) == (Cause.TIMEOUT, Severity.CRITICAL)
