"""Policy packs: other people's rules as data, judged beside the default policy in the same run."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.model.packs.base import CITY, Clause, Pack
from scanner.model.packs.bod_18_01 import BOD_18_01
from scanner.model.packs.mozilla import MOZILLA
from scanner.model.packs.ncsc_nl import NCSC_NL

__all__ = ["BY_ID", "CITY", "PACKS", "Clause", "Pack"]

PACKS: tuple[Pack, ...] = (BOD_18_01, MOZILLA, NCSC_NL)
"""Every pack, in the order in which reports tell them."""

BY_ID: Mapping[str, Pack] = {pack.id: pack for pack in PACKS}
