"""What was seen of a bucket: where it lies, how it encrypts, and who may read it.

Three kinds, so that a denied permission costs only the checks whose verdict hangs on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scanner.model.facts.base import Facts
from scanner.model.unobserved import Unobserved


class RegionSource(StrEnum):
    """Which answer named the region."""

    HEAD_BUCKET = "HeadBucket"
    GET_BUCKET_LOCATION = "GetBucketLocation"


@dataclass(frozen=True, kw_only=True)
class AwsRegion:
    """A region of AWS, as the service itself named it; its country is reference data."""

    region: str
    learned_from: RegionSource


@dataclass(frozen=True, kw_only=True)
class DeclaredCountry:
    """The country that the inventory declares for a bucket on a server whose region names prove nothing.

    Attributes:
        country: ISO 3166 code from the inventory.
        reported: what the server calls its region; None where it names none. Evidence only.
    """

    country: str
    reported: str | None


@dataclass(frozen=True, kw_only=True)
class BucketPlaceFacts(Facts):
    """Where a bucket lies. `place` is a gap where the server answered but its answer proves nothing."""

    place: AwsRegion | DeclaredCountry | Unobserved


class EncryptionAlgorithm(StrEnum):
    """How a bucket encrypts new objects by default (`ServerSideEncryption` of the S3 API)."""

    AES256 = "AES256"
    KMS = "aws:kms"
    KMS_DSSE = "aws:kms:dsse"


@dataclass(frozen=True, kw_only=True)
class EncryptionRule:
    """One rule of a bucket's default encryption; `key` is the KMS key as configured, None for the service's own."""

    algorithm: EncryptionAlgorithm
    key: str | None


@dataclass(frozen=True, kw_only=True)
class BucketEncryptionFacts(Facts):
    """A bucket's default encryption; no rule means that none is configured."""

    rules: tuple[EncryptionRule, ...]


@dataclass(frozen=True, kw_only=True)
class PublicAccessBlock:
    """The four switches of S3 Block Public Access; where none is configured, all are off."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


@dataclass(frozen=True, kw_only=True)
class PublicGrant:
    """One permission that a bucket's access list gives to everybody, or to everybody with any AWS account."""

    grantee: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class BucketAccessFacts(Facts):
    """Who may reach a bucket, part by part; each part may be a gap of its own.

    Attributes:
        bucket_block: the bucket's own public-access block.
        account_block: that of the whole account; all off where there is no such thing.
        policy_is_public: whether the service calls the bucket's policy public; False where there is no policy.
        public_grants: what the access list gives to everybody.
        acls_disabled: whether access lists have no effect (object ownership is BucketOwnerEnforced).
    """

    bucket_block: PublicAccessBlock | Unobserved
    account_block: PublicAccessBlock | Unobserved
    policy_is_public: bool | Unobserved
    public_grants: tuple[PublicGrant, ...] | Unobserved
    acls_disabled: bool | Unobserved
