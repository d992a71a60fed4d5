"""Nobody outside can read or write the bucket.

What it checks
--------------
Asks the storage service for the public-access block of the bucket and of its account, whether the bucket policy is
public, and what the access list grants. The bucket is public if its policy is public and public buckets are not
restricted, or if the access list grants something to everybody (or to everybody with any AWS account), access lists
are in force and public ones are not ignored. A full public-access block proves private without policy or access list.

Why it matters
--------------
A public bucket is a breach that needs no attacker: search engines for open buckets list it within hours, and what was
read cannot be taken back.

How to fix
----------
Turn on all four switches of Block Public Access for the bucket, and for the account if nothing in it is meant to be
public. Then remove the public statement from the policy, or the public grant from the access list.

What it cannot see
------------------
Links that were signed for single objects, access points, public access lists of single objects where public ones are
not ignored, and what an allowed account passes on. A bucket that is meant to be public fails like any other: a waiver
says that it is meant, who answers for it and until when.

References
----------
- AWS S3, Blocking public access to your Amazon S3 storage; the meaning of "public"
- AWS S3 API: GetPublicAccessBlock, GetBucketPolicyStatus, GetBucketAcl, GetBucketOwnershipControls
- Principle 5 of Protecting Data, Protecting Residents (2017)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scanner.model.asset import Bucket
from scanner.model.check import check
from scanner.model.facts.storage import BucketAccessFacts, PublicAccessBlock
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.principle import P5
from scanner.model.unobserved import Unobserved

Seen = bool | Unobserved

_ALL_OFF = PublicAccessBlock()


@check(id="storage-private", title="Nobody outside can reach the bucket", principle=P5, severity=Severity.CRITICAL)
def storage_private(bucket: Bucket, access: BucketAccessFacts | Unobserved) -> Verdict:
    """Fails where a public way in is certain, passes where none is left, else hands on what the verdict hangs on."""
    if isinstance(access, Unobserved):
        return undecided(access)
    by_policy, by_acl = _public_by_policy(access), _public_by_acl(access)
    evidence = list(_evidence(bucket, access))
    if by_policy is True or by_acl is True:
        return _public(bucket, by_policy=by_policy is True, by_acl=by_acl is True, evidence=evidence)
    gaps = [way for way in (by_policy, by_acl) if isinstance(way, Unobserved)]
    if gaps:
        others = [Evidence(fact="also not seen", value=gap.detail) for gap in gaps[1:]]
        return undecided(gaps[0], evidence=[*evidence, *others])
    return passed(f"Neither the policy nor the access list of {bucket.name} lets everybody in.", evidence=evidence)


def _public_by_policy(access: BucketAccessFacts) -> Seen:
    return _and(access.policy_is_public, _not(_switch(access, lambda block: block.restrict_public_buckets)))


def _public_by_acl(access: BucketAccessFacts) -> Seen:
    grants = access.public_grants
    granted = grants if isinstance(grants, Unobserved) else bool(grants)
    ignored = _switch(access, lambda block: block.ignore_public_acls)
    return _and(granted, _not(access.acls_disabled), _not(ignored))


def _switch(access: BucketAccessFacts, of: Callable[[PublicAccessBlock], bool]) -> Seen:
    """A switch of the public-access block, which is on where the bucket or its account has it on."""
    blocks = (access.bucket_block, access.account_block)
    return _not(_and(*(block if isinstance(block, Unobserved) else not of(block) for block in blocks)))


def _and(*parts: Seen) -> Seen:
    """Whether all hold: one that surely does not decides, else the first gap does."""
    if any(part is False for part in parts):
        return False
    return next((part for part in parts if isinstance(part, Unobserved)), True)


def _not(part: Seen) -> Seen:
    return part if isinstance(part, Unobserved) else not part


def _public(bucket: Bucket, *, by_policy: bool, by_acl: bool, evidence: Sequence[Evidence]) -> Verdict:
    ways = " and ".join(["its policy"] * by_policy + ["its access list"] * by_acl)
    remove = " and ".join(["the public statement in its policy"] * by_policy + ["the public grants"] * by_acl)
    return failed(
        f"The bucket {bucket.name} is open to the public through {ways}.",
        fix=f"Turn on all four switches of Block Public Access for {bucket.name} today, then remove {remove}.",
        evidence=evidence,
    )


def _evidence(bucket: Bucket, access: BucketAccessFacts) -> Iterator[Evidence]:
    """Every part that was seen. Behind an endpoint of its own a bucket may have no account that could be asked."""
    blocks = {"bucket": access.bucket_block, "account": access.account_block}
    for name, block in blocks.items():
        if not isinstance(block, Unobserved) and (name == "bucket" or bucket.endpoint is None or block != _ALL_OFF):
            yield Evidence(fact=f"public-access block of the {name}", value=_switches(block))
    if not isinstance(access.policy_is_public, Unobserved):
        yield Evidence(fact="policy is public", value="yes" if access.policy_is_public else "no")
    if not isinstance(access.public_grants, Unobserved):
        grants = ", ".join(f"{grant.grantee}: {grant.permission}" for grant in access.public_grants)
        yield Evidence(fact="public grants in the access list", value=grants or "none")
    if not isinstance(access.acls_disabled, Unobserved):
        yield Evidence(fact="access lists are in force", value="no" if access.acls_disabled else "yes")


def _switches(block: PublicAccessBlock) -> str:
    """The switches that are on."""
    states = {
        "BlockPublicAcls": block.block_public_acls,
        "IgnorePublicAcls": block.ignore_public_acls,
        "BlockPublicPolicy": block.block_public_policy,
        "RestrictPublicBuckets": block.restrict_public_buckets,
    }
    return ", ".join(name for name, on in states.items() if on) or "none"
