"""Where the AWS SDK finds a service: AWS itself, or the address that its own variables name. Sends nothing."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

# The name suffixes of every partition of AWS, dual-stack ones included (botocore, data/partitions.json, 2026-11).
_AWS = (
    "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "amazonwebservices.eu", "api.amazonwebservices.eu",
    "api.amazonwebservices.com.cn", "c2s.ic.gov", "api.aws.ic.gov", "sc2s.sgov.gov", "api.aws.scloud",
    "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "csp.hci.ic.gov", "api.aws.hci.ic.gov",
)  # fmt: skip


def is_aws(url: str) -> bool:
    """Whether an endpoint is one of AWS's own: its host name lies under a suffix that AWS alone has."""
    try:
        host = (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return False
    return any(host.endswith(f".{suffix}") for suffix in _AWS)


def named_by_the_environment(service: str) -> str | None:
    """The endpoint that the environment names for a service (`s3`, `s3control`); None where it names none.

    AWS SDKs and Tools Reference Guide, "Service-specific endpoints": the service's own variable before the general one.
    """
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    own = {"s3": "AWS_ENDPOINT_URL_S3", "s3control": "AWS_ENDPOINT_URL_S3_CONTROL"}[service]
    return os.environ.get(own) or os.environ.get("AWS_ENDPOINT_URL") or None
