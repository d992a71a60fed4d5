"""What a probe is: which assets it asks, which facts it brings, and what it would do.

Each module of this package (but `base` and names with a leading underscore) holds one probe in `PROBE`; the runner
finds them by `pkgutil`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from scanner.model.asset import Asset
from scanner.model.facts.base import Facts
from scanner.model.inventory import Settings
from scanner.model.observation import Outcome
from scanner.transports.shared import Transports


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a probe brings for one kind of facts; `digest` is the SHA-256 of the raw reply in hex."""

    outcome: Outcome
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that a scan does to reach an asset, as `plan` prints it.

    Attributes:
        action: what is done, e.g. `GET`, `TLS handshakes`, `SSH`, `S3 GetBucketPolicyStatus`, `read file`.
        target: where it goes: URL, `HOST:PORT`, bucket or path.
        account: who we log in as; None where nobody logs in.
        commands: the exact remote commands, whole.
    """

    action: str
    target: str
    account: str | None = None
    commands: tuple[str, ...] = ()


class Probe(Protocol):
    """Asks one kind of asset for one or more kinds of facts."""

    name: str
    about: type[Asset]
    provides: tuple[type[Facts], ...]

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """What `run` would do. Connects to nothing and resolves no names."""

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks. Returns a reply for each kind in `provides`.

        What goes wrong at the peer is an `Unobserved` in the reply; an exception from here is a bug of ours. The
        runner cancels it when the asset's budget is spent.
        """


@cache
def all_probes() -> tuple[Probe, ...]:
    """Every probe, found by its module."""
    package = importlib.import_module("scanner.probes")
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name != "base" and m.name[0] != "_")
    return tuple(importlib.import_module(f"scanner.probes.{name}").PROBE for name in names)
