"""Tests for known holes, by sslyze's implementations; runs in the worker processes only.

sslyze answers "not vulnerable" wherever a test could not be done; here that is an answer only where the peer agreed to
every handshake of the test. An open hole is looked for once more, alone, before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sslyze.plugins.plugin_base import ScanJobResult
from sslyze.plugins.robot._robot_tester import RobotScanResultEnum, ServerDoesNotSupportRsa
from sslyze.plugins.scan_commands import ScanCommand, ScanCommandsRepository
from sslyze.plugins.session_renegotiation_plugin import SessionRenegotiationExtraArgument

from scanner.model.facts.tls import AddressTls
from scanner.model.facts.tls_tests import Hole, HoleAnswer, NotTested, Tested
from scanner.model.tls_holes import OLD_VERSIONS, gap_of_old_versions, under_rsa_key
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_gaps import gap_from
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports._tls_sslyze import Server, server


@dataclass(frozen=True)
class _Test:
    """How a hole is tested for.

    Attributes:
        command: sslyze's.
        called: to complete "when tested for …".
        verdict: what its result says; None where it says nothing.
        connections: how many of its connections ask something; on the others it may be refused.
        nameless: whether sslyze leaves the server name out, for the sake of very old servers.
        extra: its argument.
    """

    command: ScanCommand
    called: str
    verdict: Callable[[Any], Tested | None]
    connections: int
    nameless: bool = False
    extra: Any = None


def _heartbleed(result: Any) -> Tested:
    if result.is_vulnerable_to_heartbleed:
        seen = "it answered a heartbeat request that claims to be longer than it is"
        return Tested(hole=Hole.HEARTBLEED, open=True, seen=seen)
    return Tested(hole=Hole.HEARTBLEED, open=False, seen="it gave no answer to a heartbeat request of false length")


def _ccs(result: Any) -> Tested:
    if result.is_vulnerable_to_ccs_injection:
        seen = "it took a ChangeCipherSpec message before the keys were agreed"
        return Tested(hole=Hole.CCS, open=True, seen=seen)
    return Tested(hole=Hole.CCS, open=False, seen="it did not take a ChangeCipherSpec message that came too early")


_ROBOT = {
    RobotScanResultEnum.VULNERABLE_STRONG_ORACLE: (True, "it tells by its answers how a wrong RSA padding is wrong"),
    RobotScanResultEnum.VULNERABLE_WEAK_ORACLE: (
        True,
        "it tells by its answers whether an RSA padding is right, if only for well-formed messages (a weak oracle)",
    ),
    RobotScanResultEnum.NOT_VULNERABLE_NO_ORACLE: (False, "it answered right and wrong RSA paddings alike"),
}


def _robot(result: Any) -> Tested | None:
    known = _ROBOT.get(result.robot_result)
    return None if known is None else Tested(hole=Hole.ROBOT, open=known[0], seen=known[1])


def _renegotiation(result: Any) -> Tested:
    if result.supports_secure_renegotiation:
        return Tested(hole=Hole.RENEGOTIATION, open=False, seen="it renegotiates in the secure way of RFC 5746 alone")
    if result.client_renegotiations_success_count:
        return Tested(hole=Hole.RENEGOTIATION, open=True, seen="it renegotiated without the protection of RFC 5746")
    seen = "it does not know RFC 5746, and refused to renegotiate when asked"
    return Tested(hole=Hole.RENEGOTIATION, open=False, seen=seen)


# The lightest first. One renegotiation is enough to know; sslyze asks for ten, to see whether a server grows tired.
# ROBOT is asked three times: one connection for the key, and five with paddings.
_TESTS: Mapping[Hole, _Test] = {
    Hole.HEARTBLEED: _Test(ScanCommand.HEARTBLEED, "Heartbleed", _heartbleed, 1, nameless=True),
    Hole.CCS: _Test(ScanCommand.OPENSSL_CCS_INJECTION, "early ChangeCipherSpec", _ccs, 1, nameless=True),
    Hole.RENEGOTIATION: _Test(
        ScanCommand.SESSION_RENEGOTIATION,
        "insecure renegotiation",
        _renegotiation,
        2,
        extra=SessionRenegotiationExtraArgument(client_renegotiation_attempts=1),
    ),
    Hole.ROBOT: _Test(ScanCommand.ROBOT, "ROBOT", _robot, 18),
}


def try_holes(
    target: TlsTarget, tls: AddressTls, holes: Iterable[Hole], end: float, tell: Callable[[HoleAnswer], None]
) -> None:
    """Tests for holes one after the other, one connection at a time.

    Args:
        target: the server.
        tls: what its hellos showed.
        holes: what to test for; one without a test here is left out.
        end: when to stop, in `time.monotonic()`.
        tell: hears each answer as soon as it is certain.
    """
    wanted = frozenset(holes)
    found: list[Tested] = []
    silence: Unobserved | None = None
    for hole in (each for each in _TESTS if each in wanted):
        answer = NotTested(hole=hole, gap=silence) if silence else try_hole(target, tls, hole, end)
        if isinstance(answer, Tested) and answer.open:
            found.append(answer)
            continue
        if isinstance(answer, NotTested) and answer.gap.cause in (Cause.TIMEOUT, Cause.UNREACHABLE):
            silence = answer.gap  # it would not answer the next test either, and each costs time-outs
        tell(_about(answer))
    for first in found:
        tell(_about(_confirmed(first, try_hole(target, tls, first.hole, end), target)))


def _about(answer: HoleAnswer) -> HoleAnswer:
    """With the hole as the subject of its gap."""
    if isinstance(answer, NotTested):
        return replace(answer, gap=replace(answer.gap, subject=answer.hole.value))
    return answer


def _confirmed(first: Tested, second: HoleAnswer, target: TlsTarget) -> HoleAnswer:
    """An open hole where both looks saw it, else nothing that is certain."""
    if isinstance(second, Tested) and second.open:
        return first
    called = _TESTS[first.hole].called
    told = f"A first test for {called} at {target.peer} found the hole, and a second one, alone, "
    if isinstance(second, NotTested):
        cause, told = second.gap.cause, f"{told}brought no answer ({second.gap.detail.rstrip('.')})"
    else:
        cause, told = Cause.UNSUPPORTED, f"{told}did not"
    return NotTested(hole=first.hole, gap=Unobserved(cause=cause, detail=f"{told}; scan it again."))


def try_hole(target: TlsTarget, tls: AddressTls, hole: Hole, end: float) -> Tested | NotTested:
    """One test for one hole, not confirmed."""
    test = _TESTS[hole]
    version = version_to_ask(hole, tls)
    if version is None:
        return NotTested(hole=hole, gap=gap_of_old_versions(tls))
    asked = server(target, tls, version, end)
    answer = _once(test, asked)
    if test.nameless and target.server_name is not None and asked.watch.refused:
        answer = _once(test, server(target, tls, version, end, always_named=True))
    return NotTested(hole=hole, gap=answer) if isinstance(answer, Unobserved) else answer


def version_to_ask(hole: Hole, tls: AddressTls) -> str | None:
    """The newest version in which the hole can be and that the server is known to speak."""
    for version in reversed(OLD_VERSIONS):
        suites = tls.answer(version)
        if isinstance(suites, Unobserved) or not suites:
            continue
        if hole is not Hole.ROBOT or any(map(under_rsa_key, suites)):
            return version
    return None


def _once(test: _Test, asked: Server) -> Tested | Unobserved:
    """One run of a test; nothing but a result of questions that were truly asked is an answer."""
    doing, watch = f"tested for {test.called}", asked.watch
    try:
        result = run(test.command, asked, test.extra)
    except ServerDoesNotSupportRsa:  # as sslyze takes every handshake that fails
        return _out_of_bounds(asked, doing) or _unanswered(asked, doing)
    except Exception as error:
        found = _out_of_bounds(asked, doing)
        return found or (_unanswered(asked, doing) if watch.refused else gap_from(error, asked.target, doing))
    if watch.overdue or watch.flooded or watch.asked < test.connections:
        return _out_of_bounds(asked, doing) or _unanswered(asked, doing)
    detail = f"{asked.target.peer} gave different answers to the same question when {doing}; scan it again."
    return test.verdict(result) or Unobserved(cause=Cause.UNSUPPORTED, detail=detail)


def run(command: ScanCommand, asked: Server, extra: Any = None) -> Any:
    """The result of a command whose jobs are done one after the other.

    Raises:
        Exception: whatever its jobs raise; `gap_from` knows what it means.
    """
    implementation = ScanCommandsRepository.get_implementation_cls(command)
    results = []
    for job in implementation.scan_jobs_for_scan_command(asked, extra):
        value = job.function_to_call(*job.function_arguments)
        results.append(ScanJobResult(_return_value=value, _exception=None))
    return implementation.result_for_completed_scan_jobs(asked, results)


def _out_of_bounds(asked: Server, doing: str) -> Unobserved | None:
    peer = asked.target.peer
    if asked.watch.overdue:
        detail = f"{peer} answers too slowly when {doing}; raise settings.asset_budget, or scan it again."
        return Unobserved(cause=Cause.TIMEOUT, detail=detail)
    if asked.watch.flooded:
        return Unobserved(cause=Cause.MALFORMED, detail=f"{peer} sent far too much when {doing}.")
    return None


def _unanswered(asked: Server, doing: str) -> Unobserved:
    """A test that came to an end without having asked."""
    peer = asked.target.peer
    if asked.watch.refused:
        return Unobserved(cause=Cause.UNSUPPORTED, detail=f"{peer} refused the handshake when {doing}.")
    if asked.watch.silent:
        detail = f"{peer} did not answer within {asked.target.timeout:g} s when {doing}; scan it again."
        return Unobserved(cause=Cause.TIMEOUT, detail=detail)
    detail = f"{peer} broke the handshake off when {doing}; scan it again."
    return Unobserved(cause=Cause.UNREACHABLE, detail=detail)
