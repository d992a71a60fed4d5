"""The policy knows which checks each of its values decides, so that packs judge again only where they must."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields

import pytest

from checks import all_checks
from scanner.model.check import Check
from scanner.model.policy import Policy

NAMES = {each.name for each in fields(Policy)}


def values_read(check: Check) -> set[str]:
    """The policy values that a check's module names."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(check.judge)))  # type: ignore[arg-type]
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "policy"
    } & NAMES


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_every_value_that_a_check_reads_says_so(check: Check) -> None:
    assert values_read(check) <= set(Policy.deciding(check.id)), "name the check in scanner/model/policy.py"


def test_every_value_has_a_source_and_decides_something() -> None:
    assert all(Policy.sources().values())
    assert all(each.metadata["checks"] for each in fields(Policy))


def test_changed_values_are_those_that_are_not_the_defaults() -> None:
    assert Policy().changed() == ()
    assert Policy().with_overrides({"hsts_min_age": 1, "rsa_min_bits": Policy().rsa_min_bits}).changed() == (
        "hsts_min_age",
    )
    assert Policy().with_overrides({"trust_stores": ["Mozilla"]}).trust_stores == ("Mozilla",)
