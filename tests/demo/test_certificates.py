"""The demo's leaf certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from demo.certificates import issue, new_authority
from demo.layout import SITES, Leaf
from scanner.model.certificate_lifetimes import lifetime_days


@pytest.mark.parametrize(("leaf", "left"), [(Leaf.GOOD, 79), (Leaf.EXPIRED, -31)])
def test_a_leaf_lives_for_ninety_days(leaf: Leaf, left: int) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    made = issue(replace(SITES[0], leaf=leaf), new_authority(), now).certificate
    assert lifetime_days(made.not_valid_before_utc, made.not_valid_after_utc) == 90
    assert (made.not_valid_after_utc - now).days == left
