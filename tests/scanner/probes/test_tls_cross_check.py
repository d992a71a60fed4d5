"""What sslyze contradicts becomes an error of ours, and nothing else changes."""

from __future__ import annotations

import pytest

from scanner.model.facts.tls import AddressTls, TlsTraits, VersionAnswer
from scanner.model.facts.tls_tests import AddressHoles, Hole, Impossible, NotTested, Tested
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._tls_cross_check import with_hits, without_doubtful
from scanner.transports.tls import Disagreement

PEER = "192.0.2.1:443"
TLS = AddressTls(
    address="192.0.2.1",
    versions=(VersionAnswer(version="TLSv1.2", suites=("A",)), VersionAnswer(version="TLSv1.3", suites=("B",))),
    groups=("x25519",),
    traits=TlsTraits(compression=False, extended_master_secret=True),
)


def is_our_bug(found: object) -> bool:
    return (
        isinstance(found, Unobserved)
        and found.cause is Cause.PROBE_CRASHED
        and "disagree" in found.detail
        and PEER in found.detail
    )


def test_a_doubtful_version_is_an_error_and_the_others_stay() -> None:
    found = without_doubtful(TLS, [Disagreement(about="TLSv1.2", what="sslyze sees A refused")], PEER)
    assert is_our_bug(found.answer("TLSv1.2"))
    assert found.answer("TLSv1.3") == ("B",)
    assert found.groups == TLS.groups


@pytest.mark.parametrize("about", ["compression", "extended_master_secret"])
def test_a_doubtful_trait_is_an_error(about: str) -> None:
    found = without_doubtful(TLS, [Disagreement(about=about, what="sslyze sees the opposite")], PEER)
    assert is_our_bug(getattr(found.traits, about))
    assert found.versions == TLS.versions


def test_doubtful_groups_are_an_error() -> None:
    found = without_doubtful(TLS, [Disagreement(about="groups", what="sslyze sees secp256r1")], PEER)
    assert is_our_bug(found.groups)


def test_agreement_changes_nothing() -> None:
    assert without_doubtful(TLS, [], PEER) == TLS


def test_a_hole_that_was_excluded_and_is_found_is_an_error_about_it() -> None:
    excluded = Impossible(hole=Hole.CCS, because="the server speaks TLS 1.3")
    other = Impossible(hole=Hole.ROBOT, because="there is no static RSA")
    holes = AddressHoles(address="192.0.2.1", answers=(excluded, other))
    hits = (Tested(hole=Hole.CCS, open=True, seen="it did"), Tested(hole=Hole.ROBOT, open=False, seen="it did not"))
    first, second = with_hits(holes, hits, PEER).answers
    assert isinstance(first, NotTested)
    assert is_our_bug(first.gap)
    assert first.gap.subject == "ccs"
    assert second == other
