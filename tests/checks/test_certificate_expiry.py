"""certificate-expiry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from checks.certificate_expiry import certificate_expiry
from scanner.model.facts.tls import CA_BUNDLE, CertificateFacts
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided, Verdict


def judge(tls: Any, *deployments: Any) -> Verdict:
    verdict = certificate_expiry.judge(tls.site, tls.facts(*deployments), tls.http, tls.service, tls.policy, tls.now)
    assert isinstance(verdict, Verdict)
    return verdict


def valid(tls: Any, since: float, left: float) -> Any:
    """A leaf that has been valid for some days and has some days left."""
    return tls.deployment(leaf={"not_before": tls.now - since * tls.day, "not_after": tls.now + left * tls.day})


@pytest.mark.parametrize(
    ("since", "left", "verdict"),
    [
        (30, 60, Passed),
        (83, 7.01, Passed),
        (83, 6.99, Failed),
        (365, 6.9, Failed),
        (40, 5, Passed),  # of 45 days a tenth is 4.5
        (40, 4.4, Failed),
        (5, 1, Passed),  # of 6 days a tenth is 0.6
        (5.5, 0.5, Failed),
        (30, -0.01, Failed),
        (-1, 60, Failed),
        (0, 60, Passed),
    ],
)
def test_dates_decide_with_a_week_or_a_tenth_of_the_lifetime_to_spare(
    tls: Any, since: float, left: float, verdict: type[Verdict]
) -> None:
    assert isinstance(judge(tls, valid(tls, since, left)), verdict)


def test_the_reason_says_what_is_wrong_and_when(tls: Any) -> None:
    assert "expired on 2026-11-20 12:00 UTC" in judge(tls, valid(tls, 30, -2)).reason
    assert "not valid before 2026-11-24" in judge(tls, valid(tls, -2, 60)).reason
    soon = judge(tls, valid(tls, 80, 3))
    assert "in 3.0 days" in soon.reason
    assert soon.evidence[0].value == "2026-09-03 12:00 UTC to 2026-11-25 12:00 UTC"


def test_an_expired_intermediate_fails_only_if_every_path_needs_it(tls: Any) -> None:
    leaf, middle, root = tls.path
    expired = (leaf, replace(middle, not_after=tls.now - tls.day), root)
    bad = tls.deployment(trust=tls.accepted(*tls.stores, path=expired))
    verdict = judge(tls, bad)
    assert isinstance(verdict, Failed)
    assert "CN=Issuing CA" in verdict.reason
    one_good = tls.deployment(trust=(*tls.accepted("Apple", path=expired), *tls.accepted(CA_BUNDLE)))
    assert isinstance(judge(tls, one_good), Passed)


def test_the_dates_of_a_root_do_not_count(tls: Any) -> None:
    leaf, middle, root = tls.path
    path = (leaf, middle, replace(root, not_after=tls.now - tls.day))
    assert isinstance(judge(tls, tls.deployment(trust=tls.accepted(path=path))), Passed)
    pinned = tls.deployment(trust=tls.accepted(CA_BUNDLE, path=(leaf,)))
    assert isinstance(judge(tls, pinned), Passed)


def test_an_intermediate_whose_dates_are_unreadable_is_undecided(tls: Any) -> None:
    path = (tls.path[0], tls.gap, tls.path[2])
    assert isinstance(judge(tls, tls.deployment(trust=tls.accepted(path=path))), Undecided)


def test_a_chain_that_nobody_accepts_is_still_judged_by_its_dates(tls: Any) -> None:
    assert isinstance(judge(tls, tls.deployment(trust=tls.rejected(*tls.stores))), Passed)


def test_dates_without_a_zone_are_utc(tls: Any) -> None:
    naive = {
        "not_before": tls.leaf.not_before.replace(tzinfo=None),
        "not_after": tls.leaf.not_after.replace(tzinfo=None),
    }
    assert isinstance(judge(tls, tls.deployment(leaf=naive)), Passed)


def test_the_worst_address_decides(tls: Any) -> None:
    verdict = judge(tls, tls.deployment(), tls.gap, valid(tls, 30, -1))
    assert isinstance(verdict, Failed)
    assert "192.0.2.3" in verdict.reason
    assert isinstance(judge(tls, tls.deployment(), tls.gap), Undecided)


def test_gaps_and_a_site_without_tls(tls: Any) -> None:
    def ask(facts: Any, http: Any) -> Verdict:
        return certificate_expiry.judge(tls.site, facts, http, tls.service, tls.policy, tls.now)  # type: ignore[return-value]

    assert isinstance(ask(tls.gap, tls.http), Undecided)
    assert isinstance(ask(tls.gap, tls.lacking), NotApplicable)
    assert isinstance(ask(CertificateFacts(addresses=()), tls.gap), Undecided)
    assert isinstance(ask(tls.facts(tls.deployment(chain=(tls.gap,))), tls.http), Undecided)


@pytest.mark.parametrize(
    ("issued", "days", "value"),
    [
        ("2026-11-01", 90, "90 days, within the 200 days that public authorities may give since 2026-03-15"),
        ("2026-11-01", 365, "365 days, longer than the 200 days that public authorities may give since 2026-03-15"),
        ("2026-03-14", 398, "398 days, within the 398 days that public authorities may give since 2020-09-01"),
        ("2017-11-01", 4000, "4000 days"),
    ],
)
def test_the_lifetime_is_told_beside_what_public_authorities_may_give(
    tls: Any, issued: str, days: int, value: str
) -> None:
    start = datetime.fromisoformat(f"{issued}T00:00:00Z")
    end = start + days * tls.day - timedelta(seconds=1)
    verdict = judge(tls, tls.deployment(leaf={"not_before": start, "not_after": end}))
    assert isinstance(verdict, Passed)
    assert verdict.evidence[-1].value == value
    own = tls.deployment(leaf={"not_before": start, "not_after": end}, trust=tls.accepted(CA_BUNDLE))
    assert judge(tls, own).evidence[-1].value == f"{days} days"


def test_other_listeners_are_judged_likewise(tls: Any) -> None:
    facts = tls.facts(valid(tls, 30, -1))
    verdict = certificate_expiry.judge(tls.listener, facts, tls.gap, tls.service, tls.policy, tls.now)
    assert isinstance(verdict, Failed)
