"""Every question about a bucket, with the permission that it needs: what `plan` prints is what is sent."""

from __future__ import annotations

from dataclasses import replace

from scanner.transports.aws import Question

_NO_BLOCK = frozenset({"NoSuchPublicAccessBlockConfiguration", "NotImplemented"})  # a server without it blocks nothing

HEAD = Question(operation="head_bucket", api="HeadBucket", permission="s3:ListBucket")
LOCATION = Question(
    operation="get_bucket_location",
    api="GetBucketLocation",
    permission="s3:GetBucketLocation",
    root="LocationConstraint",
)
ENCRYPTION = Question(
    operation="get_bucket_encryption",
    api="GetBucketEncryption",
    permission="s3:GetEncryptionConfiguration",
    root="ServerSideEncryptionConfiguration",
    absent=frozenset({"ServerSideEncryptionConfigurationNotFoundError"}),
)
BLOCK = Question(
    operation="get_public_access_block",
    api="GetPublicAccessBlock",
    permission="s3:GetBucketPublicAccessBlock",
    root="PublicAccessBlockConfiguration",
    absent=_NO_BLOCK,
)
ACCOUNT_BLOCK = replace(BLOCK, permission="s3:GetAccountPublicAccessBlock")
POLICY = Question(
    operation="get_bucket_policy_status",
    api="GetBucketPolicyStatus",
    permission="s3:GetBucketPolicyStatus",
    root="PolicyStatus",
    absent=frozenset({"NoSuchBucketPolicy"}),
)
ACL = Question(operation="get_bucket_acl", api="GetBucketAcl", permission="s3:GetBucketAcl", root="AccessControlPolicy")
OWNERSHIP = Question(
    operation="get_bucket_ownership_controls",
    api="GetBucketOwnershipControls",
    permission="s3:GetBucketOwnershipControls",
    root="OwnershipControls",
    absent=frozenset({"OwnershipControlsNotFoundError", "NotImplemented"}),
)
ASKED = (HEAD, LOCATION, ENCRYPTION, BLOCK, POLICY, ACL, OWNERSHIP)
