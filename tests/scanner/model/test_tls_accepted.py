"""What TLS was seen accepted, as evidence."""

from __future__ import annotations

from scanner.model.facts.tls import AddressTls, TlsFacts, VersionAnswer
from scanner.model.tls_accepted import accepted_at
from scanner.model.unobserved import Cause, Unobserved

GAP = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.2:443 did not answer in time.")
OLD = VersionAnswer(version="TLSv1.0", suites=("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5"))
REFUSED = VersionAnswer(version="TLSv1.3", suites=())
UNSEEN = VersionAnswer(version="TLSv1.2", suites=GAP)
SEEN = TlsFacts(addresses=(AddressTls(address="192.0.2.1", versions=(OLD, UNSEEN, REFUSED)), GAP))


def test_each_accepted_version_is_told_with_its_suites_and_nothing_else_is() -> None:
    (shown,) = accepted_at(SEEN, "192.0.2.1")
    assert shown.fact == "TLSv1.0 accepted at 192.0.2.1"
    assert shown.value == "TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_RC4_128_MD5"
    assert shown.source is TlsFacts


def test_what_was_not_seen_is_no_evidence() -> None:
    assert accepted_at(SEEN, "192.0.2.2") == ()
    assert accepted_at(GAP, "192.0.2.1") == ()
