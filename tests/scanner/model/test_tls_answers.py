"""Answers per version: what was seen, and what was not."""

from __future__ import annotations

from scanner.model.facts.tls import VERSIONS, AddressTls, VersionAnswer
from scanner.model.tls_answers import accepted_suites, answers, suites_of, unseen
from scanner.model.unobserved import Cause, Unobserved

GAP = Unobserved(cause=Cause.TIMEOUT, detail="silent")
ADDRESS = AddressTls(
    address="192.0.2.1",
    versions=(
        VersionAnswer(version="TLSv1.3", suites=("C",)),
        VersionAnswer(version="TLSv1.2", suites=("A", "B"), gap=GAP),
        VersionAnswer(version="SSLv3", suites=()),
        VersionAnswer(version="SSLv2", suites=GAP),
    ),
)


def test_every_version_has_an_answer_and_one_that_was_not_asked_is_a_gap() -> None:
    assert [each.version for each in answers(ADDRESS)] == list(VERSIONS)
    [never] = answers(ADDRESS, ["TLSv1.1"])
    assert isinstance(never.suites, Unobserved)
    assert suites_of(never) == ()


def test_accepted_suites_come_with_their_version_oldest_first() -> None:
    assert list(accepted_suites(ADDRESS)) == [("TLSv1.2", "A"), ("TLSv1.2", "B"), ("TLSv1.3", "C")]


def test_what_may_be_missing_is_told_once_per_version() -> None:
    asked = answers(ADDRESS, ["SSLv2", "SSLv3", "TLSv1.2", "TLSv1.3"])
    assert [each.unobserved for each in unseen(asked)] == [GAP, GAP]
