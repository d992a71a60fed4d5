"""The regions that civicseal knows, against those that botocore knows."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest

from scanner.model.policy import Policy
from scanner.model.regions import UNPLACED, Region, region_of
from scanner.model.unobserved import Cause, Unobserved


def _regions_of_botocore() -> frozenset[str]:
    """Every real region in botocore's partitions; `aws-global` and its kin are no places."""
    path = Path(botocore.__file__).parent / "data" / "partitions.json"
    partitions = json.loads(path.read_text("utf-8"))["partitions"]
    return frozenset(name for each in partitions for name in each["regions"] if not name.endswith("-global"))


def test_every_region_of_botocore_has_a_country() -> None:
    missing = {name for name in _regions_of_botocore() - UNPLACED if region_of("aws", name) is None}

    assert not missing, f"add these to scanner/model/regions.py: {sorted(missing)}"


def test_a_region_that_botocore_cannot_place_is_not_placed_here_either() -> None:
    assert all(region_of("aws", name) is None for name in UNPLACED)


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("us-east-1", "US"),
        ("us-gov-west-1", "US"),
        ("eusc-de-east-1", "DE"),
        ("mx-central-1", "MX"),
        ("ca-west-1", "CA"),
    ],
)
def test_a_region_has_the_country_that_it_lies_in(name: str, country: str) -> None:
    assert region_of("aws", name) == Region(provider="aws", name=name, country=country)


@pytest.mark.parametrize("name", ["us-mars-1", "us-east", "US-EAST-1", "", "eu"])
def test_a_region_is_never_mapped_by_its_prefix(name: str) -> None:
    assert region_of("aws", name) is None


def test_a_region_of_another_provider_is_not_taken_for_one_of_aws() -> None:
    assert region_of("s3", "us-east-1") is None


def test_an_unknown_region_is_a_gap_in_our_data_and_no_guess() -> None:
    gap = Policy().region("aws", "us-mars-1")

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.NOT_DECLARED
    assert "us-mars-1" in gap.detail
