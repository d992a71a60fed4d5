"""What a probe brings back: facts, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.facts.base import Facts
from scanner.model.unobserved import Cause, Unobserved

__all__ = ["Cause", "Depth", "Observation", "Outcome", "Unobserved"]

Outcome = Facts | Unobserved


class Depth(StrEnum):
    """How much is asked of each target."""

    STANDARD = "standard"
    DEEP = "deep"


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One planned question and its answer.

    Attributes:
        asset: id of the asset that was asked.
        kind: name of the kind of facts that was sought (`Facts.kind()`).
        probe: who asked.
        observed_at: when the answer came, UTC.
        outcome: the facts, or why there are none.
        digest: SHA-256 of the raw reply in hex; empty where there was none.
    """

    asset: str
    kind: str
    probe: str
    observed_at: datetime
    outcome: Outcome
    digest: str = ""
