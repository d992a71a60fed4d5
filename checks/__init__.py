"""The checks: one file per check and nothing else. See CONTRIBUTING.md for how to add one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from scanner.model.check import Check


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of their ids, found by file name: `https_hsts.py` holds the check `https-hsts`."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(getattr(importlib.import_module(f"checks.{name}"), name) for name in names)
