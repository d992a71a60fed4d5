"""What an error of an AWS-like API means: one table from error codes and exceptions to causes.

Pure. Never raises, whatever shape a server gives its errors. Source: AWS S3 API reference, list of error codes; seen on
moto and Ceph radosgw (2026-11-22).
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.model.sentences import capitalised
from scanner.model.unobserved import Cause, Unobserved

_CAUSES: dict[Cause, frozenset[str]] = {
    Cause.STALE: frozenset({"NoSuchBucket"}),
    Cause.DENIED: frozenset(
        {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "UnauthorizedAccess",
         "UnauthorizedOperation", "403"}
    ),
    Cause.CREDENTIALS: frozenset(
        {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "InvalidToken",
         "InvalidClientTokenId", "TokenRefreshRequired", "RequestExpired", "NotSignedUp", "AuthFailure",
         "UnrecognizedClientException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
         "InvalidSecurity", "MissingSecurityHeader", "IncompleteSignature", "AccountProblem", "Unauthorized", "401"}
    ),
    Cause.RATE_LIMITED: frozenset(
        {"SlowDown", "ServiceUnavailable", "Throttling", "ThrottlingException", "ThrottledException",
         "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded", "TooManyRequests",
         "TooManyRequestsException", "BandwidthLimitExceeded", "LimitExceededException", "ServerBusy", "503", "429"}
    ),
    Cause.UNSUPPORTED: frozenset({"NotImplemented", "MethodNotAllowed", "501", "405"}),
}  # fmt: skip
_BY_CODE = {code: cause for cause, codes in _CAUSES.items() for code in codes}
_MOVED = frozenset({"PermanentRedirect", "TemporaryRedirect", "Redirect", "301", "302", "307", "308",
                    "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"})  # fmt: skip
_REGION = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class NotSent(Exception):
    """Raised on the way to a server where nothing may be sent or no address was found; carries the gap."""

    def __init__(self, gap: Unobserved) -> None:
        super().__init__(gap.detail)
        self.gap = gap


class Redirected(Exception):
    """The server answered with a redirect, which is never followed; `region` is where it says the bucket is."""

    def __init__(self, region: str | None) -> None:
        super().__init__("redirected")
        self.region = region


class TooLarge(Exception):
    """The reply is larger than any that the API knows."""


def valid_region(name: object) -> str | None:
    """A region's name if it is shaped like one, else None."""
    return name if isinstance(name, str) and _REGION.fullmatch(name) else None


def region_told(error: BaseException) -> str | None:
    """The region in which the server says that it must be asked; None where the error is of another kind."""
    if isinstance(error, Redirected):
        return error.region
    response = _mapping(getattr(error, "response", None))
    fault = _mapping(response.get("Error"))
    code = _code(fault)
    header = _headers(response).get("x-amz-bucket-region")
    if code in _MOVED or (code == "400" and header):
        return valid_region(header) or valid_region(fault.get("Region"))
    return None


def error_code(error: BaseException) -> str:
    """The code of an API error; empty for every other exception."""
    return _code(_mapping(_mapping(getattr(error, "response", None)).get("Error")))


def unobserved_from_error(error: BaseException, *, permission: str, target: str = "the storage service") -> Unobserved:
    """Why an API call brought nothing.

    Args:
        error: whatever the call raised.
        permission: the IAM action that the call needs, e.g. `s3:GetEncryptionConfiguration`.
        target: what was asked, in words, for the detail.
    """
    if isinstance(error, NotSent):
        return error.gap
    code = error_code(error)
    if code:
        return _by_code(code, str(getattr(error, "operation_name", "")), permission, target)
    return _by_exception(error, target)


def _by_code(code: str, operation: str, permission: str, target: str) -> Unobserved:
    if code == "404" and operation == "HeadBucket":
        code = "NoSuchBucket"
    if code in ("RequestTimeTooSkewed", "RequestInTheFuture"):
        detail = (
            f"{target} refused the request because the clock of this machine is wrong; set the clock and scan again."
        )
        return _gap(Cause.CREDENTIALS, detail)
    if code in _MOVED:
        told = f"{target} sends every request elsewhere ({_shown(code)}) and names no region that answers; check"
        return _gap(Cause.MALFORMED, f"{told} `endpoint` and `region` in the inventory.")
    cause = _BY_CODE.get(code) or _unlisted(code)
    return _gap(cause, _WORDS[cause].format(target=target, code=_shown(code), permission=permission))


def _unlisted(code: str) -> Cause:
    """A bare HTTP status or a fault of the server is not the protocol; any other code is a refusal to be asked."""
    return Cause.MALFORMED if code.isdigit() or code == "InternalError" else Cause.UNSUPPORTED


_WORDS = {
    Cause.STALE: "{target} does not exist: the inventory is out of date, and anybody can now take the bucket's name "
    "and receive what is still sent to it; remove the entry or create the bucket again.",
    Cause.DENIED: "{target} denied the question: grant the permission {permission} to the account that scans.",
    Cause.CREDENTIALS: "{target} did not accept the credentials ({code}); check the bucket's `credential` in the "
    "inventory.",
    Cause.RATE_LIMITED: "{target} still asked to slow down ({code}) after several attempts; scan again later.",
    Cause.UNSUPPORTED: "{target} cannot be asked this ({code}, {permission}).",
    Cause.MALFORMED: "{target} answered with {code} instead of what the S3 API says; check that the endpoint is an S3 "
    "server and works.",
}


def _by_exception(error: BaseException, target: str) -> Unobserved:
    """Exceptions of the SDK, of TLS, of HTTP and of the socket, from the most telling to the least."""
    chain = list(_chain(error))
    names = {type(each).__name__ for each in chain}
    carried = next((each.gap for each in chain if isinstance(each, NotSent)), None)
    if carried is not None:
        return carried
    if _any(chain, ssl.SSLCertVerificationError):
        return _gap(Cause.HOST_KEY, f"{target} shows a TLS certificate that cannot be trusted, so nothing was sent; "
                    "if it is the city's own, give its authority as `ca_bundle`.")  # fmt: skip
    if names & _CREDENTIAL_ERRORS:
        return _gap(Cause.CREDENTIALS, f"{target} gave no usable credentials; check the bucket's `credential` "
                    "in the inventory, and the profile or the variables that it names.")  # fmt: skip
    if _any(chain, socket.gaierror) or "NameResolutionError" in names:
        return _gap(Cause.DNS, f"The host name of {target} has no address.")
    if _any(chain, TimeoutError) or names & {"ConnectTimeoutError", "ReadTimeoutError"}:
        return _gap(Cause.TIMEOUT, f"{target} did not answer completely in time.")
    return _by_connection(error, chain, names, target)


def _by_connection(error: BaseException, chain: list[BaseException], names: set[str], target: str) -> Unobserved:
    if names & {
        "ParamValidationError",
        "InvalidRegionError",
        "UnknownEndpointError",
        "UnsupportedS3ConfigurationError",
    }:
        return _gap(Cause.UNSUPPORTED, f"{target} cannot be asked: its name, region or account is not valid in S3.")
    if _any(chain, TooLarge):
        return _gap(Cause.MALFORMED, f"{target} sent a reply larger than any that the S3 API knows.")
    if _any(chain, Redirected):
        return _by_code("PermanentRedirect", "", "", target)
    if _any(chain, http.client.RemoteDisconnected) or names & {"SSLEOFError", "SSLZeroReturnError"}:
        return _gap(Cause.UNREACHABLE, f"{target} closed the connection without an answer.")
    if _any(chain, ssl.SSLError):
        return _gap(Cause.MALFORMED, f"{target} does not speak TLS as its https endpoint says.")
    if _any(chain, http.client.HTTPException) or not (_any(chain, OSError) or names & _UNREACHABLE_ERRORS):
        return _gap(Cause.MALFORMED, f"{target} sent a reply that is not the S3 API ({type(error).__name__}).")
    return _gap(Cause.UNREACHABLE, f"{target} cannot be reached: the connection was refused or broken off.")


_CREDENTIAL_ERRORS = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound", "ConfigParseError",
     "ConfigNotFound", "InvalidConfigError", "TokenRetrievalError", "UnauthorizedSSOTokenError", "SSOTokenLoadError",
     "SSOError", "InfiniteLoopConfigError", "UnknownCredentialError", "MetadataRetrievalError", "LoginError",
     "RefreshWithMFAUnsupportedError", "InvalidIMDSEndpointError"}
)  # fmt: skip
_UNREACHABLE_ERRORS = frozenset({"NewConnectionError", "EndpointConnectionError", "ConnectionClosedError"})


def _gap(cause: Cause, detail: str) -> Unobserved:
    return Unobserved(cause=cause, detail=capitalised(detail))


def _any(chain: list[BaseException], kind: type[BaseException]) -> bool:
    return any(isinstance(each, kind) for each in chain)


def _chain(error: BaseException, depth: int = 6) -> Iterator[BaseException]:
    """An exception and those it was made of: libraries put them in arguments, attributes or the cause."""
    yield error
    if depth == 0:
        return
    inner = [*error.args, _mapping(getattr(error, "kwargs", None)).get("error"), getattr(error, "reason", None)]
    for each in (*inner, error.__cause__):
        if isinstance(each, BaseException) and each is not error:
            yield from _chain(each, depth - 1)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _headers(response: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(_mapping(response.get("ResponseMetadata")).get("HTTPHeaders"))


def _code(fault: Mapping[str, Any]) -> str:
    """The code of an error; an error without one is malformed and says so."""
    if not fault:
        return ""
    code = fault.get("Code")
    return code.strip() if isinstance(code, str) and code.strip() else "0"


def _shown(code: str) -> str:
    """A code as it may stand in a report."""
    shown = re.sub(r"[^A-Za-z0-9._:-]", "", code)[:60]
    return "an error without a code" if shown in ("", "0") else f"HTTP {shown}" if shown.isdigit() else shown
