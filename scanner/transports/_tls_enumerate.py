"""Which versions and suites a server accepts, with as few handshakes as possible, and which chains it presents.

All suites are offered at once; what the server chose is taken out and the rest offered again, until it refuses: one
handshake per accepted suite and one more, instead of one per suite in existence. Weak servers fall over, and others
block us, under hundreds of handshakes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache

from nassl.legacy_ssl_client import LegacySslClient
from nassl.ssl_client import OpenSslVerifyEnum, OpenSslVersionEnum
from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository

from scanner.model.facts.tls import VersionAnswer
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_offer import VERSIONS, NothingToOffer, Refused, Taken, offer
from scanner.transports._tls_protocol import TlsTarget

# Some load balancers never answer a hello that is longer than 255 bytes.
_SUITES_PER_HELLO = 64
_CONNECTIONS_AT_ONCE = 4


@cache
def _old_suites() -> frozenset[str]:
    """The suites of TLS 1.2 and older that the old OpenSSL knows; the new one pretends to know some of them."""
    client = LegacySslClient(ssl_version=OpenSslVersionEnum.TLSV1_2, ssl_verify=OpenSslVerifyEnum.NONE)
    client.set_cipher_list("ALL:COMPLEMENTOFALL")
    return frozenset(client.get_cipher_list())


@cache
def _names(version: str) -> dict[str, str]:
    """OpenSSL's name of each suite of a version, and the IANA name."""
    suites = CipherSuitesRepository.get_all_cipher_suites(VERSIONS[version])
    return {suite.openssl_name: suite.name for suite in sorted(suites, key=lambda suite: suite.openssl_name)}


def hellos(version: str) -> Iterator[tuple[bool, list[str]]]:
    """What to offer: whether by the old OpenSSL, and which suites. SSLv2's client chooses, so it is asked singly."""
    names = list(_names(version))
    for legacy in (False, True):
        if legacy and version == "TLSv1.3":
            continue
        if version in ("TLSv1.2", "TLSv1.3"):
            group = [name for name in names if (name in _old_suites()) == legacy or version == "TLSv1.3"]
        else:
            group = names if legacy else []
        size = 1 if version == "SSLv2" else _SUITES_PER_HELLO
        yield from ((legacy, group[start : start + size]) for start in range(0, len(group), size))


@dataclass
class VersionScan:
    """What one version's handshakes have shown.

    Attributes:
        accepted: OpenSSL's names, and whether the old OpenSSL was used.
        gap: the first question that was not answered.
        closed: whether some refusal was only a closed connection.
        chains: the chains seen, each once.
    """

    version: str
    accepted: dict[str, bool] = field(default_factory=dict)
    gap: Unobserved | None = None
    closed: bool = False
    chains: list[tuple[str, ...]] = field(default_factory=list)

    def answer(self) -> VersionAnswer:
        """The facts. What was accepted is certain; a refusal is only certain if every question was answered."""
        names = _names(self.version)
        suites = tuple(sorted(names.get(name, name) for name in self.accepted))
        if not suites and self.gap is not None:
            return VersionAnswer(version=self.version, suites=self.gap)
        return VersionAnswer(version=self.version, suites=suites)

    def add(self, suite: str, taken: Taken, legacy: bool) -> None:
        """Notes an accepted suite and the chain that came with it."""
        self.accepted[suite] = legacy
        if taken.chain and taken.chain not in self.chains:
            self.chains.append(taken.chain)


@dataclass
class Course:
    """What the threads that ask one server for its versions know of each other.

    Attributes:
        end: when nobody waits for the answer any more, in `time.monotonic()`.
        taken: whether any version was accepted.
        silence: the gap of a version that was met with silence.
    """

    job: TlsTarget
    end: float
    taken: bool = False
    silence: Unobserved | None = None

    def over(self) -> Unobserved | None:
        """Why to ask no more: the time is over, or a server that accepted nothing has stopped answering."""
        if time.monotonic() >= self.end:
            detail = f"{self.job.peer} answers too slowly: the time for this asset ended during TLS handshakes."
            return Unobserved(cause=Cause.TIMEOUT, detail=detail)
        return None if self.taken else self.silence

    def note(self, scan: VersionScan) -> None:
        """Learns from what one version has shown so far."""
        self.taken |= bool(scan.accepted)
        if scan.gap is not None and scan.gap.cause is Cause.TIMEOUT:
            self.silence = self.silence or scan.gap


def scan_version(course: Course, version: str) -> VersionScan:
    """Asks for every suite of a version. Stops when the server stops answering."""
    scan = VersionScan(version)
    for legacy, suites in hellos(version):
        try:
            _remove_until_refused(course, scan, suites, legacy)
        except NothingToOffer:
            continue
        if scan.gap is not None and scan.gap.cause is not Cause.MALFORMED:
            break  # it would not answer the next one either, and each costs a time-out
    return scan


def _remove_until_refused(course: Course, scan: VersionScan, suites: Sequence[str], legacy: bool) -> None:
    left = list(suites)
    while left:
        answer = course.over() or offer(course.job, scan.version, left, legacy=legacy)
        if isinstance(answer, Unobserved):
            scan.gap = scan.gap or answer
            course.note(scan)
            return
        if isinstance(answer, Refused):
            scan.closed |= answer.closed
            return
        if len(left) > 1 and answer.suite not in left:
            _one_by_one(course, scan, left, legacy)  # it took one of them and we cannot tell which
            return
        chosen = left[0] if len(left) == 1 else str(answer.suite)
        scan.add(chosen, answer, legacy)
        course.note(scan)
        left.remove(chosen)


def _one_by_one(course: Course, scan: VersionScan, suites: Sequence[str], legacy: bool) -> None:
    for suite in suites:
        if scan.gap is None:
            try:
                _remove_until_refused(course, scan, [suite], legacy)
            except NothingToOffer:
                continue


@dataclass(frozen=True, kw_only=True)
class Enumeration:
    """Everything that the handshakes with one server showed.

    Attributes:
        chains: PEM, leaf first, each once.
        gap: why nothing was seen, where no version was accepted at all.
    """

    versions: tuple[VersionAnswer, ...]
    chains: tuple[tuple[str, ...], ...]
    gap: Unobserved | None


def enumerate_server(job: TlsTarget, end: float, tell: Callable[[VersionAnswer], None]) -> Enumeration:
    """Asks for all versions, a few at a time.

    Args:
        job: the server.
        end: when to stop asking, in `time.monotonic()`.
        tell: hears each answer that is already certain.
    """
    scans: list[VersionScan] = []
    course = Course(job, end)
    with ThreadPoolExecutor(_CONNECTIONS_AT_ONCE) as pool:
        for future in as_completed([pool.submit(scan_version, course, version) for version in VERSIONS]):
            scan = future.result()
            scans.append(scan)
            if scan.accepted or scan.gap or not scan.closed:
                tell(scan.answer())
    scans.sort(key=lambda scan: list(VERSIONS).index(scan.version))
    _doubt_closed_connections(job, scans)
    return Enumeration(
        versions=tuple(scan.answer() for scan in scans),
        chains=tuple(dict.fromkeys(chain for scan in scans for chain in scan.chains)),
        gap=_nothing_seen(job, scans),
    )


def _doubt_closed_connections(job: TlsTarget, scans: Sequence[VersionScan]) -> None:
    """Takes closed connections for refusals only if the server still takes at the end what it took before.

    Windows refuses a version by closing the connection; so does a firewall that has had enough of us.
    """
    doubtful = [scan for scan in scans if scan.closed and not scan.accepted and scan.gap is None]
    known = next(((scan.version, *item) for scan in scans for item in scan.accepted.items()), None)
    if not doubtful or known is None:
        return
    version, suite, legacy = known
    if not isinstance(offer(job, version, [suite], legacy=legacy), Taken):
        for scan in doubtful:
            scan.gap = Unobserved(
                cause=Cause.RATE_LIMITED,
                detail=f"{job.peer} closed the connection when asked for {scan.version}, and at the end also when "
                f"asked for {version}, which it had accepted; scan it again later.",
            )


def _nothing_seen(job: TlsTarget, scans: Sequence[VersionScan]) -> Unobserved | None:
    if any(scan.accepted for scan in scans):
        return None
    for scan in scans:
        if scan.gap is not None:
            return scan.gap
    # Every server closes the connection on SSL 2 that does not speak it; that alone says nothing.
    if any(scan.closed for scan in scans if scan.version != "SSLv2"):
        detail = f"{job.peer} closes TLS connections before the handshake ends."
        return Unobserved(cause=Cause.UNREACHABLE, detail=detail)
    detail = f"{job.peer} speaks TLS but refuses every version and cipher suite that we know."
    return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
