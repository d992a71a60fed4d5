"""Policy packs: data that names real checks and real policy values, with clauses and sources."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from scanner.model.packs import BY_ID, CITY, PACKS, Pack
from scanner.model.packs.ncsc_nl import NCSC_NL, PHASED_OUT
from scanner.model.policy import Policy
from scanner.model.suites import MOZILLA_FORMER, MOZILLA_INTERMEDIATE, has_forward_secrecy, weaknesses

EVERY = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)


def test_ids_are_apart_from_each_other_and_from_the_citys_own() -> None:
    assert len(BY_ID) == len(PACKS)
    assert CITY not in BY_ID
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in BY_ID)


@EVERY
def test_every_clause_has_an_id_and_one_sentence(pack: Pack) -> None:
    assert pack.clauses
    assert len({clause.check for clause in pack.clauses}) == len(pack.clauses)
    for clause in pack.clauses:
        assert clause.id
        assert clause.requirement.endswith(".")
        assert clause.requirement.count(". ") == 0
    assert re.match(r"20\d\d-\d\d", pack.date)
    assert pack.source


@EVERY
def test_every_value_decides_a_check_that_the_pack_judges(pack: Pack) -> None:
    """A value that decides nothing here would be read by nobody, or be meant for a clause that was forgotten."""
    deciding = {name for clause in pack.clauses for name in Policy.deciding(clause.check)}
    assert set(pack.values) <= deciding
    assert {each.name for each in fields(Policy)} >= set(pack.values)


@EVERY
def test_a_packs_policy_is_the_default_with_its_values(pack: Pack) -> None:
    changed = Policy().with_overrides(pack.values)
    assert pack.policy == changed
    assert pack.clause("no-such-check") is None


def test_what_second_hand_sources_give_is_said_to_be_so() -> None:
    assert "second-hand" in NCSC_NL.source


def test_the_documented_differences_are_there() -> None:
    default, bod, mozilla, ncsc = Policy(), *(pack.policy for pack in PACKS)
    assert (default.hsts_min_age, bod.hsts_min_age, mozilla.hsts_min_age) == (31_536_000, 31_536_000, 63_072_000)
    assert "TLSv1.0" not in bod.tls_versions_forbidden
    assert all("TLSv1.0" in each.tls_versions_forbidden for each in (default, mozilla, ncsc))
    assert not any("TLSv1.2" in each.tls_versions_forbidden for each in (default, bod, mozilla, ncsc))
    assert set(MOZILLA_FORMER).isdisjoint(mozilla.suites_allowed)
    assert set(MOZILLA_FORMER) <= set(ncsc.suites_allowed)
    assert all("3DES" in each.suites_forbidden for each in (default, bod, mozilla, ncsc))
    assert bod.dmarc_policies == ("reject",)


def test_every_suite_that_ncsc_nl_allows_is_sound() -> None:
    allowed = NCSC_NL.policy.suites_allowed
    assert len(set(allowed)) == len(allowed) == 49
    assert set(MOZILLA_INTERMEDIATE) <= set(allowed)
    assert set(PHASED_OUT) < set(allowed)
    assert all(has_forward_secrecy(suite) and not weaknesses(suite) for suite in allowed)
