"""What the hellos of one version have shown so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.model.facts.tls import VersionAnswer
from scanner.model.unobserved import Unobserved
from scanner.transports._hello_events import KeyExchange
from scanner.transports._hello_heard import Taken, TakenSsl2
from scanner.transports._hello_numbers import VERSION_NAMES
from scanner.transports._hello_suites import SSL2_KINDS, name_of
from scanner.transports._hello_write import Shape

# A server has one chain per kind of key; more are a peer that makes them up as it goes.
_MOST_CHAINS = 8


@dataclass(frozen=True, kw_only=True)
class First:
    """A hello that was accepted."""

    shape: Shape
    suites: tuple[int, ...]
    taken: Taken

    @property
    def version(self) -> str:
        """One of `VERSIONS`."""
        return VERSION_NAMES[self.taken.hello.version]


@dataclass
class VersionScan:
    """What the hellos of one version have shown.

    Attributes:
        shape: what its hellos look like.
        runs: the accepted suites of each hello's worth of suites, in the order in which the server chose them.
        shut: suites whose offer was met by a closed connection.
        refused: whether the server said that it does not speak the version at all.
        gap: the first question that was not answered.
        asked: whether every question has been asked.
        chains: each different chain of certificates that came, in DER, leaf first.
        key: the finite-field key with the shortest prime that came.
        extensions: numbers of all extensions that came.
        ssl2: what SSL 2 showed.
    """

    shape: Shape
    runs: list[list[int]] = field(default_factory=list)
    shut: list[list[int]] = field(default_factory=list)
    refused: bool = False
    gap: Unobserved | None = None
    asked: bool = False
    chains: dict[tuple[bytes, ...], None] = field(default_factory=dict)
    key: KeyExchange | None = None
    extensions: frozenset[int] = frozenset()
    ssl2: TakenSsl2 | None = None

    @property
    def version(self) -> str:
        """One of `VERSIONS`."""
        return self.shape.version

    @property
    def accepted(self) -> list[int]:
        """The codes of the accepted suites."""
        return [suite for run in self.runs for suite in run]

    def note(self, taken: Taken) -> None:
        """Keeps what an accepted hello showed besides the suite."""
        if taken.chain and len(self.chains) < _MOST_CHAINS:
            self.chains[taken.chain] = None
        if not taken.hello.extensions <= self.extensions:
            self.extensions |= taken.hello.extensions
        if taken.key and taken.key.prime_bits and (not self.key or taken.key.prime_bits < self.key.prime_bits):
            self.key = taken.key

    def answer(self, over: Unobserved) -> VersionAnswer:
        """The facts. What was accepted is certain; a refusal only if every question was answered.

        Args:
            over: the gap that stands for questions that were never asked.
        """
        gap = self.gap or (None if self.asked else over)
        names = tuple(self._names())
        if not names and gap is not None:
            return VersionAnswer(version=self.version, suites=gap)
        return VersionAnswer(version=self.version, suites=names, gap=gap)

    def _names(self) -> Iterator[str]:
        if self.ssl2 is not None:
            yield from (SSL2_KINDS.get(kind, f"0x{kind:06X}") for kind in self.ssl2.kinds)
        yield from (name_of(suite) for suite in self.accepted)
