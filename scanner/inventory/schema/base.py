"""The base of all inventory models: strict, closed, frozen, and silent about what it was given."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Schema(BaseModel):
    """A mapping of the inventory.

    Strict: text is text and `"5"` is no number. Closed: a key that is not known is an error. A key with nothing after
    it counts as absent where it may be absent, unless `keeps_null` names it.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def keeps_null(cls) -> frozenset[str]:
        """Keys for which null means something else than absence."""
        return frozenset()

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict) or None not in data.values():
            return data
        known, kept = cls.model_fields, cls.keeps_null()
        return {
            key: value
            for key, value in data.items()
            if value is not None or key in kept or key not in known or known[key].is_required()
        }
