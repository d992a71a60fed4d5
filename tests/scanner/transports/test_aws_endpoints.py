"""Where the SDK finds a service."""

from __future__ import annotations

import pytest

from scanner.transports.aws_endpoints import is_aws, named_by_the_environment


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://s3.us-east-1.amazonaws.com", True),
        ("https://S3.us-east-1.AMAZONAWS.com.:443/", True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("https://s3.dualstack.us-east-1.api.aws", True),
        ("https://bucket.vpce-0a1b.s3.us-east-1.vpce.amazonaws.com", True),
        ("https://amazonaws.com.evil.example", False),
        ("https://notamazonaws.com", False),
        ("http://127.0.0.1:9000", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_a_host_is_of_aws_by_its_suffix_alone(url: str, wanted: bool) -> None:
    assert is_aws(url) is wanted


def test_the_services_own_variable_comes_before_the_general_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        monkeypatch.delenv(name, raising=False)
    assert named_by_the_environment("s3") is None
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://all.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3_CONTROL", "https://control.example")
    assert named_by_the_environment("s3") == "https://all.example"
    assert named_by_the_environment("s3control") == "https://control.example"
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert named_by_the_environment("s3") is None
