"""From errors of the AWS SDK to causes."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.aws import region_told, unobserved_from_error

PERMISSION = "s3:GetEncryptionConfiguration"
URL = "http://127.0.0.1:1"


def client_error(code: Any, *, status: int = 400, operation: str = "GetBucketEncryption", **more: Any) -> ClientError:
    headers = more.pop("headers", {})
    response: Any = {
        "Error": {"Code": code, "Message": None, **more},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers},
    }
    return ClientError(response, operation)


def cause(error: BaseException) -> Cause:
    return unobserved_from_error(error, permission=PERMISSION).cause


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AccessDenied", Cause.DENIED),
        ("403", Cause.DENIED),
        ("AllAccessDisabled", Cause.DENIED),
        ("NoSuchBucket", Cause.STALE),
        ("InvalidAccessKeyId", Cause.CREDENTIALS),
        ("SignatureDoesNotMatch", Cause.CREDENTIALS),
        ("ExpiredToken", Cause.CREDENTIALS),
        ("RequestTimeTooSkewed", Cause.CREDENTIALS),
        ("SlowDown", Cause.RATE_LIMITED),
        ("503", Cause.RATE_LIMITED),
        ("Throttling", Cause.RATE_LIMITED),
        ("RequestLimitExceeded", Cause.RATE_LIMITED),
        ("NotImplemented", Cause.UNSUPPORTED),
        ("MethodNotAllowed", Cause.UNSUPPORTED),
        ("405", Cause.UNSUPPORTED),
        ("InvalidArgument", Cause.UNSUPPORTED),
        ("PermanentRedirect", Cause.MALFORMED),
        ("AuthorizationHeaderMalformed", Cause.MALFORMED),
        ("InternalError", Cause.MALFORMED),
        ("500", Cause.MALFORMED),
        ("404", Cause.MALFORMED),
    ],
)
def test_each_code_has_its_cause(code: str, expected: Cause) -> None:
    assert cause(client_error(code)) is expected


def test_a_denial_names_the_permission() -> None:
    assert PERMISSION in unobserved_from_error(client_error("AccessDenied"), permission=PERMISSION).detail


def test_a_wrong_clock_is_named() -> None:
    assert "clock" in unobserved_from_error(client_error("RequestTimeTooSkewed"), permission=PERMISSION).detail


def test_a_bare_404_means_a_missing_bucket_only_where_the_bucket_itself_was_asked() -> None:
    assert cause(client_error("404", operation="HeadBucket")) is Cause.STALE


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EndpointConnectionError(endpoint_url=URL, error="refused"), Cause.UNREACHABLE),
        (EndpointConnectionError(endpoint_url=URL, error=socket.gaierror(-2, "no name")), Cause.DNS),
        (ConnectionClosedError(endpoint_url=URL, error="reset"), Cause.UNREACHABLE),
        (ConnectTimeoutError(endpoint_url=URL), Cause.TIMEOUT),
        (ReadTimeoutError(endpoint_url=URL), Cause.TIMEOUT),
        (TimeoutError(), Cause.TIMEOUT),
        (SSLError(endpoint_url=URL, error=ssl.SSLCertVerificationError("self-signed")), Cause.HOST_KEY),
        (SSLError(endpoint_url=URL, error=ssl.SSLError("wrong version number")), Cause.MALFORMED),
        (NoCredentialsError(), Cause.CREDENTIALS),
        (PartialCredentialsError(provider="env", cred_var="x"), Cause.CREDENTIALS),
        (CredentialRetrievalError(provider="x", error_msg="y"), Cause.CREDENTIALS),
        (ProfileNotFound(profile="audit"), Cause.CREDENTIALS),
        (ParamValidationError(report="bad name"), Cause.UNSUPPORTED),
        (ResponseParserError("not xml"), Cause.MALFORMED),
        (http.client.BadStatusLine("SSH-2.0"), Cause.MALFORMED),
        (http.client.RemoteDisconnected(), Cause.UNREACHABLE),
        (ConnectionResetError(), Cause.UNREACHABLE),
        (KeyError("odd"), Cause.MALFORMED),
        (RecursionError(), Cause.MALFORMED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_exception_has_its_cause(error: BaseException, expected: Cause) -> None:
    assert cause(error) is expected


def test_an_untrusted_certificate_says_that_nothing_was_sent() -> None:
    error = SSLError(endpoint_url=URL, error=ssl.SSLCertVerificationError("self-signed"))

    assert "nothing was sent" in unobserved_from_error(error, permission=PERMISSION).detail


def test_a_code_full_of_escapes_comes_out_harmless() -> None:
    gap = unobserved_from_error(client_error("\x1b[31m<script>" + "a" * 500), permission=PERMISSION)

    assert "\x1b" not in gap.detail
    assert "<" not in gap.detail
    assert len(gap.detail) < 300


odd = st.recursive(
    st.none() | st.text() | st.integers() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["Error", "Code", "Region", "HTTPHeaders"]), inner),
)


@given(error=odd, metadata=odd)
def test_no_shape_of_an_error_raises(error: Any, metadata: Any) -> None:
    raised = Exception()
    raised.response = {"Error": error, "ResponseMetadata": metadata}  # type: ignore[attr-defined]

    assert isinstance(unobserved_from_error(raised, permission=PERMISSION), Unobserved)
    region_told(raised)


@pytest.mark.parametrize(
    ("error", "region"),
    [
        (client_error("PermanentRedirect", headers={"x-amz-bucket-region": "eu-west-1"}), "eu-west-1"),
        (client_error("AuthorizationHeaderMalformed", Region="eu-north-1"), "eu-north-1"),
        (client_error("400", headers={"x-amz-bucket-region": "eu-west-1"}), "eu-west-1"),
        (client_error("400"), None),
        (client_error("AccessDenied", headers={"x-amz-bucket-region": "eu-west-1"}), None),
        (client_error("PermanentRedirect", headers={"x-amz-bucket-region": "evil.example/#"}), None),
        (client_error("AuthorizationHeaderMalformed", Region=["x"]), None),
        (ValueError(), None),
    ],
)
def test_the_region_told_is_read_from_header_or_error(error: BaseException, region: str | None) -> None:
    assert region_told(error) == region
