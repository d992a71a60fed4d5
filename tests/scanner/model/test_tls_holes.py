"""Which holes a server cannot have, after its hellos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.facts.tls import VERSIONS, AddressTls, TlsTraits, VersionAnswer
from scanner.model.facts.tls_tests import Hole, Impossible, NotTested, Tested
from scanner.model.tls_holes import ACTIVE, possible, seen_in_hellos
from scanner.model.unobserved import Cause, Unobserved

GAP = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.1:443 did not answer.")
ECDHE, RSA = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"
MODERN = "TLS_AES_128_GCM_SHA256"


def server(traits: TlsTraits | None = None, **versions: Any) -> AddressTls:
    """A server; `v12=(RSA,)` for the suites of TLS 1.2, versions not named are refused."""
    keys = dict(zip(("ssl2", "ssl3", "v10", "v11", "v12", "v13"), VERSIONS, strict=True))
    answers = {version: versions.get(key, ()) for key, version in keys.items()}
    return AddressTls(
        address="192.0.2.1",
        versions=tuple(VersionAnswer(version=version, suites=suites) for version, suites in answers.items()),
        traits=traits or TlsTraits(),
    )


@pytest.mark.parametrize("hole", Hole)
def test_tls_13_alone_has_none_of_them(hole: Hole) -> None:
    found = possible(hole, server(v13=(MODERN,)))
    assert isinstance(found, Impossible)
    assert found.hole is hole


@pytest.mark.parametrize("hole", Hole)
def test_what_was_not_seen_excludes_nothing(hole: Hole) -> None:
    unseen = TlsTraits(heartbeat=GAP, extended_master_secret=GAP, secure_renegotiation=GAP, compression=GAP)
    assert possible(hole, server(unseen, v12=GAP, v13=GAP)) is None


@pytest.mark.parametrize(
    ("hole", "closed", "open_"),
    [
        (Hole.HEARTBLEED, TlsTraits(heartbeat=False), TlsTraits(heartbeat=True)),
        (Hole.CCS, TlsTraits(extended_master_secret=True), TlsTraits(extended_master_secret=False)),
        (Hole.RENEGOTIATION, TlsTraits(secure_renegotiation=True), TlsTraits(secure_renegotiation=False)),
    ],
)
def test_a_trait_excludes_its_hole(hole: Hole, closed: TlsTraits, open_: TlsTraits) -> None:
    assert isinstance(possible(hole, server(closed, v12=(ECDHE,))), Impossible)
    assert possible(hole, server(open_, v12=(ECDHE,))) is None


def test_tls_13_beside_older_versions_excludes_an_early_change_cipher_spec() -> None:
    assert isinstance(possible(Hole.CCS, server(v12=(ECDHE,), v13=(MODERN,))), Impossible)
    assert possible(Hole.CCS, server(v12=(ECDHE,), v13=GAP)) is None


def test_robot_needs_a_suite_of_static_rsa() -> None:
    assert isinstance(possible(Hole.ROBOT, server(v12=(ECDHE,))), Impossible)
    assert possible(Hole.ROBOT, server(v12=(ECDHE,), v10=(RSA,))) is None
    doubtful = server(v12=(ECDHE,))
    partly = tuple(replace(each, gap=GAP) if each.version == "TLSv1.2" else each for each in doubtful.versions)
    assert possible(Hole.ROBOT, replace(doubtful, versions=partly)) is None


def test_compression_is_seen_without_a_test() -> None:
    for compresses in (True, False):
        found = seen_in_hellos(server(TlsTraits(compression=compresses), v12=(ECDHE,)))
        assert isinstance(found, Tested)
        assert found.open is compresses
    assert isinstance(seen_in_hellos(server(v13=(MODERN,))), Impossible)


@pytest.mark.parametrize("trait", [GAP, None])
def test_compression_that_was_not_seen_is_a_gap_about_it(trait: Unobserved | None) -> None:
    found = seen_in_hellos(server(TlsTraits(compression=trait), v12=GAP))
    assert isinstance(found, NotTested)
    assert (found.gap.subject, found.gap.detail) == ("compression", GAP.detail)


def test_compression_that_nobody_asked_for_is_a_gap_too() -> None:
    found = seen_in_hellos(server(v12=(ECDHE,)))
    assert isinstance(found, NotTested)


def test_no_test_is_sent_for_compression() -> None:
    assert set(Hole) - ACTIVE == {Hole.COMPRESSION}


_TRAIT = st.sampled_from([True, False, None, GAP])
_SUITES = st.sampled_from([(), (ECDHE,), (RSA,), (ECDHE, RSA), GAP])


@given(
    st.builds(
        TlsTraits,
        heartbeat=_TRAIT,
        extended_master_secret=_TRAIT,
        secure_renegotiation=_TRAIT,
        compression=_TRAIT,
    ),
    st.dictionaries(st.sampled_from(["ssl2", "ssl3", "v10", "v11", "v12", "v13"]), _SUITES),
    st.sampled_from(Hole),
)
def test_every_server_has_an_answer(traits: TlsTraits, versions: dict[str, Any], hole: Hole) -> None:
    tls = server(traits, **versions)
    found = possible(hole, tls)
    assert found is None or found.because
    assert seen_in_hellos(tls).hole is Hole.COMPRESSION
