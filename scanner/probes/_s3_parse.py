"""What S3's answers mean: pure functions from parsed replies to facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from scanner.model.asset import Bucket, StorageProvider
from scanner.model.facts.storage import (
    AwsRegion,
    BucketEncryptionFacts,
    DeclaredCountry,
    EncryptionAlgorithm,
    EncryptionRule,
    PublicAccessBlock,
    PublicGrant,
    RegionSource,
)
from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved

_PUBLIC_GROUPS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "everybody",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "everybody with an AWS account",
}
# What GetBucketLocation says for two regions that are older than its naming.
_OLD_NAMES = {"": "us-east-1", "EU": "eu-west-1"}

T = TypeVar("T")


def place(bucket: Bucket, name: str | None, source: RegionSource) -> AwsRegion | DeclaredCountry | Unobserved:
    """Where the bucket lies, from what the server calls its region (None or empty: it names none)."""
    if bucket.provider is StorageProvider.AWS:
        return _aws_region(bucket, name or "", source)
    reported = harmless(name, 100) if name else None
    if bucket.country is not None:
        return DeclaredCountry(country=bucket.country, reported=reported)
    told = f"names the region {reported!r}, which proves nothing" if reported else "names no region"
    return Unobserved(
        cause=Cause.NOT_DECLARED,
        detail=f"The server of the bucket {bucket.name} {told}; declare the bucket's `country` in the inventory.",
    )


def _aws_region(bucket: Bucket, name: str, source: RegionSource) -> AwsRegion | Unobserved:
    region = _OLD_NAMES.get(name, name) if source is RegionSource.GET_BUCKET_LOCATION else name
    if re.fullmatch(r"[a-z0-9-]{1,63}", region):
        return AwsRegion(region=region, learned_from=source)
    return _malformed(bucket, "region")


def encryption(bucket: Bucket, data: Mapping[str, Any]) -> BucketEncryptionFacts | Unobserved:
    """The bucket's default encryption. A rule without an algorithm (it may only block a kind) counts as none."""
    rules: list[EncryptionRule] = []
    for default in _defaults(data):
        named = default.get("SSEAlgorithm")
        if not named:
            continue
        if named not in set(EncryptionAlgorithm):
            told = f"The bucket {bucket.name} names the encryption {harmless(str(named), 60)!r}"
            detail = f"{told}, which this version of civicseal does not know; please report it."
            return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
        key = default.get("KMSMasterKeyID")
        rules.append(
            EncryptionRule(algorithm=EncryptionAlgorithm(named), key=harmless(str(key), 2048) if key else None)
        )
    return BucketEncryptionFacts(rules=tuple(rules))


def _defaults(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The default of each rule; Ceph answers without the list where none is configured."""
    rules = _items(_mapping(data.get("ServerSideEncryptionConfiguration")).get("Rules"))
    return [_mapping(_mapping(rule).get("ApplyServerSideEncryptionByDefault")) for rule in rules]


def block(data: Mapping[str, Any]) -> PublicAccessBlock:
    """The four switches; a missing one is off, as the service treats it."""
    switches = _mapping(data.get("PublicAccessBlockConfiguration"))
    return PublicAccessBlock(
        block_public_acls=switches.get("BlockPublicAcls") is True,
        ignore_public_acls=switches.get("IgnorePublicAcls") is True,
        block_public_policy=switches.get("BlockPublicPolicy") is True,
        restrict_public_buckets=switches.get("RestrictPublicBuckets") is True,
    )


def policy_is_public(bucket: Bucket, data: Mapping[str, Any]) -> bool | Unobserved:
    """The service's own word on the policy; no policy (no data) is not public."""
    if not data:
        return False
    said = _mapping(data.get("PolicyStatus")).get("IsPublic")
    return said if isinstance(said, bool) else _malformed(bucket, "policy status")


def public_grants(bucket: Bucket, data: Mapping[str, Any]) -> tuple[PublicGrant, ...] | Unobserved:
    """What the access list grants to everybody; grants to single accounts are left out."""
    if not isinstance(data.get("Grants"), list):
        return _malformed(bucket, "access list")
    grants = [_mapping(grant) for grant in data["Grants"]]
    found = [(_PUBLIC_GROUPS.get(str(_mapping(grant.get("Grantee")).get("URI")).strip()), grant) for grant in grants]
    return tuple(
        PublicGrant(grantee=who, permission=harmless(str(grant.get("Permission")), 40)) for who, grant in found if who
    )


def acls_disabled(data: Mapping[str, Any]) -> bool:
    """Whether object ownership is BucketOwnerEnforced, so that access lists have no effect."""
    rules = _items(_mapping(data.get("OwnershipControls")).get("Rules"))
    return any(_mapping(rule).get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)


def _malformed(bucket: Bucket, part: str) -> Unobserved:
    return Unobserved(
        cause=Cause.MALFORMED,
        detail=f"The server of the bucket {bucket.name} gave its {part} in a form that the S3 API does not know.",
    )


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
