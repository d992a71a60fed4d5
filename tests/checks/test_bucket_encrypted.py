"""bucket-encrypted."""

from __future__ import annotations

from checks.bucket_encrypted import bucket_encrypted
from scanner.model.asset import Bucket, StorageProvider
from scanner.model.facts.storage import BucketEncryptionFacts, EncryptionAlgorithm, EncryptionRule
from scanner.model.finding import Failed, Passed, Verdict

BUCKET = Bucket(id="permits", provider=StorageProvider.AWS, name="riverton-permits")
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def judge(*rules: EncryptionRule) -> Verdict:
    verdict = bucket_encrypted.judge(BUCKET, BucketEncryptionFacts(rules=rules))
    assert isinstance(verdict, Verdict)
    return verdict


def test_no_encryption_configuration_fails() -> None:
    verdict = judge()

    assert isinstance(verdict, Failed)
    assert "riverton-permits" in verdict.reason
    assert "default encryption" in verdict.fix


def test_each_algorithm_passes_and_is_named() -> None:
    for algorithm in EncryptionAlgorithm:
        verdict = judge(EncryptionRule(algorithm=algorithm, key=None))

        assert isinstance(verdict, Passed)
        assert algorithm.value in verdict.reason
        assert [item.value for item in verdict.evidence] == [algorithm.value]


def test_the_key_stands_in_the_evidence() -> None:
    verdict = judge(EncryptionRule(algorithm=EncryptionAlgorithm.KMS, key=KEY))

    assert KEY in [item.value for item in verdict.evidence]
