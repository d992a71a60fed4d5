"""Reading what an address answered for each version of TLS: suites that were seen, and what was not seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.model.facts.tls import VERSIONS, AddressTls, VersionAnswer
from scanner.model.finding import Undecided, undecided
from scanner.model.unobserved import Unobserved


def answers(address: AddressTls, versions: Iterable[str] = VERSIONS) -> tuple[VersionAnswer, ...]:
    """An answer for each of these versions; for one that was not asked it holds the gap."""
    known = {each.version: each for each in address.versions}
    return tuple(
        known[version] if version in known else VersionAnswer(version=version, suites=address.answer(version))
        for version in versions
    )


def suites_of(answer: VersionAnswer) -> tuple[str, ...]:
    """The suites that were seen accepted, in the server's order; empty too where nothing was seen."""
    return answer.suites if isinstance(answer.suites, tuple) else ()


def accepted_suites(address: AddressTls) -> Iterator[tuple[str, str]]:
    """Every accepted suite with its version, oldest version first."""
    return ((each.version, suite) for each in answers(address) for suite in suites_of(each))


def unseen(asked: Iterable[VersionAnswer]) -> Iterator[Undecided]:
    """A verdict for each answer that may lack something: the version was not seen, or not all of its suites."""
    for answer in asked:
        gap = answer.suites if isinstance(answer.suites, Unobserved) else answer.gap
        if gap is not None:
            yield undecided(gap)
