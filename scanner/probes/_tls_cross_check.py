"""`--depth deep`: sslyze asked for all that our own hellos saw, and for the holes that they exclude.

Where the two disagree, one of them is wrong; until that is found out nobody may rely on the answer, so that it becomes
an error of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

from scanner.model.facts.tls import VERSIONS, AddressTls, TlsTraits
from scanner.model.facts.tls_tests import AddressHoles, Hole, HoleAnswer, Impossible, NotTested, Tested
from scanner.model.tls_holes import ACTIVE
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._tls_questions import in_turn, tested
from scanner.transports.shared import Transports
from scanner.transports.tls import Disagreement, TlsTarget

_TRAITS = frozenset(each.name for each in fields(TlsTraits))


async def cross_checked(
    target: TlsTarget, tls: AddressTls, holes: AddressHoles, transports: Transports, *, until: float
) -> tuple[AddressTls, AddressHoles]:
    """What was seen, without the answers that sslyze contradicts."""
    excluded = frozenset(each.hole for each in holes.answers if isinstance(each, Impossible)) & ACTIVE
    hits: tuple[HoleAnswer, ...] = ()
    if transports.settings.active_tests:
        hits = await tested(target, tls, excluded, transports, until=until)
    found = await in_turn(
        target, transports, lambda: transports.tls.cross_check(target, tls, until=until), lambda gap: gap, until=until
    )
    # A cross-check that was not gone through has found nothing; our own answers stand as they do without one.
    disagreements = () if isinstance(found, Unobserved) else found
    return without_doubtful(tls, disagreements, target.peer), with_hits(holes, hits, target.peer)


def without_doubtful(tls: AddressTls, disagreements: Iterable[Disagreement], peer: str) -> AddressTls:
    """What hellos showed, with a gap for each answer that is contradicted."""
    for each in disagreements:
        gap = _our_bug(each.about, each.what, peer)
        if each.about in VERSIONS:
            versions = (
                replace(answer, suites=gap, gap=None) if answer.version == each.about else answer
                for answer in tls.versions
            )
            tls = replace(tls, versions=tuple(versions))
        elif each.about == "groups":
            tls = replace(tls, groups=gap)
        elif each.about in _TRAITS:
            changes: dict[str, Unobserved] = {each.about: gap}
            tls = replace(tls, traits=replace(tls.traits, **changes))
    return tls


def with_hits(holes: AddressHoles, hits: Iterable[HoleAnswer], peer: str) -> AddressHoles:
    """The answers for holes, with a gap for each that was excluded and found all the same."""
    found: dict[Hole, str] = {each.hole: each.seen for each in hits if isinstance(each, Tested) and each.open}
    answers = tuple(
        NotTested(hole=each.hole, gap=_found(each, found[each.hole], peer))
        if isinstance(each, Impossible) and each.hole in found
        else each
        for each in holes.answers
    )
    return replace(holes, answers=answers)


def _found(excluded: Impossible, seen: str, peer: str) -> Unobserved:
    what = f"sslyze finds it, as {seen}, and civicseal excludes it, as {excluded.because}"
    return replace(_our_bug(excluded.hole.value, what, peer), subject=excluded.hole.value)


def _our_bug(about: str, what: str, peer: str) -> Unobserved:
    told = about.replace("_", " ")
    detail = f"civicseal's own look and sslyze disagree about {told} at {peer} ({what}); please report this bug."
    return Unobserved(cause=Cause.PROBE_CRASHED, detail=detail)
