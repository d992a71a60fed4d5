"""DMARC records, the walk up the tree, and the policy that holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.dmarc import MOST_QUERIES, POLICIES, effective, is_record, next_domain, read
from scanner.model.facts.mail import DmarcAnswer
from scanner.model.unobserved import Cause, Unobserved

GAP = Unobserved(cause=Cause.DNS, detail="The DNS server failed.")


def walked(domain: str, zone: dict[str, str]) -> tuple[DmarcAnswer, ...]:
    """The walk of a domain over records by domain."""
    answers: list[DmarcAnswer] = []
    target: str | None = domain
    while target is not None:
        answers.append(DmarcAnswer(domain=target, records=(zone[target],) if target in zone else ()))
        target = next_domain(domain, answers[-1])
    return tuple(answers)


def policy(domain: str, zone: dict[str, str], *, exists: bool = True) -> tuple[str, str | None, str] | None:
    """Where the record stands, the policy, and the tag that it comes from."""
    found = effective(domain, walked(domain, zone), exists=exists)
    return None if found is None else (found.record.domain, found.policy, found.tag)


@pytest.mark.parametrize("text", ["v=DMARC1; p=none", "v=DMARC1", "v = DMARC1 ;p=none", "V=DMARC1;"])
def test_the_version_stands_first(text: str) -> None:
    assert is_record(text)


@pytest.mark.parametrize(
    "text", ["v=dmarc1; p=none", "p=none; v=DMARC1", " v=DMARC1", "v=DMARC12", "v=DMARC1 p=none", ""]
)
def test_everything_else_is_no_record(text: str) -> None:
    assert not is_record(text)


def test_tags_are_read() -> None:
    record = read(
        "city.example",
        "v=DMARC1; P = Reject ;sp=none; np=quarantine; pct=20; t=Y; psd=n; x=1; "
        "rua=mailto:a@city.example!10m, mailto:b@Reports.example,https://x.example; ruf=mailto:c@reports.example",
    )
    assert (record.p, record.sp, record.np, record.psd) == ("reject", "none", "quarantine", "n")
    assert (record.is_valid, record.testing, record.asks_for_reports) == (True, True, True)
    assert record.destinations == ("city.example", "reports.example")


def test_what_is_given_twice_or_wrongly_is_not_given() -> None:
    assert not read("a", "v=DMARC1; p=none; p=reject").is_valid
    assert not read("a", "v=DMARC1; p=reject; sp=all").is_valid
    assert not read("a", "v=DMARC1; p").is_valid
    assert read("a", "v=DMARC1;; p=reject ; =;x").is_valid


def test_a_record_of_its_own_counts_whatever_stands_above() -> None:
    zone = {"a.city.example": "v=DMARC1; p=none; sp=reject", "city.example": "v=DMARC1; p=reject"}
    assert policy("a.city.example", zone) == ("a.city.example", "none", "p")
    assert [answer.domain for answer in walked("a.city.example", zone)] == ["a.city.example"]


def test_the_organization_is_the_shortest_name_with_a_record() -> None:
    zone = {"b.city.example": "v=DMARC1; p=none", "city.example": "v=DMARC1; p=quarantine; sp=reject"}
    assert policy("a.b.city.example", zone) == ("city.example", "reject", "sp")


def test_a_head_of_an_organization_ends_the_walk() -> None:
    zone = {"b.city.example": "v=DMARC1; p=reject; psd=n", "city.example": "v=DMARC1; p=none"}
    assert policy("a.b.city.example", zone) == ("b.city.example", "reject", "p")


def test_a_public_suffix_counts_where_the_organization_has_no_record() -> None:
    suffix = {"gov.example": "v=DMARC1; p=none; np=reject; sp=quarantine; psd=y"}
    assert policy("city.gov.example", suffix) == ("gov.example", "quarantine", "sp")
    assert policy("city.gov.example", suffix, exists=False) == ("gov.example", "reject", "np")
    with_organization = suffix | {"city.gov.example": "v=DMARC1; p=reject"}
    assert policy("a.city.gov.example", with_organization) == ("city.gov.example", "reject", "p")
    below = suffix | {"b.city.gov.example": "v=DMARC1; p=reject"}
    assert policy("a.b.city.gov.example", below) == ("gov.example", "quarantine", "sp")


def test_a_subdomain_that_does_not_exist_has_np_then_sp_then_p() -> None:
    for tags, expected in (("p=none; sp=reject; np=quarantine", "np"), ("p=none; sp=reject", "sp"), ("p=reject", "p")):
        found = policy("a.city.example", {"city.example": f"v=DMARC1; {tags}"}, exists=False)
        assert found is not None
        assert found[2] == expected


def test_a_record_without_a_valid_policy_counts_as_none_where_it_asks_for_reports() -> None:
    asking = {"city.example": "v=DMARC1; rua=mailto:a@city.example"}
    assert policy("city.example", asking) == ("city.example", "none", "")
    assert policy("city.example", {"city.example": "v=DMARC1; rua=nobody"}) == ("city.example", None, "")
    assert policy("city.example", {}) is None


def test_several_records_at_one_name_are_none() -> None:
    several = DmarcAnswer(domain="city.example", records=("v=DMARC1; p=reject", "v=DMARC1; p=none"))
    assert effective("city.example", [several], exists=True) is None
    assert next_domain("city.example", several) == "example"


def test_the_walk_goes_on_over_a_gap() -> None:
    assert next_domain("city.example", DmarcAnswer(domain="city.example", records=GAP)) == "example"


def test_a_long_name_is_shortened_so_that_eight_questions_do() -> None:
    name = ".".join([*"abcdefghij", "mail", "example", "com"])
    asked = [answer.domain for answer in walked(name, {})]
    assert len(asked) == MOST_QUERIES
    assert asked[1] == "g.h.i.j.mail.example.com"
    assert asked[-1] == "com"
    eight = [answer.domain for answer in walked("a.b.c.d.e.f.example.com", {})]
    assert (len(eight), eight[1]) == (8, "b.c.d.e.f.example.com")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    record = read("city.example", "v=DMARC1;" + text)
    assert {record.p, record.sp, record.np} <= {None, *POLICIES}
