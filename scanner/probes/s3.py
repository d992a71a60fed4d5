"""Buckets: where they lie, how they encrypt and who may reach them, asked over the S3 API.

One answer that is denied costs the facts that hang on it and no others. A server that is down, or a login that is not
accepted, is asked once and not ten times.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from scanner.credentials import Secret, resolve
from scanner.model.asset import Asset, Bucket, CloudCredential, StorageProvider
from scanner.model.facts.base import Facts
from scanner.model.facts.storage import (
    BucketAccessFacts,
    BucketEncryptionFacts,
    BucketPlaceFacts,
    PublicAccessBlock,
    RegionSource,
)
from scanner.model.inventory import Settings
from scanner.model.secret import SecretRef
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes import _s3_parse as parse
from scanner.probes._s3_plan import asks_account, source, steps
from scanner.probes._s3_questions import ACCOUNT_BLOCK, ACL, BLOCK, ENCRYPTION, HEAD, LOCATION, OWNERSHIP, POLICY
from scanner.probes.base import Reply, Step
from scanner.transports._threads import in_thread
from scanner.transports.aws import Answer, AwsTarget, Login, Question, Reach
from scanner.transports.shared import Transports

_SECRET_SECONDS = 30.0  # a keyring may ask a person
_AT_ONCE = 3  # questions about one bucket at the same time

# After these nothing more is asked: the next question would end the same way.
_FINAL = frozenset(
    {Cause.CREDENTIALS, Cause.DNS, Cause.UNREACHABLE, Cause.TIMEOUT, Cause.HOST_KEY, Cause.RATE_LIMITED,
     Cause.STALE, Cause.MALFORMED, Cause.BLOCKED, Cause.NOT_DECLARED}
)  # fmt: skip
_KINDS: tuple[type[Facts], ...] = (BucketPlaceFacts, BucketEncryptionFacts, BucketAccessFacts)


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """Where one bucket's questions are asked."""

    bucket: Bucket
    transports: Transports
    target: AwsTarget
    turns: asyncio.Semaphore

    async def ask(self, question: Question) -> Answer:
        """One question about the bucket, to its owner where the inventory declares one."""
        parameters = {"Bucket": self.bucket.name}
        if self.bucket.provider is StorageProvider.AWS and self.bucket.account:
            parameters["ExpectedBucketOwner"] = self.bucket.account
        return await self._ask(self.target, question, parameters, _words(self.bucket))

    async def ask_account(self, account: str) -> Answer:
        """The public-access block of a whole account. The bucket's endpoint is its S3 address alone."""
        target = replace(self.target, service="s3control", endpoint=None)
        return await self._ask(target, ACCOUNT_BLOCK, {"AccountId": account}, f"the AWS account {account}")

    async def _ask(self, target: AwsTarget, question: Question, parameters: Mapping[str, str], what: str) -> Answer:
        reach = Reach(addresses=self.transports.addresses, step=self.transports.settings.timeout)
        async with self.turns:
            return await self.transports.aws.ask(target, question, parameters, reach=reach, what=what)


class S3Probe:
    """Asks an S3-compatible service about one bucket."""

    name = "s3"
    about: type[Asset] = Bucket
    provides: tuple[type[Facts], ...] = _KINDS

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """Every look-up and log-in, and every API call with its IAM action and who asks."""
        if not isinstance(asset, Bucket) or _unaskable(asset) is not None:
            return
        yield from steps(asset, settings)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Locates the bucket, then asks the rest."""
        if not isinstance(asset, Bucket):
            raise TypeError(f"not a bucket: {asset.kind}")
        gap = _unaskable(asset)
        if gap is not None:
            return _all(gap)
        login = await transports.aws.login(asset.credential or CloudCredential(), _login)
        if isinstance(login, Unobserved):
            return _all(login)
        target = AwsTarget(login=login, region=asset.region, endpoint=asset.endpoint, ca_bundle=asset.ca_bundle)
        return await _survey(
            _Desk(bucket=asset, transports=transports, target=target, turns=asyncio.Semaphore(_AT_ONCE))
        )


PROBE = S3Probe()

_NOT_READ = {StorageProvider.GCS: "Google Cloud Storage", StorageProvider.AZURE: "Azure Storage"}


def _unaskable(bucket: Bucket) -> Unobserved | None:
    """Why a bucket cannot be asked at all: its cloud is not read, or nobody says where its server is."""
    if bucket.provider in _NOT_READ:
        detail = f"This version of civicseal does not read buckets of {_NOT_READ[bucket.provider]}."
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    if bucket.provider is StorageProvider.S3 and bucket.endpoint is None:
        detail = f"The inventory does not say where the server of the bucket {bucket.name} is; declare its `endpoint`."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    return None


async def _survey(desk: _Desk) -> Mapping[type[Facts], Reply]:
    found = await _locate(desk)
    if found.final is not None:
        return {**_all(found.final), BucketPlaceFacts: found.place}
    desk = replace(desk, target=found.target)
    encryption, access = await asyncio.gather(_encryption(desk), _access(desk))
    return {BucketPlaceFacts: found.place, BucketEncryptionFacts: encryption, BucketAccessFacts: access}


@dataclass(frozen=True, kw_only=True)
class _Located:
    """Where the bucket lies and is asked; and, where asking on is of no use, why (`final`)."""

    place: Reply
    target: AwsTarget
    final: Unobserved | None = None


async def _locate(desk: _Desk) -> _Located:
    """HeadBucket names the region even where access is denied (AWS S3 API, HeadBucket).

    But its refusals have no body: a wrong key looks like a missing permission, a web server like a missing bucket.
    GetBucketLocation tells them apart.
    """
    head = await desk.ask(HEAD)
    refused = head.data if isinstance(head.data, Unobserved) else None
    region = head.region if refused is None or refused.cause is Cause.DENIED else head.settled
    if refused is None and region is not None:
        return _Located(place=_placed(desk, region, RegionSource.HEAD_BUCKET, b""), target=head.target)
    if refused is not None and refused.cause in _FINAL - {Cause.STALE, Cause.MALFORMED}:
        return _Located(place=Reply(outcome=refused), target=head.target, final=refused)
    asked = await desk.ask(LOCATION)
    final = _final(asked.data, refused)
    if region is not None and (final is None or final.cause is Cause.CREDENTIALS or head.settled is not None):
        place = _placed(desk, region, RegionSource.HEAD_BUCKET, asked.body)
    elif isinstance(asked.data, Unobserved):
        place = Reply(outcome=asked.data, digest=_digest(asked.body))
    else:
        name = asked.data.get("LocationConstraint")
        place = _placed(desk, name if isinstance(name, str) else None, RegionSource.GET_BUCKET_LOCATION, asked.body)
    return _Located(place=place, target=asked.target, final=final)


def _final(asked: object, refused: Unobserved | None) -> Unobserved | None:
    """The gap after which nothing more is asked; what cannot be asked twice cannot be asked at all."""
    if not isinstance(asked, Unobserved):
        return None
    twice = asked.cause is Cause.UNSUPPORTED and refused is not None and refused.cause is Cause.UNSUPPORTED
    return asked if twice or asked.cause in _FINAL else None


def _placed(desk: _Desk, name: str | None, source: RegionSource, body: bytes) -> Reply:
    place = parse.place(desk.bucket, name, source)
    return Reply(outcome=BucketPlaceFacts(place=place), digest=_digest(body))


async def _encryption(desk: _Desk) -> Reply:
    answer = await desk.ask(ENCRYPTION)
    if isinstance(answer.data, Unobserved):
        return Reply(outcome=answer.data, digest=_digest(answer.body))
    return Reply(outcome=parse.encryption(desk.bucket, answer.data), digest=_digest(answer.body))


async def _access(desk: _Desk) -> Reply:
    block, account, policy, acl, ownership = await asyncio.gather(
        desk.ask(BLOCK), _account_block(desk), desk.ask(POLICY), desk.ask(ACL), desk.ask(OWNERSHIP)
    )
    facts = BucketAccessFacts(
        bucket_block=block.data if isinstance(block.data, Unobserved) else parse.block(block.data),
        account_block=account,
        policy_is_public=policy.data
        if isinstance(policy.data, Unobserved)
        else parse.policy_is_public(desk.bucket, policy.data),
        public_grants=acl.data if isinstance(acl.data, Unobserved) else parse.public_grants(desk.bucket, acl.data),
        acls_disabled=ownership.data if isinstance(ownership.data, Unobserved) else parse.acls_disabled(ownership.data),
    )
    return Reply(outcome=facts, digest=_digest(*(answer.body for answer in (block, policy, acl, ownership))))


async def _account_block(desk: _Desk) -> PublicAccessBlock | Unobserved:
    """The account's public-access block; only a declared account can be asked."""
    bucket = desk.bucket
    if not asks_account(bucket):
        return PublicAccessBlock()
    if not bucket.account:
        detail = f"Whether the account of the bucket {bucket.name} blocks public access cannot be asked without its "
        return Unobserved(cause=Cause.NOT_DECLARED, detail=f"{detail}number; declare `account` in the inventory.")
    data = (await desk.ask_account(bucket.account)).data
    return data if isinstance(data, Unobserved) else parse.block(data)


async def _login(credential: CloudCredential) -> Login | Unobserved:
    """Resolves the references of a credential."""
    if credential.access_key is None or credential.secret_key is None:
        return Login(profile=credential.profile)
    found: list[Secret | None] = []
    for reference in (credential.access_key, credential.secret_key, credential.session_token):
        secret = await _secret(reference) if reference is not None else None
        if isinstance(secret, Unobserved):
            return secret
        found.append(secret)
    return Login(access_key=found[0], secret_key=found[1], session_token=found[2])


async def _secret(reference: SecretRef) -> Secret | Unobserved:
    try:
        return await in_thread(lambda: resolve(reference), deadline=_SECRET_SECONDS)
    except TimeoutError:
        detail = f"The secret in {source(reference)} did not come in time; check what it waits for."
        return Unobserved(cause=Cause.CREDENTIALS, detail=detail)


def _all(gap: Unobserved) -> dict[type[Facts], Reply]:
    return {kind: Reply(outcome=gap) for kind in _KINDS}


def _digest(*bodies: bytes) -> str:
    """SHA-256 of the replies one after the other; empty where no reply had a body."""
    whole = b"".join(bodies)
    return hashlib.sha256(whole).hexdigest() if whole else ""


def _words(bucket: Bucket) -> str:
    """The bucket in words, for the detail of a gap."""
    where = urlsplit(bucket.endpoint).netloc or "its endpoint" if bucket.endpoint else "AWS"
    owner = f" of account {bucket.account}" if bucket.provider is StorageProvider.AWS and bucket.account else ""
    return f"the bucket {bucket.name}{owner} at {where}"
