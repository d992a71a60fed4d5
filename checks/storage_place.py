"""A bucket lies in a country that the city permits.

What it checks
--------------
Finds the bucket's region from the storage service itself, maps it to its country with civicseal's reference data, and
compares it with `permitted_countries` of the policy (default: US). For an S3-compatible server that is not AWS a region
name proves nothing: there the bucket's `country` in the inventory decides.

Why it matters
--------------
Where records lie decides which courts, police and laws reach them, and whether the city's own law can. A bucket in the
wrong region is usually an accident of a form's default, and nobody notices it afterwards.

How to fix
----------
A bucket cannot be moved. Make one in a region of a permitted country, copy the objects, let the applications use it,
then delete the old one with all of its versions. If the country is meant, add it to `permitted_countries` under
`policy`, which is a decision for the city's lawyer.

What it cannot see
------------------
Copies elsewhere (replicas, backups, logs), and who controls the provider: a company must hand over what it controls
wherever it lies (18 USC 2713), so a good place alone is not good custody.

References
----------
- AWS S3 API, HeadBucket (names the region even where access is denied) and GetBucketLocation
- botocore, partitions.json (Apache-2.0): the regions and where they lie
- 18 USC 2713 (2018-03-23)
- Principle 5 of Protecting Data, Protecting Residents (2017)
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.model.asset import Bucket
from scanner.model.check import check
from scanner.model.facts.storage import AwsRegion, BucketPlaceFacts, DeclaredCountry
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P5
from scanner.model.unobserved import Unobserved


@check(
    id="storage-place", title="The bucket lies in a country that the city permits", principle=P5, severity=Severity.HIGH
)
def storage_place(bucket: Bucket, facts: BucketPlaceFacts, policy: Policy) -> Verdict:
    """Compares the country of the bucket with those that the policy permits."""
    match facts.place:
        case AwsRegion() as place:
            return _by_region(bucket, place, policy)
        case DeclaredCountry() as place:
            where = "the country that the inventory declares"
            return _judged(bucket, place.country, where, policy, _declared_evidence(place))
        case Unobserved() as gap:
            return undecided(gap)


def _by_region(bucket: Bucket, place: AwsRegion, policy: Policy) -> Verdict:
    evidence = [Evidence(fact="region", value=f"{place.region} (from {place.learned_from})")]
    region = policy.region("aws", place.region)
    if isinstance(region, Unobserved):
        return undecided(region, evidence=evidence)
    evidence.append(Evidence(fact="country", value=region.country))
    return _judged(bucket, region.country, f"the region {place.region}", policy, evidence)


def _declared_evidence(place: DeclaredCountry) -> list[Evidence]:
    reported = place.reported or "no name"
    return [
        Evidence(fact="country declared in the inventory", value=place.country),
        Evidence(fact="region as the server names it (proves nothing)", value=reported),
    ]


def _judged(bucket: Bucket, country: str, where: str, policy: Policy, evidence: Sequence[Evidence]) -> Verdict:
    permitted = ", ".join(policy.permitted_countries) or "none"
    if country.upper() in {each.upper() for each in policy.permitted_countries}:
        return passed(f"The bucket {bucket.name} lies in {country} ({where}), which is permitted.", evidence=evidence)
    return failed(
        f"The bucket {bucket.name} lies in {country} ({where}); permitted: {permitted}.",
        fix=f"Copy {bucket.name} to a bucket in a permitted country ({permitted}) and delete this one with all of its "
        f"versions, or have the city's lawyer decide whether {country} belongs in permitted_countries.",
        evidence=evidence,
    )
