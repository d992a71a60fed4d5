"""Steps that several probes plan alike."""

from __future__ import annotations

import pytest

from scanner.model.inventory import Settings
from scanner.model.secret import SecretRef, SecretSource
from scanner.probes import _plan


def test_names_are_looked_up_once_and_by_whom_is_told() -> None:
    hosts = ["www.city.example", "www.city.example.", "mx.city.example", None, ""]

    [step] = _plan.dns(hosts, Settings(resolver="127.0.0.1:5353"))

    assert (step.action, step.target) == ("DNS", "www.city.example, mx.city.example from the resolver 127.0.0.1:5353")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "localhost", "www.LOCALHOST"])
def test_addresses_and_this_machine_are_not_looked_up(host: str) -> None:
    assert not list(_plan.dns([host], Settings()))


def test_programs_are_named_without_their_arguments() -> None:
    command = SecretRef(source=SecretSource.COMMAND, value=("pass", "show", "scan"))
    other = SecretRef(source=SecretSource.ENV, value=("PASSWORD",))

    assert [step.target for step in _plan.programs([command, None, other, command])] == [
        "pass, which gives out a secret"
    ]
