"""What a policy pack is: clauses of somebody's rules, and the policy values that express them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scanner.model.policy import Policy

CITY = "city"
"""The id under which findings show the city's own overrides; its clauses are names of policy values."""


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One rule of a pack that a check judges.

    Attributes:
        check: id of the check.
        id: how the source itself names the clause, such as a section or a key.
        requirement: one sentence in our own words.
    """

    check: str
    id: str
    requirement: str


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Somebody's rules.

    Attributes:
        id: kebab-case; stands in stored findings and never changes.
        name: what people call it.
        version: of the rules.
        date: of that version, as exact as its source gives it.
        source: where the clauses and thresholds are taken from; says so where that is not the original text.
        values: what differs from the default policy, by name.
        left_out: what the rules ask for besides, and why no clause here stands for it.
    """

    id: str
    name: str
    version: str
    date: str
    source: str
    clauses: tuple[Clause, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @cached_property
    def policy(self) -> Policy:
        """The default policy with this pack's values; a city's overrides have no part in it."""
        return Policy().with_overrides(self.values)

    @cached_property
    def _by_check(self) -> Mapping[str, Clause]:
        return {clause.check: clause for clause in self.clauses}

    def clause(self, check: str) -> Clause | None:
        """The clause that a check judges; None where these rules do not ask for it."""
        return self._by_check.get(check)
