"""A bucket encrypts what is stored in it.

What it checks
--------------
Asks the storage service for the bucket's default encryption. Any configured algorithm passes: SSE-S3 (AES256), SSE-KMS
(aws:kms) or dual-layer SSE-KMS (aws:kms:dsse); the algorithm and the key stand in the evidence. No encryption
configuration is a failure, and so is an empty one, which some S3-compatible servers answer.

Why it matters
--------------
Records about residents lie on somebody else's disks. Without encryption, a disk that is sold, stolen or returned under
warranty, or a copy of the storage, can be read by whoever holds it.

How to fix
----------
Turn on default encryption for the bucket: in AWS under Properties, Default encryption; with the command line,
`aws s3api put-bucket-encryption`. Prefer a key of the city's own (SSE-KMS with a customer-managed key). Then copy the
older objects onto themselves, since the default holds for new objects only.

What it cannot see
------------------
Objects that were stored before the default was set, encryption that applications do themselves, and whether a server
that says it encrypts really does. Who could be made to use the key is another question.

References
----------
- AWS S3 API, GetBucketEncryption (permission s3:GetEncryptionConfiguration)
- NIST SP 800-111 (2007-11), storage encryption
- Principle 6 of Protecting Data, Protecting Residents (2017)
"""

from __future__ import annotations

from scanner.model.asset import Bucket
from scanner.model.check import check
from scanner.model.facts.storage import BucketEncryptionFacts, EncryptionAlgorithm, EncryptionRule
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed
from scanner.model.principle import P6

_WORDS = {
    EncryptionAlgorithm.AES256: "SSE-S3 (AES256)",
    EncryptionAlgorithm.KMS: "SSE-KMS (aws:kms)",
    EncryptionAlgorithm.KMS_DSSE: "dual-layer SSE-KMS (aws:kms:dsse)",
}


@check(id="bucket-encrypted", title="The bucket encrypts what is stored in it", principle=P6, severity=Severity.HIGH)
def bucket_encrypted(bucket: Bucket, encryption: BucketEncryptionFacts) -> Verdict:
    """Passes with any default encryption; none is a failure."""
    if not encryption.rules:
        return failed(
            f"The bucket {bucket.name} has no encryption configuration.",
            fix=f"Turn on default encryption for {bucket.name}, best with a key of the city's own (SSE-KMS), "
            "and copy the objects that it already holds onto themselves.",
            evidence=[Evidence(fact="default encryption", value="none configured")],
        )
    return passed(
        f"New objects in {bucket.name} are encrypted with {', '.join(sorted({_named(r) for r in encryption.rules}))}.",
        evidence=[item for rule in encryption.rules for item in _seen(rule)],
    )


def _named(rule: EncryptionRule) -> str:
    return _WORDS[rule.algorithm]


def _seen(rule: EncryptionRule) -> list[Evidence]:
    """The algorithm, and the key where one is named."""
    key = [Evidence(fact="key", value=rule.key)] if rule.key else []
    return [Evidence(fact="default encryption", value=rule.algorithm.value), *key]
