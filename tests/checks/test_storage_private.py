"""storage-private."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.storage_private import storage_private
from scanner.model.asset import Bucket, StorageProvider
from scanner.model.facts.storage import BucketAccessFacts, PublicAccessBlock, PublicGrant
from scanner.model.finding import Failed, Passed, Undecided, Verdict
from scanner.model.unobserved import Cause, Unobserved

BUCKET = Bucket(id="permits", provider=StorageProvider.AWS, name="riverton-permits")
OFF = PublicAccessBlock()
FULL = PublicAccessBlock(
    block_public_acls=True, ignore_public_acls=True, block_public_policy=True, restrict_public_buckets=True
)
PRIVATE = BucketAccessFacts(
    bucket_block=OFF, account_block=OFF, policy_is_public=False, public_grants=(), acls_disabled=False
)
GRANTS = (PublicGrant(grantee="everybody", permission="READ"),)


def denied(permission: str) -> Unobserved:
    return Unobserved(cause=Cause.DENIED, detail=f"grant {permission}")


def judge(access: BucketAccessFacts | Unobserved, bucket: Bucket = BUCKET) -> Verdict:
    verdict = storage_private.judge(bucket, access)
    assert isinstance(verdict, Verdict)
    return verdict


def test_a_bucket_that_nothing_opens_passes_without_any_block() -> None:
    assert isinstance(judge(PRIVATE), Passed)


def test_a_public_policy_fails() -> None:
    verdict = judge(replace(PRIVATE, policy_is_public=True))

    assert isinstance(verdict, Failed)
    assert "policy" in verdict.reason
    assert "Block Public Access" in verdict.fix


def test_a_public_grant_fails_and_is_named() -> None:
    verdict = judge(replace(PRIVATE, public_grants=GRANTS))

    assert isinstance(verdict, Failed)
    assert "everybody: READ" in [item.value for item in verdict.evidence]


@pytest.mark.parametrize("where", ["bucket_block", "account_block"])
def test_restricted_public_buckets_make_a_public_policy_harmless(where: str) -> None:
    block = PublicAccessBlock(restrict_public_buckets=True)

    assert isinstance(judge(replace(PRIVATE, policy_is_public=True, **{where: block})), Passed)


@pytest.mark.parametrize("where", ["bucket_block", "account_block"])
def test_ignored_public_access_lists_make_a_public_grant_harmless(where: str) -> None:
    block = PublicAccessBlock(ignore_public_acls=True)

    assert isinstance(judge(replace(PRIVATE, public_grants=GRANTS, **{where: block})), Passed)


def test_blocking_new_public_policies_does_not_close_an_old_one() -> None:
    block = PublicAccessBlock(block_public_acls=True, block_public_policy=True)

    assert isinstance(judge(replace(PRIVATE, policy_is_public=True, bucket_block=block)), Failed)
    assert isinstance(judge(replace(PRIVATE, public_grants=GRANTS, bucket_block=block)), Failed)


def test_an_enforced_owner_makes_public_grants_harmless() -> None:
    assert isinstance(judge(replace(PRIVATE, public_grants=GRANTS, acls_disabled=True)), Passed)


@pytest.mark.parametrize("where", ["bucket_block", "account_block"])
def test_a_full_block_proves_private_without_policy_and_access_list(where: str) -> None:
    other = "account_block" if where == "bucket_block" else "bucket_block"
    gaps = dict.fromkeys(("policy_is_public", "public_grants", "acls_disabled", other), denied("s3:Anything"))

    assert isinstance(judge(replace(PRIVATE, **{**gaps, where: FULL})), Passed)


@pytest.mark.parametrize(
    ("part", "permission"),
    [("policy_is_public", "s3:GetBucketPolicyStatus"), ("public_grants", "s3:GetBucketAcl")],
)
def test_a_denied_answer_that_the_verdict_hangs_on_is_unknown_and_names_the_permission(
    part: str, permission: str
) -> None:
    verdict = judge(replace(PRIVATE, **{part: denied(permission)}))

    assert isinstance(verdict, Undecided)
    assert permission in verdict.unobserved.detail


@pytest.mark.parametrize("part", ["bucket_block", "account_block", "acls_disabled"])
def test_a_denied_answer_that_nothing_hangs_on_does_not_matter(part: str) -> None:
    assert isinstance(judge(replace(PRIVATE, **{part: denied("s3:Anything")})), Passed)


def test_a_public_policy_under_an_unseen_block_is_unknown() -> None:
    verdict = judge(replace(PRIVATE, policy_is_public=True, account_block=denied("s3:GetAccountPublicAccessBlock")))

    assert isinstance(verdict, Undecided)
    assert "s3:GetAccountPublicAccessBlock" in verdict.unobserved.detail


def test_a_public_grant_is_unknown_while_ownership_is_unseen() -> None:
    verdict = judge(replace(PRIVATE, public_grants=GRANTS, acls_disabled=denied("s3:GetBucketOwnershipControls")))

    assert isinstance(verdict, Undecided)


def test_one_certain_way_in_is_a_failure_whatever_else_is_denied() -> None:
    assert isinstance(judge(replace(PRIVATE, policy_is_public=True, public_grants=denied("s3:GetBucketAcl"))), Failed)


def test_several_gaps_are_all_told() -> None:
    verdict = judge(replace(PRIVATE, policy_is_public=denied("first"), public_grants=denied("second")))

    assert isinstance(verdict, Undecided)
    assert "first" in verdict.unobserved.detail
    assert any("second" in item.value for item in verdict.evidence)


def test_a_bucket_that_is_meant_to_be_public_fails_until_a_waiver_says_so() -> None:
    meant = replace(BUCKET, datasets=("council-minutes",))

    assert isinstance(judge(replace(PRIVATE, policy_is_public=True), meant), Failed)


@pytest.mark.parametrize("endpoint", [None, "https://s3.us-east-1.amazonaws.com"])
def test_the_block_of_the_account_is_told_where_it_was_asked(endpoint: str | None) -> None:
    verdict = judge(replace(PRIVATE, account_block=FULL), replace(BUCKET, endpoint=endpoint))

    assert isinstance(verdict, Passed)
    assert "public-access block of the account" in [item.fact for item in verdict.evidence]


def test_behind_an_endpoint_of_its_own_no_account_is_told() -> None:
    verdict = judge(PRIVATE, replace(BUCKET, endpoint="http://127.0.0.1:17500"))

    assert "public-access block of the account" not in [item.fact for item in verdict.evidence]


def test_what_could_not_be_seen_at_all_is_handed_on() -> None:
    gap = denied("everything")

    verdict = judge(gap)

    assert isinstance(verdict, Undecided)
    assert verdict.unobserved is gap
