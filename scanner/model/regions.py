"""Cloud regions and the countries that they lie in: reference data with its source.

Source: the `partitions.json` of botocore (Apache-2.0, read 2026-11-22), whose descriptions name city or country. A test
fails as soon as botocore knows a region that this table lacks. Regions are never mapped by their prefix.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Region:
    """A provider's region and its country (ISO 3166)."""

    provider: str
    name: str
    country: str


_AWS: dict[str, str] = {
    "af-south-1": "ZA",
    "ap-east-1": "HK",
    "ap-east-2": "TW",
    "ap-northeast-1": "JP",
    "ap-northeast-2": "KR",
    "ap-northeast-3": "JP",
    "ap-south-1": "IN",
    "ap-south-2": "IN",
    "ap-southeast-1": "SG",
    "ap-southeast-2": "AU",
    "ap-southeast-3": "ID",
    "ap-southeast-4": "AU",
    "ap-southeast-5": "MY",
    "ap-southeast-6": "NZ",
    "ap-southeast-7": "TH",
    "ca-central-1": "CA",
    "ca-west-1": "CA",
    "cn-north-1": "CN",
    "cn-northwest-1": "CN",
    "eu-central-1": "DE",
    "eu-central-2": "CH",
    "eu-north-1": "SE",
    "eu-south-1": "IT",
    "eu-south-2": "ES",
    "eu-west-1": "IE",
    "eu-west-2": "GB",
    "eu-west-3": "FR",
    "eusc-de-east-1": "DE",
    "il-central-1": "IL",
    "me-central-1": "AE",
    "me-south-1": "BH",
    "me-west-1": "SA",
    "mx-central-1": "MX",
    "sa-east-1": "BR",
    "sa-west-1": "CL",
    "us-east-1": "US",
    "us-east-2": "US",
    "us-gov-east-1": "US",
    "us-gov-west-1": "US",
    "us-iso-east-1": "US",
    "us-iso-west-1": "US",
    "us-isob-east-1": "US",
    "us-isob-west-1": "US",
    "us-isof-east-1": "US",
    "us-isof-south-1": "US",
    "us-west-1": "US",
    "us-west-2": "US",
}

# Regions that AWS names without saying where they lie.
UNPLACED: frozenset[str] = frozenset({"eu-isoe-west-1"})


def region_of(provider: str, name: str) -> Region | None:
    """The region, or None where the table lacks it."""
    country = _AWS.get(name) if provider == "aws" else None
    return Region(provider=provider, name=name, country=country) if country else None
