"""The object storage of the demo city: moto's S3 server, with four buckets.

moto gives a new bucket neither encryption nor a public access block, as AWS does since 2023; both are set here, so
that each bucket has the planted fault and no other.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from demo import files
from demo.layout import ADDRESS, S3_PORT, STORES, Store

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def client(region: str) -> Any:
    """A client of this server, with the demo's own credentials."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://{ADDRESS}:{S3_PORT}",
        region_name=region,
        aws_access_key_id=(files.HOME / files.ACCESS_KEY).read_text().strip(),
        aws_secret_access_key=(files.HOME / files.SECRET_KEY).read_text().strip(),
        config=Config(proxies={}, connect_timeout=5, read_timeout=10, s3={"addressing_style": "path"}),
    )


def _public_policy(name: str) -> str:
    statement = {
        "Sid": "EverybodyReads",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _make(store: Store) -> None:
    s3, name = client(store.region), store.name
    s3.create_bucket(
        Bucket=name,
        ObjectOwnership="BucketOwnerEnforced",
        CreateBucketConfiguration={"LocationConstraint": store.region},
    )
    blocks = dict.fromkeys(_BLOCKS, not store.public)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocks)
    if store.encrypted:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if store.public:
        s3.put_bucket_policy(Bucket=name, Policy=_public_policy(name))


def _make_all() -> None:
    for store in STORES:
        _make(store)


async def start(state: Path) -> None:
    """Serves the buckets until the process ends; they need no files of the state."""
    ThreadedMotoServer(ADDRESS, S3_PORT, verbose=False).start()
    await asyncio.to_thread(_make_all)
