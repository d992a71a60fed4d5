"""storage-place."""

from __future__ import annotations

import pytest

from checks.storage_place import storage_place
from scanner.model.asset import Bucket, StorageProvider
from scanner.model.facts.storage import AwsRegion, BucketPlaceFacts, DeclaredCountry, RegionSource
from scanner.model.finding import Failed, Passed, Undecided, Verdict
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

BUCKET = Bucket(id="permits", provider=StorageProvider.AWS, name="riverton-permits")


def judge(place: AwsRegion | DeclaredCountry | Unobserved, policy: Policy | None = None) -> Verdict:
    verdict = storage_place.judge(BUCKET, BucketPlaceFacts(place=place), policy or Policy())
    assert isinstance(verdict, Verdict)
    return verdict


def aws(region: str) -> AwsRegion:
    return AwsRegion(region=region, learned_from=RegionSource.HEAD_BUCKET)


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
def test_a_region_in_a_permitted_country_passes(region: str) -> None:
    verdict = judge(aws(region))

    assert isinstance(verdict, Passed)
    assert region in verdict.reason
    assert "US" in [item.value for item in verdict.evidence]


def test_a_region_in_another_country_fails_and_names_both() -> None:
    verdict = judge(aws("eu-west-1"))

    assert isinstance(verdict, Failed)
    assert "IE" in verdict.reason
    assert "eu-west-1" in verdict.reason
    assert "US" in verdict.fix


def test_the_city_decides_which_countries_are_permitted() -> None:
    policy = Policy(permitted_countries=("CA", "ch"))

    assert isinstance(judge(aws("eu-central-2"), policy), Passed)
    assert isinstance(judge(aws("us-east-1"), policy), Failed)


def test_with_no_permitted_country_every_place_fails() -> None:
    assert isinstance(judge(aws("us-east-1"), Policy(permitted_countries=())), Failed)


@pytest.mark.parametrize("region", ["us-mars-1", "eu-isoe-west-1", ""])
def test_a_region_that_our_data_lacks_is_unknown_and_never_a_pass(region: str) -> None:
    verdict = judge(aws(region))

    assert isinstance(verdict, Undecided)
    assert verdict.unobserved.cause is Cause.NOT_DECLARED


def test_a_declared_country_decides_where_region_names_prove_nothing() -> None:
    assert isinstance(judge(DeclaredCountry(country="US", reported="eu-west-1")), Passed)

    verdict = judge(DeclaredCountry(country="DE", reported=None))

    assert isinstance(verdict, Failed)
    assert "DE" in verdict.reason


def test_the_name_that_a_server_gives_its_region_is_evidence_only() -> None:
    verdict = judge(DeclaredCountry(country="US", reported="default"))

    assert "default" in [item.value for item in verdict.evidence]


def test_a_place_that_was_not_seen_is_handed_on() -> None:
    gap = Unobserved(cause=Cause.NOT_DECLARED, detail="declare country")

    verdict = judge(gap)

    assert isinstance(verdict, Undecided)
    assert verdict.unobserved is gap
