from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.layout import STORES, Store
from demo.storage import client

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture(scope="module")
def s3() -> Any:
    return client("us-east-1")


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.name)
def test_each_bucket_says_where_it_lies(s3: Any, store: Store) -> None:
    assert s3.head_bucket(Bucket=store.name)["BucketRegion"] == store.region


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.name)
def test_only_the_planted_bucket_has_no_encryption(s3: Any, store: Store) -> None:
    if store.encrypted:
        assert s3.get_bucket_encryption(Bucket=store.name)["ServerSideEncryptionConfiguration"]["Rules"]
    else:
        with pytest.raises(ClientError, match="ServerSideEncryptionConfigurationNotFoundError"):
            s3.get_bucket_encryption(Bucket=store.name)


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.name)
def test_only_the_planted_bucket_is_public(s3: Any, store: Store) -> None:
    block = s3.get_public_access_block(Bucket=store.name)["PublicAccessBlockConfiguration"]
    assert all(block.values()) is not store.public
    if store.public:
        assert s3.get_bucket_policy_status(Bucket=store.name)["PolicyStatus"]["IsPublic"] is True
    else:
        with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
            s3.get_bucket_policy_status(Bucket=store.name)
