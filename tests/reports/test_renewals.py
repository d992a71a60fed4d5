"""The renewal calendar: each certificate once, by the day on which it ends, with those who answer for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports import renewals
from reports.renewals import Renewal, Renewer, calendar
from reports.view import Report, SeenLeaf

DAY = timedelta(days=1)


def one(issued: str, days: int, issuer: str = "O=City Authority", *, public: bool = True) -> Renewal:
    start = datetime.fromisoformat(issued).replace(tzinfo=UTC)
    end = start + days * DAY - timedelta(seconds=1)
    return Renewal(fingerprint="f", subject="s", issuer=issuer, not_before=start, not_after=end, public=public)


def test_each_certificate_stands_once_with_its_assets_and_departments(city: Report) -> None:
    found = calendar(city)
    assert [each.subject for each in found.renewals] == ["CN=library", "CN=mx1", "CN=*.riverton.example"]
    wildcard = found.renewals[-1]
    assert wildcard.assets == ["parks", "permits", "www"]
    assert [found.owner(each) for each in wildcard.departments] == ["No department", "City Clerk"]
    assert wildcard.public
    assert [each.days_left(found.now) for each in found.renewals] == [-3, 35, 40]


def test_months_follow_the_calendar_and_what_has_expired_comes_first(city: Report) -> None:
    found = calendar(city)
    months = found.months(found.renewals)
    assert [(each.key, each.title) for each in months] == [
        ("expired", "Expired already"),
        ("2026-12", "December 2026"),
        ("2027-01", "January 2027"),
    ]


def test_what_falls_due_is_counted_by_month_and_department(city: Report) -> None:
    assert [(each.month, each.department, each.certificates, dict(each.renewers)) for each in calendar(city).due()] == [
        ("Expired already", "Public Library", 1, {Renewer.BY_HAND: 1}),
        ("December 2026", "No department", 1, {Renewer.MACHINE: 1}),
        ("January 2027", "City Clerk", 1, {Renewer.BY_HAND: 1}),
        ("January 2027", "No department", 1, {Renewer.BY_HAND: 1}),
    ]


def test_the_load_grows_as_public_lifetimes_fall_and_the_city_counts_each_certificate_once(city: Report) -> None:
    loads = {each.department: each for each in calendar(city).loads()}
    assert list(loads) == ["City Clerk", "No department", "Public Library", "All together"]
    assert (loads["City Clerk"].today, loads["City Clerk"].limited) == (1, [2, 4, 8])
    library = loads["Public Library"]
    assert (library.today, library.limited) == (1, [1, 1, 1])  # not public: 365/3650, rounded up
    everything = loads["All together"]
    assert (everything.certificates, everything.renewers[Renewer.MACHINE]) == (3, 1)
    assert everything.limited == [2, 4, 8]  # 1.825 + 0.1, 3.65 + 0.1, 7.77 + 0.1


@pytest.mark.parametrize(
    ("renewal", "automatic"),
    [
        (one("2026-06-01", 90), True),
        (one("2026-06-01", 100), True),
        (one("2026-06-01", 101), False),
        (one("2026-06-01", 101, "CN=R11,O=Let's Encrypt,C=US"), True),
        (one("2026-06-01", 101, "CN=WR1,O=Google Trust Services,C=US"), True),
        (one("2027-06-01", 100), False),  # all that public authorities give by then
        (one("2027-06-01", 90), True),
        (one("2029-06-01", 47), False),
        (one("2029-06-01", 45), True),
        (one("2010-06-01", 90), True),
    ],
)
def test_a_short_life_or_a_known_issuer_makes_a_machine_likely(renewal: Renewal, automatic: bool) -> None:
    assert renewal.renewer(renewal.not_before) is (Renewer.MACHINE if automatic else Renewer.BY_HAND)


@pytest.mark.parametrize(
    ("left", "renewer"),
    [(31, Renewer.MACHINE), (30, Renewer.MACHINE), (29, Renewer.BY_HAND), (0, Renewer.BY_HAND), (-1, Renewer.BY_HAND)],
)
def test_what_a_machine_would_have_renewed_by_now_is_not_called_automatic(left: int, renewer: Renewer) -> None:
    renewal = one("2026-06-01", 90, "CN=R11,O=Let's Encrypt,C=US")
    assert renewal.renewer(renewal.not_after - left * DAY) is renewer


def test_of_a_private_authority_it_cannot_be_told_and_who_signs_itself_does_it_by_hand() -> None:
    private = one("2026-06-01", 90, public=False)
    assert private.renewer(private.not_before) is Renewer.UNTOLD
    assert private.renewer(private.not_after) is Renewer.BY_HAND
    own = replace(private, own=True)
    assert own.renewer(own.not_before) is Renewer.BY_HAND


def test_a_certificate_that_signs_itself_is_known_by_its_issuer_or_its_signature(
    city: Report, certificate: Any
) -> None:
    plain = certificate("www", 90, 80)
    for changes in ({"issuer": plain.subject}, {"self_signed": True}):
        seen = [SeenLeaf(asset="www", certificate=replace(plain, **changes), public=False)]
        [renewal] = calendar(replace(city, certificates=seen)).renewals
        assert renewal.own


def test_a_certificate_is_called_after_its_first_name_else_after_its_common_name(
    city: Report, certificate: Any
) -> None:
    seen = [
        SeenLeaf(asset="www", certificate=certificate("one", 90, 80), public=True, host="www.riverton.example"),
        SeenLeaf(asset="www", certificate=certificate("two", 90, 81), public=True),
    ]
    found = calendar(replace(city, certificates=seen)).renewals
    assert [each.host for each in found] == ["www.riverton.example", "two"]


def test_limits_bind_public_authorities_alone() -> None:
    assert one("2026-06-01", 398).a_year(47) == pytest.approx(365 / 47)
    assert one("2026-06-01", 30).a_year(47) == pytest.approx(365 / 30)
    assert one("2026-06-01", 398, public=False).a_year(47) == pytest.approx(365 / 398)


def test_dates_in_the_wrong_order_and_far_away_break_nothing(city: Report, certificate: Any) -> None:
    wrong = replace(certificate("wrong", 10, 5), not_before=datetime.max.replace(tzinfo=UTC))
    far = replace(certificate("far", 10, 5), not_before=datetime.min, not_after=datetime.max)
    seen = [SeenLeaf(asset="www", certificate=each, public=True) for each in (wrong, far)]
    found = calendar(replace(city, certificates=seen))
    assert [each.lifetime for each in found.renewals] == [1, 3652060]
    assert found.loads()[-1].certificates == 2
    assert [each.title for each in found.months(found.renewals)] == ["November 2026", "December 9999"]


def test_beyond_the_most_that_is_kept_the_rest_is_counted(
    city: Report, certificate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewals, "MOST_CERTIFICATES", 3)
    seen = [SeenLeaf(asset="www", certificate=certificate(f"c{n}", 90, n), public=True) for n in (1, 2, 3, 4, 5, 1)]
    found = calendar(replace(city, certificates=seen))
    assert (len(found.renewals), found.left_out) == (3, 2)


def test_assets_that_left_the_inventory_have_no_department(city: Report, certificate: Any) -> None:
    seen = [SeenLeaf(asset="gone", certificate=certificate("gone", 90, 5), public=True)]
    [renewal] = calendar(replace(city, certificates=seen)).renewals
    assert (renewal.assets, renewal.departments) == (["gone"], [None])
