"""MTA-STS records and policies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.facts.mail import StsBroken, StsMode, StsPolicy
from scanner.model.mta_sts import is_record, not_covered, policy_from, record_fault

GOOD = "version: STSv1\r\nmode: enforce\r\nmx: mx1.city.example\r\nmx: *.mail.example\r\nmax_age: 604800\r\n"


@pytest.mark.parametrize("text", ["v=STSv1; id=1;", "v=STSv1", "v=STSv1 ; id=1", "v=STSv1;"])
def test_what_is_meant_as_a_record(text: str) -> None:
    assert is_record(text)


@pytest.mark.parametrize(
    "text", ["", "v=STSv2; id=1", "V=STSv1; id=1", " v=STSv1; id=1", "v=STSv11; id=1", "id=1; v=STSv1"]
)
def test_what_is_not(text: str) -> None:
    assert not is_record(text)


@pytest.mark.parametrize("text", ["v=STSv1; id=20160831085700Z;", "v=STSv1;id=a", "v=STSv1; new=1; id=A1"])
def test_a_valid_record(text: str) -> None:
    assert record_fault(text) is None


@pytest.mark.parametrize("text", ["v=STSv1;", "v=STSv1; id=", "v=STSv1; id=a-b", "v=STSv1; id=" + "1" * 33])
def test_a_record_with_a_fault(text: str) -> None:
    assert record_fault(text)


def test_a_policy_is_read() -> None:
    expected = StsPolicy(mode=StsMode.ENFORCE, mx=("mx1.city.example", "*.mail.example"), max_age=604_800)
    assert policy_from(GOOD) == expected
    assert policy_from(GOOD.replace("\r\n", "\n")) == expected
    assert policy_from(GOOD + "new_key: what: ever\n\n") == expected
    assert policy_from(GOOD + "mode: none\nmax_age: x\n") == expected  # of what stands twice the first counts


def test_mode_none_needs_no_mx() -> None:
    assert policy_from("version: STSv1\nmode: none\nmax_age: 0") == StsPolicy(mode=StsMode.NONE, mx=(), max_age=0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("STSv1", "STSv2"),
        ("version: STSv1\r\n", ""),
        ("enforce", "Enforce"),
        ("mode: enforce\r\n", ""),
        ("604800", "-1"),
        ("604800", "31557601"),
        ("604800", "12345678901"),
        ("604800", "1 week"),
        ("max_age: 604800\r\n", ""),
        ("mx: mx1.city.example\r\nmx: *.mail.example\r\n", ""),
        ("mx1.city.example", "mx*.city.example"),
        ("mx1.city.example", "10 mx1.city.example"),
        ("mode: enforce", "mode enforce"),
        ("mx1.city.example", ""),
        (GOOD, ""),
        (GOOD, "<html><body>404</body></html>"),
        (GOOD, GOOD + "mx: a.example\n" * 300),
    ],
)
def test_a_policy_with_a_fault_is_told(old: str, new: str) -> None:
    found = policy_from(GOOD.replace(old, new))
    assert isinstance(found, StsBroken)
    assert found.why


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_broken(text: str) -> None:
    assert isinstance(policy_from(text), StsPolicy | StsBroken)
    assert record_fault(text) is None or record_fault(text)


def test_patterns_cover_hosts_by_whole_labels() -> None:
    policy = StsPolicy(mode=StsMode.ENFORCE, mx=("mx1.city.example", "*.mail.example"), max_age=1)
    assert not_covered(("MX1.city.example", "a.mail.example"), policy) == ()
    outside = ("mx2.city.example", "mail.example", "a.b.mail.example")
    assert not_covered(outside, policy) == outside
