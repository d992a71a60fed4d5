"""What sslyze's own commands see, held against what our hellos saw; runs in the worker processes only.

A look of ours that sslyze contradicts is a bug of ours, and is told as one. So only what is certain on both sides
counts: an acceptance, or a refusal by an alert, seen twice. Silence and closed connections count for nothing, nor does
what sslyze's two OpenSSLs cannot offer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sslyze.plugins.openssl_cipher_suites._test_cipher_suite import (
    CipherSuiteAcceptedByServer,
    connect_with_cipher_suite,
)
from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuite, CipherSuitesRepository
from sslyze.plugins.scan_commands import ScanCommand, ScanCommandsRepository

from scanner.model.facts.tls import AddressTls, VersionAnswer
from scanner.model.tls_holes import OLD_VERSIONS
from scanner.transports._tls_protocol import Disagreement, TlsTarget
from scanner.transports._tls_sslyze import VERSIONS, Server, server
from scanner.transports._tls_tests import run

_AT_ONCE = 4

# The groups that both OpenSSLs of sslyze know, and those that the newer one can be asked for.
_COMMON_GROUPS = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_GROUPS = frozenset({"x25519", "x448"}) | _COMMON_GROUPS


def cross_check(target: TlsTarget, tls: AddressTls, end: float, tell: Callable[[Disagreement], None]) -> None:
    """Runs every command of sslyze whose answer our hellos give as well.

    Args:
        target: the server.
        tls: what our hellos saw.
        end: when to stop, in `time.monotonic()`.
        tell: hears each disagreement.
    """
    for answer in tls.versions:
        for each in _suites(target, tls, answer, end):
            tell(each)
    for each in (*_traits(target, tls, end), *_groups(target, tls, end)):
        tell(each)


def _suites(target: TlsTarget, tls: AddressTls, answer: VersionAnswer, end: float) -> Iterator[Disagreement]:
    if not isinstance(answer.suites, tuple) or answer.version not in VERSIONS:
        return
    suites = sorted(CipherSuitesRepository.get_all_cipher_suites(VERSIONS[answer.version]), key=lambda each: each.name)

    def doubtful(suite: CipherSuite) -> str | None:
        """What sslyze saw of a suite, where it is not what we saw."""
        if time.monotonic() >= end:
            return None
        return _differs(tls, answer, suite.name, _accepts(target, tls, answer.version, suite, end))

    with ThreadPoolExecutor(1 if target.starttls else _AT_ONCE) as pool:
        first = list(pool.map(doubtful, suites))
    for suite, seen in zip(suites, first, strict=True):
        if seen and doubtful(suite) == seen:
            yield Disagreement(
                about=answer.version, what=f"sslyze sees {suite.name} {seen}, and civicseal the opposite"
            )


def _differs(tls: AddressTls, answer: VersionAnswer, name: str, accepted: bool | None) -> str | None:
    assert isinstance(answer.suites, tuple)  # noqa: S101 (asked before)
    if accepted is True and name not in answer.suites and answer.gap is None:
        return "accepted"
    if accepted is False and name in answer.suites and _offers_its_groups(tls, name):
        return "refused"
    return None


def _offers_its_groups(tls: AddressTls, suite: str) -> bool:
    """Whether sslyze can do the key exchange of a suite with this server."""
    if "_ECDHE_" not in suite and "_WITH_" in suite:
        return True
    return isinstance(tls.groups, tuple) and any(group.lower() in _COMMON_GROUPS for group in tls.groups)


def _accepts(target: TlsTarget, tls: AddressTls, version: str, suite: CipherSuite, end: float) -> bool | None:
    """Whether a suite is accepted; None where that is not certain."""
    asked = server(target, tls, version, end)
    try:
        found = connect_with_cipher_suite(asked, VERSIONS[version], suite)
    except Exception:  # whatever sslyze makes of the peer, it is no certain answer
        return None
    if isinstance(found, CipherSuiteAcceptedByServer):
        return True
    return False if asked.watch.refused else None


def _traits(target: TlsTarget, tls: AddressTls, end: float) -> Iterator[Disagreement]:
    old = [each.version for each in tls.accepted if each.version in OLD_VERSIONS]
    if not old:
        return
    ours = tls.traits
    for name, saw, ask in (
        ("compression", ours.compression, _compression),
        ("extended_master_secret", ours.extended_master_secret, _extended_master_secret),
        ("secure_renegotiation", ours.secure_renegotiation, _secure_renegotiation),
        ("fallback_refused", ours.fallback_refused, _fallback_refused if _one_below(old) else None),
    ):
        if ask is None or not isinstance(saw, bool) or time.monotonic() >= end:
            continue
        seen = [_quietly(ask, server(target, tls, old[-1], end)) for _ in range(2)]
        if seen == [not saw, not saw]:
            said = name.replace("_", " ")
            yield Disagreement(about=name, what=f"sslyze sees {said}: {_yes(not saw)}, and civicseal: {_yes(saw)}")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _one_below(old: list[str]) -> bool:
    """Whether the version just below the newest one is spoken: that one sslyze falls back to."""
    return len(old) > 1 and OLD_VERSIONS.index(old[-1]) - OLD_VERSIONS.index(old[-2]) == 1


def _quietly(ask: Callable[[Server], bool | None], asked: Server) -> bool | None:
    try:
        return ask(asked)
    except Exception:  # as above
        return None


def _compression(asked: Server) -> bool | None:
    compresses = run(ScanCommand.TLS_COMPRESSION, asked).supports_compression
    return bool(compresses) if asked.watch.asked else None


def _extended_master_secret(asked: Server) -> bool | None:
    return bool(run(ScanCommand.TLS_EXTENDED_MASTER_SECRET, asked).supports_ems_extension)


def _secure_renegotiation(asked: Server) -> bool | None:
    """The first job of the command alone: the second one renegotiates, which is a test for a hole."""
    command = ScanCommandsRepository.get_implementation_cls(ScanCommand.SESSION_RENEGOTIATION)
    job = command.scan_jobs_for_scan_command(asked)[0]
    _, secure = job.function_to_call(*job.function_arguments)
    return bool(secure) if asked.watch.asked else None


def _fallback_refused(asked: Server) -> bool | None:
    refused = run(ScanCommand.TLS_FALLBACK_SCSV, asked).supports_fallback_scsv
    return bool(refused) if asked.watch.asked or asked.watch.refused else None


def _groups(target: TlsTarget, tls: AddressTls, end: float) -> Iterator[Disagreement]:
    if not isinstance(tls.groups, tuple) or not tls.accepted or time.monotonic() >= end:
        return
    newest = tls.accepted[-1].version
    if newest not in ("TLSv1.2", "TLSv1.3"):
        return
    ours = {group.lower() for group in tls.groups}
    for name in sorted(_sslyze_groups(server(target, tls, newest, end)) & _GROUPS - ours):
        yield Disagreement(about="groups", what=f"sslyze sees the group {name} accepted, and civicseal the opposite")


def _sslyze_groups(asked: Server) -> frozenset[str]:
    result: Any = None
    try:
        result = run(ScanCommand.ELLIPTIC_CURVES, asked)
    except Exception:  # as above
        return frozenset()
    return frozenset(curve.name.lower() for curve in result.supported_curves or ())
