"""Answers about holes: one for each, whatever was asked."""

from __future__ import annotations

from scanner.model.facts.tls_tests import AddressHoles, Hole, Impossible, NotTested, TlsTestFacts
from scanner.model.unobserved import Cause, Unobserved

NO_ROBOT = Impossible(hole=Hole.ROBOT, because="no suite with RSA key exchange is on")


def test_a_hole_that_was_not_asked_about_is_not_tested() -> None:
    address = AddressHoles(address="192.0.2.1", answers=(NO_ROBOT,))
    assert address.answer(Hole.ROBOT) == NO_ROBOT
    other = address.answer(Hole.CCS)
    assert isinstance(other, NotTested)
    assert (other.gap.cause, other.gap.subject) == (Cause.UNSUPPORTED, "ccs")


def test_there_is_always_something_that_was_asked() -> None:
    [gap] = TlsTestFacts(addresses=()).answered()
    assert isinstance(gap, Unobserved)
