"""Making a client of the AWS SDK: who logs in, what TLS is verified with, how requests leave.

boto3 is slow to load, so it is imported where it is used. Everything here blocks and runs in a thread.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scanner.model.secret import Secret
from scanner.model.unobserved import Unobserved
from scanner.transports._aws_errors import unobserved_from_error, valid_region

if TYPE_CHECKING:
    from scanner.transports._aws_http import Lookup

DEFAULT_REGION = "us-east-1"
_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Login:
    """How to log in: a named profile, a key pair, or (with neither) the SDK's own chain."""

    profile: str | None = None
    access_key: Secret | None = None
    secret_key: Secret | None = None
    session_token: Secret | None = None

    def __str__(self) -> str:
        if self.profile is not None:
            return f"the profile {self.profile}"
        return "the key pair of the inventory" if self.access_key else "the AWS SDK's own chain"


@dataclass(frozen=True, kw_only=True)
class AwsTarget:
    """Where a question goes: service (`s3` or `s3control`), login, region (None: the SDK's own), endpoint, trust."""

    service: str = "s3"
    login: Login = field(default_factory=Login)
    region: str | None = None
    endpoint: str | None = None
    ca_bundle: Path | None = None


def build_client(target: AwsTarget, lookup: Lookup, timeout: float) -> Any | Unobserved:
    """A client of the SDK, or the gap where there are no credentials.

    Raises:
        OSError: the `ca_bundle` cannot be read or is no PEM.
        ValueError: the endpoint or the region is not valid.
        botocore.exceptions.BotoCoreError: the profile or the configuration is wrong.
    """
    from botocore.exceptions import NoCredentialsError

    from scanner.transports._aws_http import BoundedSender, strict_flags

    trust = _trust(target.ca_bundle)
    session = _session(target.login)
    if session.get_credentials() is None:
        return unobserved_from_error(NoCredentialsError(), permission="", target=str(target.login))
    region = valid_region(target.region or session.region_name) or DEFAULT_REGION
    sdk = session.client(
        target.service, region_name=region, endpoint_url=target.endpoint, config=_config(target, timeout)
    )
    service = sdk.meta.service_model.service_id.hyphenize()
    sender = BoundedSender(lookup=lookup, trust=trust, timeout=timeout)
    sdk.meta.events.register(f"before-send.{service}", sender)
    sdk.meta.events.register(f"before-parse.{service}", strict_flags)
    if _is_literal(sdk.meta.endpoint_url):
        sdk.meta.events.register_first(f"before-sign.{service}", _without_host_prefix)
    return sdk


def _session(login: Login) -> Any:
    """A session of the SDK that is silent, and that asks for an instance's role only on an instance."""
    import boto3.session
    import botocore.session

    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    core = botocore.session.Session(profile=login.profile)
    core.set_config_variable("metadata_service_timeout", 1)
    core.set_config_variable("metadata_service_num_attempts", 1)
    if login.access_key is None and not _on_ec2():
        core.get_component("credential_provider").remove("iam-role")
    return boto3.session.Session(
        botocore_session=core,
        aws_access_key_id=_revealed(login.access_key),
        aws_secret_access_key=_revealed(login.secret_key),
        aws_session_token=_revealed(login.session_token),
    )


def _revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret is not None else None


def _on_ec2() -> bool:
    """Whether this machine is an instance of EC2: elsewhere nothing is sent to the link-local metadata address.

    A machine that does not tell (Windows) can name the address in AWS_EC2_METADATA_SERVICE_ENDPOINT.
    """
    if os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        return True
    told = (Path("/sys/class/dmi/id/sys_vendor"), Path("/sys/hypervisor/uuid"))
    return any(_start(path).startswith(("amazon ec2", "ec2")) for path in told)


def _start(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(64).decode("ascii", "replace").lower()
    except OSError:
        return ""


def _config(target: AwsTarget, timeout: float) -> Any:
    from botocore.config import Config

    return Config(
        signature_version="s3v4",
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        connect_timeout=timeout,
        read_timeout=timeout,
        s3={"addressing_style": "path" if target.endpoint else "auto"},
    )


def _trust(ca_bundle: Path | None) -> ssl.SSLContext:
    """The system's anchors, those that the SDK ships, and the city's own, validated as OpenSSL does.

    Raises:
        OSError: the bundle cannot be read or is no PEM.
    """
    from botocore.httpsession import get_cert_path

    context = ssl.create_default_context()
    context.load_verify_locations(cafile=get_cert_path(True))
    if ca_bundle is not None:
        context.load_verify_locations(cafile=str(ca_bundle))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # city CAs often lack key identifiers
    return context


def _is_literal(url: str) -> bool:
    """Whether the host is an address or one label (`localhost`, a container's name): below it there are no names."""
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return "." not in host
    return True


def _without_host_prefix(request: Any, **_: object) -> None:
    """Some services put the account before the host (`123456789012.s3-control…`); before an address that is no name."""
    account, _dot, rest = urlsplit(request.url).netloc.partition(".")
    if re.fullmatch(r"\d{12}", account):
        request.url = request.url.replace(f"{account}.{rest}", rest, 1)
