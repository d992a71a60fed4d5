"""The store: runs, observations, judgements and findings, in SQLite by default."""

from __future__ import annotations

from scanner.store.history import Judgement, Store, StoreError

__all__ = ["Judgement", "Store", "StoreError"]
