"""Clients of the AWS SDK: made once, silent, and never asking a metadata service on a machine that is no instance."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.model.asset import CloudCredential
from scanner.model.inventory import Inventory, Municipality
from scanner.model.secret import Secret
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports import _aws_client
from scanner.transports.addresses import Addresses
from scanner.transports.aws import AwsClients, AwsTarget, Login, Question, Reach

HEAD = Question(operation="head_bucket", api="HeadBucket", permission="s3:ListBucket")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def reach() -> Reach:
    inventory = Inventory(path=Path("inventory.yaml"), sha256="", municipality=Municipality(name="Riverton"))
    return Reach(addresses=Addresses(inventory), step=0.5)


async def ask(clients: AwsClients, login: Login) -> Unobserved:
    target = AwsTarget(login=login, endpoint="http://127.0.0.1:9")
    answer = await clients.ask(target, HEAD, {"Bucket": "permits"}, reach=reach(), what="the bucket permits")
    assert isinstance(answer.data, Unobserved)
    return answer.data


@pytest.mark.skipif(_aws_client._on_ec2(), reason="this machine is an EC2 instance, whose role may be asked for")
async def test_without_credentials_the_metadata_address_is_not_asked() -> None:
    """It would take its connect timeout; without the question it is at once, and without the SDK's own switch."""
    gap = await ask(AwsClients(), Login())

    assert gap.cause is Cause.CREDENTIALS
    assert "chain" in gap.detail


def test_an_instance_role_is_in_the_chain_only_on_an_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    def providers() -> list[str]:
        chain = _aws_client._session(Login())._session.get_component("credential_provider")
        return [provider.METHOD for provider in chain.providers]

    monkeypatch.setattr(_aws_client, "_on_ec2", lambda: False)
    assert "iam-role" not in providers()
    monkeypatch.setattr(_aws_client, "_on_ec2", lambda: True)
    assert "iam-role" in providers()


def test_a_metadata_address_that_was_named_on_purpose_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254")

    assert _aws_client._on_ec2()


async def test_a_hanging_credential_process_costs_its_deadline_only(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile slow]\ncredential_process = sleep 30\n")

    gap = await ask(AwsClients(), Login(profile="slow"))

    assert gap.cause is Cause.CREDENTIALS
    assert "slow" in gap.detail


async def test_no_log_of_the_sdk_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await ask(AwsClients(), Login(access_key=Secret("AKIA"), secret_key=Secret("very-secret")))

    assert not [record for record in caplog.records if record.name.split(".")[0] in ("boto3", "botocore", "urllib3")]


def test_a_login_never_shows_its_secrets() -> None:
    login = Login(access_key=Secret("AKIA"), secret_key=Secret("very-secret"), session_token=Secret("token"))

    shown = f"{login!r} {login} {AwsTarget(login=login)!r}"

    assert not any(secret in shown for secret in ("AKIA", "very-secret", "token)"))


async def test_a_login_is_made_once_per_credential() -> None:
    made: list[CloudCredential] = []

    async def make(credential: CloudCredential) -> Login:
        made.append(credential)
        return Login(profile=credential.profile)

    clients = AwsClients()
    first = await clients.login(CloudCredential(profile="a"), make)
    again = await clients.login(CloudCredential(profile="a"), make)
    other = await clients.login(CloudCredential(profile="b"), make)

    assert first is again
    assert other != first
    assert len(made) == 2


def test_the_sdk_is_not_loaded_before_it_is_used() -> None:
    code = "import sys, scanner.probes.s3; print({'boto3', 'botocore', 'urllib3'} & set(sys.modules))"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout

    assert told.strip() == "set()"
