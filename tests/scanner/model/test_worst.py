"""One verdict out of several."""

from __future__ import annotations

from scanner.model.finding import Evidence, Verdict, failed, not_applicable, passed, undecided
from scanner.model.unobserved import Cause, Unobserved
from scanner.model.worst import worst

UNKNOWN = undecided(Unobserved(cause=Cause.TIMEOUT, detail="Silent."), evidence=[Evidence(fact="at b", value="silent")])
GOOD = passed("Good.", evidence=[Evidence(fact="at a", value="good")])
BAD = failed("Bad.", fix="Mend it.", evidence=[Evidence(fact="at c", value="bad")])
OTHERWISE = not_applicable("Nothing was asked.")


def facts(verdict: Verdict) -> list[str]:
    return [item.fact for item in verdict.evidence]


def test_a_failure_beats_the_unknown_and_that_beats_a_pass() -> None:
    assert worst([GOOD, UNKNOWN, BAD], otherwise=OTHERWISE) == failed(
        "Bad.", fix="Mend it.", evidence=[*BAD.evidence, *UNKNOWN.evidence, *GOOD.evidence]
    )
    assert isinstance(worst([GOOD, UNKNOWN], otherwise=OTHERWISE), type(UNKNOWN))
    assert isinstance(worst([OTHERWISE, GOOD], otherwise=OTHERWISE), type(GOOD))


def test_the_evidence_of_every_place_comes_along_the_worst_first() -> None:
    assert facts(worst([GOOD, UNKNOWN, BAD], otherwise=OTHERWISE)) == ["at c", "at b", "at a"]


def test_of_equally_bad_ones_the_first_counts() -> None:
    other = failed("Worse.", fix="Mend it too.")
    assert worst([BAD, other], otherwise=OTHERWISE) == BAD


def test_without_any_verdict_it_is_the_given_one() -> None:
    assert worst([], otherwise=OTHERWISE) is OTHERWISE
