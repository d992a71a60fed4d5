"""What a check is, and how it is made from one function.

A check's signature says what it needs; the engine hands exactly that over:

===========================  ==========================================================================
parameter type               what the check receives
===========================  ==========================================================================
an `Asset` kind (first)      the asset that is judged
a `Facts` kind `X`           the facts; were they not seen, the check is not called and the engine says unknown
`X | Unobserved`             the facts or why there are none: evidence the check may be able to do without
`Policy`                     thresholds, clauses and reference data
`datetime`                   the run's start, the only clock a check may know
`Vendor | None`              the vendor that the inventory declares for the asset
`tuple[Dataset, ...]`        the datasets that the asset declares to hold
`Related[X]`                 facts of the assets that the inventory relates to this one
`Across[P]`                  a bounded, indexed projection `P` over the whole run
===========================  ==========================================================================
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar

from scanner.model.asset import Asset, Dataset, Vendor
from scanner.model.facts.base import Facts
from scanner.model.finding import Severity, Verdict
from scanner.model.policy import Policy
from scanner.model.principle import Principle
from scanner.model.unobserved import Unobserved

FactsT = TypeVar("FactsT", bound=Facts)


class Related(Mapping[str, FactsT | Unobserved], Generic[FactsT]):
    """Facts of related assets, by asset id. Holds only assets that were asked for this kind of facts."""

    def __init__(self, found: Mapping[str, FactsT | Unobserved]) -> None:
        self._found = dict(found)

    def __getitem__(self, asset: str) -> FactsT | Unobserved:
        return self._found[asset]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


@dataclass(frozen=True, kw_only=True)
class Projection:
    """A small summary of one asset's facts, kept for the whole run so that checks can compare assets.

    Attributes:
        source: the kind of facts it is taken from.
        limit: most entries that one run keeps; beyond it the index says that it is cut.
    """

    source: ClassVar[type[Facts]]
    limit: ClassVar[int] = 100_000
    asset: str
    key: str

    @classmethod
    def of(cls, asset: str, facts: Any) -> Iterable[Self]:
        """The entries that one asset's facts give."""
        raise NotImplementedError


ProjectionT = TypeVar("ProjectionT", bound=Projection)


class Across(Generic[ProjectionT]):
    """An index over the whole run: entries by key, for instance every asset that shares a certificate."""

    def __init__(self, entries: Iterable[ProjectionT] = (), *, cut: bool = False) -> None:
        found: dict[str, list[ProjectionT]] = {}
        for entry in entries:
            found.setdefault(entry.key, []).append(entry)
        self._by_key = {key: tuple(listed) for key, listed in found.items()}
        self.cut = cut

    def by_key(self, key: str) -> tuple[ProjectionT, ...]:
        """All entries of one key, in the order of the run's assets."""
        return self._by_key.get(key, ())

    def keys(self) -> Iterable[str]:
        """Every key."""
        return self._by_key.keys()


@dataclass(frozen=True)
class Need:
    """One parameter of a check."""

    name: str


@dataclass(frozen=True)
class NeedsFacts(Need):
    """Facts about the judged asset; `optional` where the check can decide without."""

    facts: type[Facts]
    optional: bool


@dataclass(frozen=True)
class NeedsRelated(Need):
    """Facts about related assets."""

    facts: type[Facts]


@dataclass(frozen=True)
class NeedsAcross(Need):
    """A projection over the run."""

    projection: type[Projection]


class NeedsAsset(Need):
    """The judged asset itself."""


class NeedsPolicy(Need):
    """The policy."""


class NeedsNow(Need):
    """The run's start."""


class NeedsVendor(Need):
    """The declared vendor."""


class NeedsDatasets(Need):
    """The declared datasets."""


Verdicts = Verdict | Iterable[Verdict]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question about one kind of asset.

    Attributes:
        revision: raised when the rule changes its meaning, so that a diff can tell the rule from the world.
        about: the kind of asset, or what several kinds have in common.
        needs: what the judge must be given, in the order of its parameters.
        doc: the module's docstring, the source of the check's page.
    """

    id: str
    title: str
    principle: Principle
    severity: Severity
    revision: int
    about: type[Asset]
    needs: tuple[Need, ...]
    judge: Callable[..., Verdicts]
    doc: str


def _is_facts(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Facts)


def _need_of_union(name: str, members: tuple[object, ...]) -> Need | None:
    facts = [member for member in members if _is_facts(member)]
    if len(facts) == 1 and Unobserved in members and len(members) == 2:
        return NeedsFacts(name, typing.cast(type[Facts], facts[0]), optional=True)
    if set(members) == {Vendor, types.NoneType}:
        return NeedsVendor(name)
    return None


def _need_of_generic(name: str, origin: object, arguments: tuple[Any, ...]) -> Need | None:
    if origin is Related:
        return NeedsRelated(name, arguments[0])
    if origin is Across:
        return NeedsAcross(name, arguments[0])
    if origin is tuple and arguments[:1] == (Dataset,):
        return NeedsDatasets(name)
    return None


def _need(name: str, annotation: Any) -> Need:
    simple: dict[object, type[Need]] = {Policy: NeedsPolicy, datetime: NeedsNow}
    if annotation in simple:
        return simple[annotation](name)
    if _is_facts(annotation):
        return NeedsFacts(name, annotation, optional=False)
    arguments = typing.get_args(annotation)
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        found = _need_of_union(name, arguments)
    else:
        found = _need_of_generic(name, typing.get_origin(annotation), arguments)
    if found is None:
        raise TypeError(f"a check cannot ask for {name}: {annotation}")
    return found


def check(
    *, id: str, title: str, principle: Principle, severity: Severity, revision: int = 1
) -> Callable[[Callable[..., Verdicts]], Check]:
    """Makes a `Check` of a function, reading what it needs from its signature.

    Raises:
        TypeError: if a parameter asks for something that the engine cannot give.
    """

    def make(judge: Callable[..., Verdicts]) -> Check:
        """Reads the signature."""
        hints = typing.get_type_hints(judge)
        first, *rest = list(inspect.signature(judge).parameters)
        about = hints[first]
        if not (isinstance(about, type) and issubclass(about, Asset)):
            raise TypeError(f"{id}: the first parameter must be a kind of asset, not {about}")
        module = inspect.getmodule(judge)
        return Check(
            id=id,
            title=title,
            principle=principle,
            severity=severity,
            revision=revision,
            about=about,
            needs=(NeedsAsset(first), *(_need(name, hints[name]) for name in rest)),
            judge=judge,
            doc=inspect.getdoc(module) or "",
        )

    return make
