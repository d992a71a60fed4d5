"""What all kinds of facts share: a name, a revision, and items that may be missing one by one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from scanner.model.unobserved import Unobserved

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a probe saw of one asset. Subclasses are frozen dataclasses of plain values.

    A field typed `tuple[Item | Unobserved, ...]` holds what was seen part by part. An `Unobserved` in it that names
    its subject becomes that subject's `unknown` in every check that requires these facts: the engine sees to it.

    Attributes:
        revision: raised when a field changes its meaning; stored facts of another revision are not read.
    """

    revision: ClassVar[int] = 1

    @classmethod
    def kind(cls) -> str:
        """The name under which these facts are stored."""
        return cls.__name__


def observed(items: Iterable[Item | Unobserved]) -> tuple[Item, ...]:
    """The items that were seen, without the gaps that the engine reports on its own."""
    return tuple(item for item in items if not isinstance(item, Unobserved))


def kinds_of_facts() -> Mapping[str, type[Facts]]:
    """Every kind of facts in this package, by name."""
    package = importlib.import_module("scanner.model.facts")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return {cls.kind(): cls for cls in Facts.__subclasses__() if cls.__module__.startswith(package.__name__)}
