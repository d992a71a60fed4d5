"""The nearest valid name for a typo, with a bound on the work: ten thousand typos among ten thousand ids stay cheap."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cache

# Sets of at most so many names (the keys of a mapping, the checks) are always searched in full.
_FEW = 200
# Comparisons that one larger set may cost; each takes about 0.1 ms.
_COMPARISONS = 20_000
_LONGEST = 64
_MOST_KEPT = 10_000


def _variants(name: str) -> Iterator[str]:
    """The name, and the name without one of its letters: two names one slip apart share one of these."""
    yield name
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]


class Nearest:
    """Finds the nearest of a set of names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(set(names))
        self._slips: dict[str, str] | None = None
        self._known: dict[str, str | None] = {}
        self._left = _COMPARISONS

    def to(self, typo: object) -> str | None:
        """The nearest name, or None where none is near."""
        if not isinstance(typo, str) or len(typo) > _LONGEST:
            return None
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        if typo not in self._known:
            self._known[typo] = self._one_slip(typo) or self._alike(typo)
        return self._known[typo]

    def hint(self, typo: object) -> str:
        """`; did you mean X?`, or nothing."""
        found = self.to(typo)
        return f"; did you mean {found}?" if found else ""

    def _one_slip(self, typo: str) -> str | None:
        """A name that differs by case, `-` for `_`, or one letter too many, too few, wrong or swapped."""
        if self._slips is None:
            self._slips = {
                variant: name
                for name in reversed(self._names)
                if len(name) <= _LONGEST
                for variant in _variants(_folded(name))
                if variant
            }
        found = (self._slips.get(variant) for variant in _variants(_folded(typo)))
        return next((name for name in found if name), None) if len(typo) > 2 else None

    def _alike(self, typo: str) -> str | None:
        """The most similar name, as long as the search may cost something."""
        if len(self._names) > _FEW:
            self._left -= len(self._names)
        if self._left < 0:
            return None
        return next(iter(difflib.get_close_matches(typo, self._names, n=1, cutoff=0.6)), None)


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")


@cache
def nearest_of(names: tuple[str, ...]) -> Nearest:
    """A finder for names that the program itself has, made once."""
    return Nearest(names)
