"""A check is judged under every pack that asks for it, and under no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from scanner.model.finding import Finding, PackVerdict, Severity, Status, Verdict, failed, passed, undecided
from scanner.model.packs import CITY, Clause, Pack
from scanner.model.packs.beside import Beside
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

YEARS = 63_072_000
STRICT = Pack(
    id="strict", name="Strict", version="1", date="2026", source="here",
    clauses=(Clause(check="https-hsts", id="1.2", requirement="Two years."),), values={"hsts_min_age": YEARS},
)  # fmt: skip
LIKE_DEFAULT = replace(STRICT, id="like-default", values={"rsa_min_bits": 4096})
SILENT = replace(STRICT, id="silent", clauses=())


def finding(subject: str | None = None, status: Status = Status.PASS) -> Finding:
    return Finding(
        check="https-hsts",
        asset="www",
        subject=subject,
        principle="P6",
        severity=Severity.HIGH,
        status=status,
        reason="r",
    )


class Asked:
    """Says what a check would, and remembers under which policies it was asked."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.verdicts = verdicts
        self.policies: list[Policy] = []

    def __call__(self, policy: Policy) -> Sequence[Verdict]:
        self.policies.append(policy)
        return self.verdicts


def told(said: Any, *found: Finding, packs: tuple[Pack, ...] = (STRICT,), policy: Policy | None = None) -> Any:
    beside = Beside("https-hsts", policy or Policy(), packs)
    return [each.packs for each in beside.told(found or (finding(),), said)]


def strict(status: Status) -> tuple[PackVerdict, ...]:
    return (PackVerdict(pack="strict", clause="1.2", status=status),)


def test_a_pack_judges_with_its_own_policy_and_leaves_the_finding_alone() -> None:
    asked = Asked(failed("short", fix="longer"))
    assert told(asked) == [strict(Status.FAIL)]
    assert [policy.hsts_min_age for policy in asked.policies] == [YEARS]


def test_a_pack_without_a_clause_judges_nothing() -> None:
    asked = Asked()
    assert told(asked, packs=(SILENT,)) == [()]
    assert asked.policies == []


def test_a_pack_that_decides_alike_is_not_judged_again() -> None:
    asked = Asked()
    assert told(asked, finding(status=Status.UNKNOWN), packs=(LIKE_DEFAULT,)) == [
        (PackVerdict(pack="like-default", clause="1.2", status=Status.UNKNOWN),)
    ]
    assert asked.policies == []


def test_each_subject_has_its_own_outcome_and_the_worse_of_two_stands() -> None:
    asked = Asked(passed("a", subject="a"), passed("b", subject="b"), failed("b", fix="f", subject="b"))
    assert told(asked, finding("a"), finding("b")) == [strict(Status.PASS), strict(Status.FAIL)]


def test_a_subject_that_the_pack_did_not_name_has_the_worst_of_what_it_named() -> None:
    asked = Asked(passed("a", subject="a"), failed("b", fix="f", subject="b"))
    assert told(asked, finding()) == [strict(Status.FAIL)]


def test_what_was_not_seen_is_unknown_under_the_pack_too() -> None:
    gap = Unobserved(cause=Cause.TIMEOUT, detail="silent")
    assert told(Asked(undecided(gap)), finding(status=Status.UNKNOWN)) == [strict(Status.UNKNOWN)]
    assert told(Asked(undecided(replace(gap, cause=Cause.PROBE_CRASHED)))) == [strict(Status.ERROR)]


def test_a_check_that_crashes_under_a_pack_costs_that_pack_alone() -> None:
    def crashes(policy: Policy) -> Sequence[Verdict]:
        raise ZeroDivisionError

    assert told(crashes, packs=(STRICT, LIKE_DEFAULT)) == [
        (*strict(Status.ERROR), PackVerdict(pack="like-default", clause="1.2", status=Status.PASS))
    ]


def test_the_citys_own_values_are_shown_where_they_decide_and_packs_ignore_them() -> None:
    own = Policy().with_overrides({"hsts_min_age": 10, "rsa_min_bits": 4096})
    asked = Asked(failed("short", fix="longer"))
    assert told(asked, policy=own) == [
        (*strict(Status.FAIL), PackVerdict(pack=CITY, clause="hsts_min_age", status=Status.PASS))
    ]
    assert asked.policies[0].rsa_min_bits == Policy().rsa_min_bits
    assert told(Asked(), packs=(), policy=Policy().with_overrides({"rsa_min_bits": 4096})) == [()]
