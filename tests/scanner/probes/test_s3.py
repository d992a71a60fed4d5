"""The S3 probe against moto, a real S3 server on loopback, with its permission checks on where that matters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from scanner.model.asset import Bucket, CloudCredential, StorageProvider
from scanner.model.facts.base import Facts
from scanner.model.facts.storage import (
    AwsRegion,
    BucketAccessFacts,
    BucketEncryptionFacts,
    BucketPlaceFacts,
    DeclaredCountry,
    EncryptionAlgorithm,
    PublicAccessBlock,
    RegionSource,
)
from scanner.model.inventory import Settings
from scanner.model.secret import SecretRef, SecretSource
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.base import Reply
from scanner.probes.s3 import PROBE
from scanner.transports.shared import Transports

pytestmark = pytest.mark.usefixtures("aws_environment")

F = TypeVar("F", bound=Facts)
Make = Callable[..., Transports]
EVERYBODY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::riverton-permits/*"}
    ],
}


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> CloudCredential:
    """A credential whose secrets stand in the environment."""
    monkeypatch.setenv("AUDIT_KEY", "AKIAEXAMPLE")
    monkeypatch.setenv("AUDIT_SECRET", "wJalrXUtnFEMI-very-secret")
    return CloudCredential(access_key=_env("AUDIT_KEY"), secret_key=_env("AUDIT_SECRET"))


def _env(name: str) -> SecretRef:
    return SecretRef(source=SecretSource.ENV, value=(name,))


@pytest.fixture
def bucket(moto_url: str, s3: Any, keys: CloudCredential) -> Bucket:
    """A bucket in the default region of an empty server."""
    s3.create_bucket(Bucket="riverton-permits")
    return Bucket(
        id="permits", provider=StorageProvider.AWS, name="riverton-permits", endpoint=moto_url, credential=keys
    )


async def ask(bucket: Bucket, transports: Transports) -> dict[type[Facts], Reply]:
    return dict(await PROBE.run(bucket, transports))


def seen(replies: dict[type[Facts], Reply], kind: type[F]) -> F:
    outcome = replies[kind].outcome
    assert isinstance(outcome, kind), outcome
    return outcome


def unseen(replies: dict[type[Facts], Reply], kind: type[Facts]) -> Unobserved:
    outcome = replies[kind].outcome
    assert isinstance(outcome, Unobserved), outcome
    return outcome


async def test_the_region_comes_from_head_bucket(bucket: Bucket, transports: Make) -> None:
    place = seen(await ask(bucket, transports()), BucketPlaceFacts).place

    assert place == AwsRegion(region="us-east-1", learned_from=RegionSource.HEAD_BUCKET)


async def test_a_bucket_elsewhere_is_found_elsewhere(bucket: Bucket, s3: Any, transports: Make) -> None:
    s3.create_bucket(Bucket="riverton-abroad", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    replies = await ask(replace(bucket, name="riverton-abroad"), transports())

    assert seen(replies, BucketPlaceFacts).place == AwsRegion(region="eu-west-1", learned_from=RegionSource.HEAD_BUCKET)
    assert seen(replies, BucketEncryptionFacts)


async def test_no_encryption_configuration_is_a_fact(bucket: Bucket, transports: Make) -> None:
    """On moto a new bucket has none; on AWS every bucket has one since 2023."""
    reply = (await ask(bucket, transports()))[BucketEncryptionFacts]

    assert reply.outcome == BucketEncryptionFacts(rules=())
    assert len(reply.digest) == 64


async def test_algorithm_and_key_are_read(bucket: Bucket, s3: Any, transports: Make) -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:us-east-1:123456789012:key/k"}
    s3.put_bucket_encryption(
        Bucket=bucket.name,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )

    (rule,) = seen(await ask(bucket, transports()), BucketEncryptionFacts).rules

    assert (rule.algorithm, rule.key) == (EncryptionAlgorithm.KMS, default["KMSMasterKeyID"])


async def test_a_bare_bucket_has_nothing_public_and_nothing_blocked(bucket: Bucket, transports: Make) -> None:
    access = seen(await ask(bucket, transports()), BucketAccessFacts)

    assert access == BucketAccessFacts(
        bucket_block=PublicAccessBlock(),
        account_block=PublicAccessBlock(),
        policy_is_public=False,
        public_grants=(),
        acls_disabled=False,
    )


async def test_a_public_policy_is_seen(bucket: Bucket, s3: Any, transports: Make) -> None:
    s3.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(EVERYBODY))

    assert seen(await ask(bucket, transports()), BucketAccessFacts).policy_is_public is True


async def test_a_public_grant_is_seen(bucket: Bucket, s3: Any, transports: Make) -> None:
    s3.put_bucket_acl(Bucket=bucket.name, ACL="public-read")

    (grant,) = seen(await ask(bucket, transports()), BucketAccessFacts).public_grants  # type: ignore[misc]

    assert (grant.grantee, grant.permission) == ("everybody", "READ")


async def test_block_and_ownership_are_seen(bucket: Bucket, s3: Any, transports: Make) -> None:
    switches = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=bucket.name, PublicAccessBlockConfiguration=switches)
    s3.put_bucket_ownership_controls(
        Bucket=bucket.name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )

    access = seen(await ask(bucket, transports()), BucketAccessFacts)

    assert access.bucket_block == PublicAccessBlock(
        block_public_acls=True, ignore_public_acls=True, restrict_public_buckets=True
    )
    assert access.acls_disabled is True


async def test_a_bucket_that_does_not_exist_is_a_stale_inventory(bucket: Bucket, transports: Make) -> None:
    replies = await ask(replace(bucket, name="riverton-gone"), transports())

    for kind in PROBE.provides:
        gap = unseen(replies, kind)
        assert gap.cause is Cause.STALE
        assert "riverton-gone" in gap.detail
        assert "take the bucket's name" in gap.detail


async def test_a_name_that_no_bucket_can_have_is_unsupported(bucket: Bucket, transports: Make) -> None:
    assert (
        unseen(await ask(replace(bucket, name="no bucket"), transports()), BucketPlaceFacts).cause is Cause.UNSUPPORTED
    )


async def test_a_region_of_another_server_proves_nothing_without_a_country(bucket: Bucket, transports: Make) -> None:
    own = replace(bucket, provider=StorageProvider.S3)

    place = seen(await ask(own, transports()), BucketPlaceFacts).place

    assert isinstance(place, Unobserved)
    assert place.cause is Cause.NOT_DECLARED
    assert "country" in place.detail


async def test_the_declared_country_stands_beside_what_another_server_says(bucket: Bucket, transports: Make) -> None:
    own = replace(bucket, provider=StorageProvider.S3, country="DE")

    place = seen(await ask(own, transports()), BucketPlaceFacts).place

    assert place == DeclaredCountry(country="DE", reported="us-east-1")


@pytest.mark.parametrize("provider", [StorageProvider.GCS, StorageProvider.AZURE])
async def test_other_clouds_are_unsupported_and_nothing_is_sent(
    provider: StorageProvider, raw_server: Callable[..., str], transports: Make
) -> None:
    met: list[bool] = []
    url = raw_server(lambda _: met.append(True))

    replies = await ask(Bucket(id="b", provider=provider, name="b", endpoint=url), transports())

    assert {unseen(replies, kind).cause for kind in PROBE.provides} == {Cause.UNSUPPORTED}
    assert not met


async def test_a_server_that_nobody_names_is_not_taken_for_aws(bucket: Bucket, transports: Make) -> None:
    lost = replace(bucket, provider=StorageProvider.S3, endpoint=None)

    gap = unseen(await ask(lost, transports()), BucketPlaceFacts)

    assert gap.cause is Cause.NOT_DECLARED
    assert "endpoint" in gap.detail
    assert not list(PROBE.plan(lost, Settings()))


# Credentials


async def test_an_unset_variable_is_a_credential_that_was_not_found(bucket: Bucket, transports: Make) -> None:
    credential = CloudCredential(access_key=_env("AUDIT_KEY"), secret_key=_env("NOT_SET"))

    gap = unseen(await ask(replace(bucket, credential=credential), transports()), BucketAccessFacts)

    assert gap.cause is Cause.CREDENTIALS
    assert "NOT_SET" in gap.detail


async def test_a_machine_without_credentials_says_so(bucket: Bucket, transports: Make) -> None:
    gap = unseen(await ask(replace(bucket, credential=None), transports()), BucketPlaceFacts)

    assert gap.cause is Cause.CREDENTIALS


async def test_a_profile_that_does_not_exist_says_so(bucket: Bucket, transports: Make) -> None:
    gap = unseen(
        await ask(replace(bucket, credential=CloudCredential(profile="audit")), transports()), BucketPlaceFacts
    )

    assert gap.cause is Cause.CREDENTIALS
    assert "audit" in gap.detail


async def test_a_profile_logs_in(bucket: Bucket, transports: Make, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("[audit]\naws_access_key_id = AKIA\naws_secret_access_key = s\n")

    replies = await ask(replace(bucket, credential=CloudCredential(profile="audit")), transports())

    assert seen(replies, BucketEncryptionFacts)


async def test_the_sdks_own_chain_logs_in(bucket: Bucket, transports: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")

    assert seen(await ask(replace(bucket, credential=None), transports()), BucketEncryptionFacts)


async def test_a_key_that_the_server_does_not_know_is_credentials_for_every_question(
    bucket: Bucket, transports: Make, strict_moto: Callable[[], Any]
) -> None:
    with strict_moto():
        replies = await ask(bucket, transports())

    assert unseen(replies, BucketEncryptionFacts).cause is Cause.CREDENTIALS
    assert unseen(replies, BucketAccessFacts).cause is Cause.CREDENTIALS


# Permissions, checked by moto as AWS checks them


@pytest.fixture
def auditor(iam: Any, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the credential's user, who may do everything but some actions."""

    def may_all_but(*actions: str) -> None:
        statements = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]
        statements += [{"Effect": "Deny", "Action": list(actions), "Resource": "*"}] if actions else []  # type: ignore[dict-item]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.create_user(UserName="audit")
        iam.put_user_policy(UserName="audit", PolicyName="p", PolicyDocument=document)
        made = iam.create_access_key(UserName="audit")["AccessKey"]
        monkeypatch.setenv("AUDIT_KEY", made["AccessKeyId"])
        monkeypatch.setenv("AUDIT_SECRET", made["SecretAccessKey"])

    return may_all_but


async def test_a_full_set_of_permissions_sees_everything(
    bucket: Bucket, auditor: Callable[..., None], transports: Make, strict_moto: Callable[[], Any]
) -> None:
    auditor()
    with strict_moto():
        replies = await ask(bucket, transports())

    assert all(not isinstance(reply.outcome, Unobserved) for reply in replies.values())


async def test_what_is_denied_costs_only_what_hangs_on_it(
    bucket: Bucket, auditor: Callable[..., None], transports: Make, strict_moto: Callable[[], Any]
) -> None:
    """Moto guards encryption, block and ownership with one action; the reasons name AWS's own."""
    auditor("s3:ListBucket")
    with strict_moto():
        replies = await ask(bucket, transports())

    gap = unseen(replies, BucketEncryptionFacts)
    assert gap.cause is Cause.DENIED
    assert "s3:GetEncryptionConfiguration" in gap.detail
    access = seen(replies, BucketAccessFacts)
    assert _gaps(access) == {
        "bucket_block": "s3:GetBucketPublicAccessBlock",
        "acls_disabled": "s3:GetBucketOwnershipControls",
    }
    assert seen(replies, BucketPlaceFacts)


def _gaps(access: BucketAccessFacts) -> dict[str, str]:
    """The parts that were denied, each with the permission that its reason names."""
    parts = {name: getattr(access, name) for name in access.__dataclass_fields__}
    gaps = {name: value for name, value in parts.items() if isinstance(value, Unobserved)}
    assert {gap.cause for gap in gaps.values()} == {Cause.DENIED}
    return {name: next(word for word in gap.detail.split() if word.startswith("s3:")) for name, gap in gaps.items()}


@pytest.mark.parametrize(
    ("permission", "part"),
    [
        ("s3:GetBucketPolicyStatus", "policy_is_public"),
        ("s3:GetBucketAcl", "public_grants"),
    ],
)
async def test_a_denied_part_of_the_access_costs_only_that_part(
    permission: str,
    part: str,
    bucket: Bucket,
    auditor: Callable[..., None],
    transports: Make,
    strict_moto: Callable[[], Any],
) -> None:
    auditor(permission)
    with strict_moto():
        access = seen(await ask(bucket, transports()), BucketAccessFacts)

    assert _gaps(access) == {part: permission}


async def test_where_head_bucket_is_denied_the_location_is_asked(
    bucket: Bucket, auditor: Callable[..., None], transports: Make, strict_moto: Callable[[], Any]
) -> None:
    """Moto's refusal of HEAD names no region; AWS's does, and calls the action s3:ListBucket."""
    auditor("s3:HeadBucket")
    with strict_moto():
        place = seen(await ask(bucket, transports()), BucketPlaceFacts).place

    assert place == AwsRegion(region="us-east-1", learned_from=RegionSource.GET_BUCKET_LOCATION)


async def test_a_place_that_is_denied_both_ways_is_denied(
    bucket: Bucket, auditor: Callable[..., None], transports: Make, strict_moto: Callable[[], Any]
) -> None:
    auditor("s3:HeadBucket", "s3:GetBucketLocation")
    with strict_moto():
        replies = await ask(bucket, transports())

    assert unseen(replies, BucketPlaceFacts).cause is Cause.DENIED
    assert seen(replies, BucketEncryptionFacts)


# The account's block: AWS's own endpoints, here by the SDK's variables


@pytest.fixture
def at_aws(bucket: Bucket, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The bucket without an endpoint of its own: the SDK finds moto by its variable, as it would find AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    return replace(bucket, endpoint=None, account="123456789012")


async def test_the_accounts_block_is_asked_where_the_account_is_declared(
    at_aws: Bucket, s3control: Any, transports: Make
) -> None:
    assert seen(await ask(at_aws, transports()), BucketAccessFacts).account_block == PublicAccessBlock()

    s3control.put_public_access_block(
        AccountId="123456789012", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )

    blocked = seen(await ask(at_aws, transports()), BucketAccessFacts).account_block
    assert blocked == PublicAccessBlock(restrict_public_buckets=True)


async def test_an_undeclared_account_cannot_be_asked(at_aws: Bucket, transports: Make) -> None:
    gap = seen(await ask(replace(at_aws, account=None), transports()), BucketAccessFacts).account_block

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.NOT_DECLARED
    assert "account" in gap.detail


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3_CONTROL"])
async def test_the_accounts_block_counts_for_a_bucket_with_an_endpoint_where_the_sdk_is_told_whom_to_ask(
    variable: str,
    bucket: Bucket,
    moto_url: str,
    s3control: Any,
    transports: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    switches = {"RestrictPublicBuckets": True}
    s3control.put_public_access_block(AccountId="123456789012", PublicAccessBlockConfiguration=switches)
    bucket = replace(bucket, account="123456789012")

    without = seen(await ask(bucket, transports()), BucketAccessFacts).account_block
    monkeypatch.setenv(variable, moto_url)
    told = seen(await ask(bucket, transports()), BucketAccessFacts).account_block
    undeclared = seen(await ask(replace(bucket, account=None), transports()), BucketAccessFacts).account_block

    assert without == undeclared == PublicAccessBlock()
    assert told == PublicAccessBlock(restrict_public_buckets=True)


@pytest.mark.parametrize("variable", [None, "AWS_ENDPOINT_URL"])
def test_the_account_of_a_bucket_at_an_endpoint_of_aws_is_asked_at_aws_and_not_there(
    variable: str | None, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    asked = replace(bucket, endpoint="https://s3.us-west-2.amazonaws.com", account="123456789012")

    last = list(PROBE.plan(asked, Settings()))[-1]

    assert "s3:GetAccountPublicAccessBlock" in last.action
    assert last.target == f"account 123456789012 at {'http://127.0.0.1:9' if variable else 'AWS'}"


# The plan


def test_the_plan_names_every_call_with_its_permission_and_who_asks(bucket: Bucket) -> None:
    steps = list(PROBE.plan(replace(bucket, region="us-east-1"), Settings()))

    assert [step.action for step in steps] == [
        "S3 HeadBucket (s3:ListBucket)",
        "S3 GetBucketLocation (s3:GetBucketLocation)",
        "S3 GetBucketEncryption (s3:GetEncryptionConfiguration)",
        "S3 GetPublicAccessBlock (s3:GetBucketPublicAccessBlock)",
        "S3 GetBucketPolicyStatus (s3:GetBucketPolicyStatus)",
        "S3 GetBucketAcl (s3:GetBucketAcl)",
        "S3 GetBucketOwnershipControls (s3:GetBucketOwnershipControls)",
    ]
    assert all(bucket.endpoint in step.target and "us-east-1" in step.target for step in steps if bucket.endpoint)
    assert {step.account for step in steps} == {"key pair in env AUDIT_KEY"}


def test_the_plan_names_the_account_that_is_asked_at_aws(bucket: Bucket) -> None:
    bucket = replace(bucket, endpoint=None, account="123456789012", credential=CloudCredential(profile="audit"))

    names, log_in, *_, last = PROBE.plan(bucket, Settings(resolver="192.0.2.53:53"))

    assert names.action == "DNS"
    assert "AWS's own names for the bucket and the account" in names.target
    assert "192.0.2.53:53" in names.target
    assert "profile audit" in log_in.target
    assert "169.254.169.254 only if this machine is one of EC2" in log_in.target
    assert "s3:GetAccountPublicAccessBlock" in last.action
    assert "123456789012" in last.target
    assert last.account == "profile audit"


def test_the_plan_says_where_the_sdks_own_chain_looks(bucket: Bucket) -> None:
    first, *_ = PROBE.plan(replace(bucket, credential=None), Settings())

    assert first.action == "find credentials"
    assert "169.254.169.254 only if" in first.target


def test_the_plan_names_a_program_that_gives_out_a_key_without_its_arguments(bucket: Bucket) -> None:
    secret = SecretRef(source=SecretSource.COMMAND, value=("pass", "show", "very-delicate"))
    steps = list(
        PROBE.plan(replace(bucket, credential=CloudCredential(access_key=secret, secret_key=secret)), Settings())
    )

    assert [step.target for step in steps if step.action == "run here"] == ["pass, which gives out a secret"]
    assert "very-delicate" not in str(steps)


def test_the_plan_follows_the_sdks_variables(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.city.example")
    steps = list(PROBE.plan(replace(bucket, endpoint=None, account="123456789012"), Settings()))

    assert steps[0].target == "aws.city.example from this machine's resolver"
    assert all("https://aws.city.example" in step.target for step in steps[1:])


def test_nothing_is_planned_for_clouds_that_are_not_read() -> None:
    assert not list(PROBE.plan(Bucket(id="b", provider=StorageProvider.AZURE, name="b"), Settings()))
