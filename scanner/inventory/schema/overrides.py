"""The overrides of the policy: one key per value of `scanner.model.policy.Policy`, with its type and range.

Made from the policy itself, so a value that is added there can be overridden at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, create_model

from scanner.inventory.addresses import wrong
from scanner.inventory.nearest import nearest_of
from scanner.inventory.schema.base import Schema
from scanner.inventory.schema.holdings import ClausesModel
from scanner.inventory.schema.types import Country, Line
from scanner.model.packs import PACKS
from scanner.model.policy import Policy
from scanner.model.suite_table import NAMES
from scanner.model.suites import MOZILLA_INTERMEDIATE

_TLS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")

# Text values of which only some mean anything; a misspelt one would silently never match.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "required_clauses": tuple(ClausesModel.model_fields),
    "tls_versions_forbidden": _TLS,
    "trust_stores": Policy().trust_stores,
    "suites_forbidden": Policy().suites_forbidden,
    "dh_groups_allowed": ("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"),
    "dmarc_policies": ("none", *Policy().dmarc_policies),
}
_LARGEST = 10**12

# Those that a scan asks for, and those that a pack names, so that a pack's list can be copied.
_SUITES = tuple(sorted({*NAMES.values(), *(suite for pack in PACKS for suite in pack.policy.suites_allowed)}))


def _suite(text: str) -> str:
    """A cipher suite by its IANA name; they are too many to list them all in a message."""
    if text not in _SUITES:
        near = nearest_of(_SUITES).hint(text)
        raise wrong(
            f"must be the IANA name of a cipher suite that servers offer, such as {MOZILLA_INTERMEDIATE[0]}{near}"
        )
    return text


_Suite = Annotated[str, AfterValidator(_suite), WithJsonSchema({"type": "string", "enum": list(_SUITES)})]


def _item_type(name: str, item: Any) -> Any:
    """The type of a list's items."""
    if item is not str:
        return _as_yaml(item)
    if name in _WORDS:
        return Literal[_WORDS[name]]
    if name == "suites_allowed":
        return _Suite
    return Country if name.endswith("countries") else Line


def _as_yaml(hint: Any) -> Any:
    """A policy value's type as YAML gives it: tuples are lists."""
    if get_origin(hint) is tuple:
        return list[_as_yaml(get_args(hint)[0])]  # type: ignore[misc]  # a type made while running
    return hint


def _type_of(name: str, hint: Any) -> Any:
    """The type and range that an override must have. No number of the policy is below zero."""
    if hint is int:
        return Annotated[int, Field(ge=0, le=_LARGEST)]
    if hint is float:
        most = 1 if name.endswith("_fraction") else _LARGEST
        return Annotated[float, Field(ge=0, le=most, allow_inf_nan=False)]
    if get_origin(hint) is tuple and get_args(hint)[-1] is ...:
        return list[_item_type(name, get_args(hint)[0])]  # type: ignore[misc]  # a type made while running
    return _as_yaml(hint)


def _overrides() -> type[Schema]:
    hints, sources = get_type_hints(Policy), Policy.sources()
    values: dict[str, Any] = {}
    for each in fields(Policy):
        default = list(each.default) if isinstance(each.default, tuple) else each.default
        told = f"Source of the default: {sources[each.name]}."
        values[each.name] = (_type_of(each.name, hints[each.name]), Field(default=default, description=told))
    return create_model("PolicyOverrides", __base__=_PolicyBase, **values)


class _PolicyBase(Schema):
    """Single values of the default policy, replaced by the city's own."""

    model_config = ConfigDict(title="Policy")


if TYPE_CHECKING:
    PolicyOverrides = _PolicyBase
else:
    PolicyOverrides = _overrides()
