"""What asking about a bucket would do, in words: every look-up, log-in and API call."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from scanner.model.asset import Bucket, CloudCredential, StorageProvider
from scanner.model.inventory import Settings
from scanner.model.secret import SecretRef
from scanner.probes import _plan
from scanner.probes._s3_questions import ACCOUNT_BLOCK, ASKED
from scanner.probes.base import Step
from scanner.transports.aws import Question
from scanner.transports.aws_endpoints import is_aws, named_by_the_environment

_AWS_NAME = "AWS's own names for {what} (under amazonaws.com)"
_ON_EC2 = "the role of an instance at 169.254.169.254 only if this machine is one of EC2"
_CHAIN = (
    "AWS_* variables, then the AWS files with the program, single sign-on or role (STS) that they name, "
    "then a container's credential address, then " + _ON_EC2
)


def steps(bucket: Bucket, settings: Settings) -> Iterator[Step]:
    """Every step for a bucket that can be asked."""
    yield from _plan.dns(_hosts(bucket), settings)
    yield from _log_in(bucket.credential)
    account = _account(bucket.credential)
    address = endpoint_of(bucket) or "AWS"
    where = f"bucket {bucket.name} at {address}, region {bucket.region or 'as the service tells'}"
    for question in ASKED:
        yield Step(action=_named(question), target=where, account=account)
    if asks_account(bucket) and bucket.account:
        address = named_by_the_environment("s3control") or "AWS"
        target = f"account {bucket.account} at {address}"
        yield Step(action=_named(ACCOUNT_BLOCK), target=target, account=account)


def endpoint_of(bucket: Bucket) -> str | None:
    """The URL that a bucket is asked at: its own, or the one that the SDK's variables name; None for AWS itself."""
    return bucket.endpoint or named_by_the_environment("s3")


def asks_account(bucket: Bucket) -> bool:
    """Whether the bucket's account may have a public-access block of its own, which AWS alone knows.

    An endpoint is the bucket's S3 address alone. One that is not AWS's has no such account, unless the inventory
    declares the account and the SDK's variables say where it is asked.
    """
    if bucket.provider is not StorageProvider.AWS:
        return False
    if bucket.endpoint is None or is_aws(bucket.endpoint):
        return True
    return bool(bucket.account and named_by_the_environment("s3control"))


def source(reference: SecretRef) -> str:
    """Where a secret is kept; of a command its program alone, since its arguments may be delicate."""
    return f"{reference.source} {reference.value[0] if reference.value else ''}".rstrip()


def _hosts(bucket: Bucket) -> Iterator[str]:
    """Host names that are looked up; AWS's own depend on the region that the service tells."""
    asked = {"the bucket": endpoint_of(bucket)}
    if asks_account(bucket) and bucket.account:
        asked["the account"] = named_by_the_environment("s3control")
    for url in asked.values():
        if url is not None:
            yield _host(url)
    at_aws = [what for what, url in asked.items() if url is None]
    if at_aws:
        yield _AWS_NAME.format(what=" and ".join(at_aws))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _log_in(credential: CloudCredential | None) -> Iterator[Step]:
    """Where the SDK looks for keys, and the programs that give them out."""
    if credential is not None and credential.access_key is not None:
        yield from _plan.programs((credential.access_key, credential.secret_key, credential.session_token))
    elif credential is not None and credential.profile is not None:
        told = f"the profile {credential.profile} of the AWS files with the program, single sign-on or role (STS)"
        yield Step(action="find credentials", target=f"{told} that it names; {_ON_EC2}")
    else:
        yield Step(action="find credentials", target=_CHAIN)


def _named(question: Question) -> str:
    return f"S3 {question.api} ({question.permission})"


def _account(credential: CloudCredential | None) -> str:
    """Who asks, without any secret."""
    if credential is None:
        return "AWS SDK's own chain"
    if credential.profile is not None:
        return f"profile {credential.profile}"
    key = credential.access_key
    return f"key pair in {source(key)}" if key else "AWS SDK's own chain"
