"""Which holes a TLS server cannot have, after what its hellos showed. Pure; nothing is sent.

A test is a burden on the server and may look like an attack, so that it is sent only where its hole can be at all.
What could not be seen excludes nothing. Sources:

- Heartbleed, CVE-2014-0160: OpenSSL's advisory of 7 April 2014; RFC 6520, section 2. The affected OpenSSL answers the
  heartbeat extension to every client that offers it (`ssl_add_serverhello_tlsext` of 1.0.1).
- Early ChangeCipherSpec, CVE-2014-0224: OpenSSL's advisory of 5 June 2014 (servers of 1.0.1 before 1.0.1h and of
  1.0.2-beta1). OpenSSL knows the extended master secret (RFC 7627) from 1.1.0 and TLS 1.3 from 1.1.1 on (its CHANGES).
- ROBOT, CVE-2017-13099 and others: Boeck, Somorovsky, Young, "Return Of Bleichenbacher's Oracle Threat", 2017,
  section 3: RSA key exchange, which TLS 1.3 has not (RFC 8446, section 1.2).
- Insecure renegotiation, CVE-2009-3555: RFC 5746; TLS 1.3 has no renegotiation (RFC 8446, section 4.1.2).
- CRIME, CVE-2012-4929: DEFLATE of RFC 3749; TLS 1.3 has no compression (RFC 8446, section 4.1.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from scanner.model.facts.tls import AddressTls
from scanner.model.facts.tls_tests import Hole, HoleAnswer, Impossible, NotTested, Tested
from scanner.model.suites import key_exchange
from scanner.model.unobserved import Cause, Unobserved

OLD_VERSIONS = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")
"""The versions in which these holes can be: those with a ChangeCipherSpec that matters, and without TLS 1.3's rules."""

ACTIVE = frozenset({Hole.HEARTBLEED, Hole.CCS, Hole.ROBOT, Hole.RENEGOTIATION})
"""The holes that are tested for by what no ordinary client sends; `settings.active_tests` turns these tests off."""


def possible(hole: Hole, tls: AddressTls) -> Impossible | None:
    """Why a hole cannot be there; None where it can, or where too little was seen to exclude it."""
    because = _no_old_version(tls) or _REASONS[hole](tls)
    return Impossible(hole=hole, because=because) if because else None


def seen_in_hellos(tls: AddressTls) -> HoleAnswer:
    """Whether the server compresses: its hellos show that, and no test is needed."""
    hole = Hole.COMPRESSION
    excluded = possible(hole, tls)
    if excluded is not None:
        return excluded
    compresses = tls.traits.compression
    if isinstance(compresses, bool):
        seen = "it agreed to compress with DEFLATE" if compresses else "it agreed to no compression"
        return Tested(hole=hole, open=compresses, seen=seen)
    return NotTested(hole=hole, gap=replace(compresses or gap_of_old_versions(tls), subject=hole.value))


def gap_of_old_versions(tls: AddressTls) -> Unobserved:
    """Why it is not known whether the server speaks a version in which these holes can be."""
    for version in reversed(OLD_VERSIONS):
        suites = tls.answer(version)
        if isinstance(suites, Unobserved):
            return suites
    detail = f"{tls.address} showed too little in its handshakes to tell; scan it again."
    return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)


def under_rsa_key(suite: str) -> bool:
    """Whether a suite exchanges keys under the certificate's own RSA key, as ROBOT needs it."""
    return key_exchange(suite) == "RSA"


def _no_old_version(tls: AddressTls) -> str | None:
    answers = [tls.answer(version) for version in OLD_VERSIONS]
    if any(isinstance(suites, Unobserved) or suites for suites in answers):
        return None
    return "the server speaks no version from SSL 3 to TLS 1.2, and only those can have it"


def _heartbleed(tls: AddressTls) -> str | None:
    if tls.traits.heartbeat is False:
        return "the server does not answer the heartbeat extension, as every OpenSSL with this hole does"
    return None


def _ccs(tls: AddressTls) -> str | None:
    newest = tls.answer("TLSv1.3")
    if not isinstance(newest, Unobserved) and newest:
        return "the server speaks TLS 1.3, which no OpenSSL with this hole does"
    if tls.traits.extended_master_secret is True:
        return "the server knows the extended master secret, which no OpenSSL with this hole does"
    return None


def _robot(tls: AddressTls) -> str | None:
    for version in tls.versions:
        if version.version not in OLD_VERSIONS:
            continue
        if isinstance(version.suites, Unobserved) or version.gap is not None or any(map(under_rsa_key, version.suites)):
            return None
    return "the server accepts no suite that exchanges keys under its RSA key"


def _renegotiation(tls: AddressTls) -> str | None:
    if tls.traits.secure_renegotiation is True:
        return "the server renegotiates in the secure way of RFC 5746 alone"
    return None


def _compression(tls: AddressTls) -> str | None:
    return None


_REASONS: Mapping[Hole, Callable[[AddressTls], str | None]] = {
    Hole.HEARTBLEED: _heartbleed,
    Hole.CCS: _ccs,
    Hole.ROBOT: _robot,
    Hole.RENEGOTIATION: _renegotiation,
    Hole.COMPRESSION: _compression,
}
