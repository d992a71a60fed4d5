"""What S3's answers mean: total over any shape, and stored as JSON without loss."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scanner.model.asset import Bucket, StorageProvider
from scanner.model.facts.base import Facts
from scanner.model.facts.storage import (
    AwsRegion,
    BucketAccessFacts,
    BucketEncryptionFacts,
    BucketPlaceFacts,
    DeclaredCountry,
    EncryptionAlgorithm,
    EncryptionRule,
    PublicAccessBlock,
    PublicGrant,
    RegionSource,
)
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes import _s3_parse as parse

BUCKET = Bucket(id="b", provider=StorageProvider.AWS, name="riverton-permits")
GROUPS = "http://acs.amazonaws.com/groups/"


def grant(uri: str | None, permission: str = "READ") -> dict[str, Any]:
    return {"Grantee": {"URI": uri, "Type": "Group"} if uri else {"ID": "1"}, "Permission": permission}


def test_grants_to_everybody_are_kept_and_all_others_left_out() -> None:
    grants = [
        grant(GROUPS + "global/AllUsers"),
        grant(GROUPS + "global/AuthenticatedUsers", "WRITE"),
        grant(GROUPS + "s3/LogDelivery", "WRITE"),
        grant(None, "FULL_CONTROL"),
    ]

    assert parse.public_grants(BUCKET, {"Grants": grants}) == (
        PublicGrant(grantee="everybody", permission="READ"),
        PublicGrant(grantee="everybody with an AWS account", permission="WRITE"),
    )


def test_a_rule_that_only_blocks_a_kind_of_encryption_encrypts_nothing() -> None:
    rules = [{"BucketKeyEnabled": False, "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}]

    found = parse.encryption(BUCKET, {"ServerSideEncryptionConfiguration": {"Rules": rules}})

    assert found == BucketEncryptionFacts(rules=())


def test_an_access_list_that_is_not_there_is_malformed_and_not_empty() -> None:
    assert parse.public_grants(BUCKET, {"Grants": []}) == ()
    assert isinstance(parse.public_grants(BUCKET, {}), Unobserved)


@pytest.mark.parametrize("name", [None, ""])
def test_no_location_is_the_oldest_region_of_aws(name: str | None) -> None:
    place = parse.place(BUCKET, name, RegionSource.GET_BUCKET_LOCATION)

    assert place == AwsRegion(region="us-east-1", learned_from=RegionSource.GET_BUCKET_LOCATION)


def test_a_policy_status_without_its_flag_is_malformed() -> None:
    gap = parse.policy_is_public(BUCKET, {"PolicyStatus": {}})

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.MALFORMED


odd = st.recursive(
    st.none() | st.text() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
names = st.sampled_from(
    [
        "ServerSideEncryptionConfiguration",
        "PublicAccessBlockConfiguration",
        "PolicyStatus",
        "OwnershipControls",
        "Grants",
    ]
)


@given(data=st.dictionaries(names, odd))
def test_no_shape_of_an_answer_raises(data: dict[str, Any]) -> None:
    parse.encryption(BUCKET, data)
    parse.block(data)
    parse.policy_is_public(BUCKET, data)
    parse.public_grants(BUCKET, data)
    parse.acls_disabled(data)


gap = Unobserved(cause=Cause.DENIED, detail="grant s3:GetBucketAcl")


@pytest.mark.parametrize(
    "facts",
    [
        BucketPlaceFacts(place=AwsRegion(region="us-east-1", learned_from=RegionSource.HEAD_BUCKET)),
        BucketPlaceFacts(place=DeclaredCountry(country="DE", reported=None)),
        BucketPlaceFacts(place=gap),
        BucketEncryptionFacts(rules=(EncryptionRule(algorithm=EncryptionAlgorithm.KMS, key="k"),)),
        BucketAccessFacts(
            bucket_block=PublicAccessBlock(ignore_public_acls=True),
            account_block=gap,
            policy_is_public=gap,
            public_grants=(PublicGrant(grantee="everybody", permission="READ"),),
            acls_disabled=False,
        ),
        BucketAccessFacts(
            bucket_block=gap,
            account_block=PublicAccessBlock(),
            policy_is_public=True,
            public_grants=gap,
            acls_disabled=gap,
        ),
    ],
)
def test_facts_survive_storing(facts: Facts) -> None:
    adapter = TypeAdapter(type(facts))

    assert adapter.validate_json(adapter.dump_json(facts)) == facts
