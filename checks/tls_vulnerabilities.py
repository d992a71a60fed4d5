"""The TLS software has none of the holes that let others read along.

What it checks
--------------
Five holes, each a finding of its own, at every address: Heartbleed (`heartbleed`), early ChangeCipherSpec (`ccs`),
ROBOT (`robot`), insecure renegotiation (`renegotiation`) and TLS compression (`compression`). A test is sent only where
the hole can be there after what the server's hellos showed: no Heartbleed test without the heartbeat extension, no
ROBOT test without RSA key exchange. A hole that is found is tested once more, alone, before it is reported.

Why it matters
--------------
Heartbleed hands out the server's memory, keys and passwords included. Early ChangeCipherSpec and ROBOT let others
decrypt or change recorded and live traffic. Insecure renegotiation lets others put words before a resident's own, and
compression gives away session cookies.

How to fix
----------
Update the TLS software of the server or load balancer (OpenSSL: any version that is still maintained has none of
these), turn off cipher suites that begin with `TLS_RSA_WITH_`, and turn off TLS compression. After Heartbleed make a
new key, replace and revoke the certificate, and end all sessions.

What it cannot see
------------------
Holes that have no harmless test, and servers behind a load balancer that did not happen to answer. A content delivery
network that answers in place of the server has been mistaken for ROBOT by scanners; the second test is there for that.
Where the inventory sets `active_tests: false`, the tests are left out and the findings say so.

References
----------
- CVE-2014-0160 (Heartbleed, April 2014); RFC 6520 (February 2012), section 4
- CVE-2014-0224 (early ChangeCipherSpec, June 2014)
- Böck, Somorovsky, Young: Return Of Bleichenbacher's Oracle Threat (ROBOT), December 2017; CVE-2017-13099
- CVE-2009-3555; RFC 5746 (February 2010), section 1 (insecure renegotiation)
- CVE-2012-4929 (CRIME); RFC 9325 (November 2022), section 3.3 (compression)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scanner.model.asset import TlsServer
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import TlsFacts, TlsTraits, Trait
from scanner.model.facts.tls_tests import AddressHoles, Hole, Impossible, NotTested, Tested, TlsTestFacts
from scanner.model.finding import Evidence, Severity, Undecided, Verdict, failed, passed, undecided
from scanner.model.principle import P6
from scanner.model.sentences import capitalised
from scanner.model.tls_verdicts import without_tls
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst


@dataclass(frozen=True)
class _About:
    """What a hole is called, and what to do about it."""

    name: str
    fix: str


_UPDATE = "Update the TLS software of the server or load balancer to a version that is still maintained"
_ABOUT: Mapping[Hole, _About] = {
    Hole.HEARTBLEED: _About(
        "Heartbleed (CVE-2014-0160)",
        f"{_UPDATE} at once, then make a new key, replace and revoke the certificate, and end all sessions.",
    ),
    Hole.CCS: _About("early ChangeCipherSpec (CVE-2014-0224)", f"{_UPDATE}."),
    Hole.ROBOT: _About(
        "ROBOT (CVE-2017-13099)",
        "Turn off every cipher suite that begins with TLS_RSA_WITH_, and update the TLS software.",
    ),
    Hole.RENEGOTIATION: _About(
        "insecure renegotiation (CVE-2009-3555)", f"{_UPDATE}, which follows RFC 5746 or refuses to renegotiate."
    ),
    Hole.COMPRESSION: _About(
        "TLS compression (CRIME, CVE-2012-4929)", "Turn off TLS compression in the server or load balancer."
    ),
}


@check(
    id="tls-vulnerabilities",
    title="The TLS software has no known hole",
    principle=P6,
    severity=Severity.CRITICAL,
)
def tls_vulnerabilities(
    server: TlsServer,
    tests: TlsTestFacts | Unobserved,
    tls: TlsFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
) -> Iterator[Verdict]:
    """One verdict per hole; the worst address decides. A server that was nowhere reached has a single one."""
    lacking = without_tls((http, service))
    if lacking is not None:
        yield lacking
        return
    addresses = (tests,) if isinstance(tests, Unobserved) else tests.answered()
    if all(isinstance(each, Unobserved) for each in addresses):
        yield from (undecided(each) for each in addresses[:1] if isinstance(each, Unobserved))
        return
    traits = _traits(tls)
    for hole in Hole:
        yield _worst([_verdict(each, hole, traits) for each in addresses])


def _worst(verdicts: list[Verdict]) -> Verdict:
    """The worst verdict; of several gaps first one that is not the city's own choice, since that one matters more."""
    ranked = sorted(verdicts, key=lambda each: isinstance(each, Undecided) and each.unobserved.by_choice)
    return worst(ranked, otherwise=ranked[0])


def _verdict(address: AddressHoles | Unobserved, hole: Hole, traits: Mapping[str, TlsTraits]) -> Verdict:
    if isinstance(address, Unobserved):
        return undecided(replace(address, subject=hole.value))
    evidence = list(_evidence(address, hole, traits.get(address.address)))
    match address.answer(hole):
        case NotTested(gap=gap):
            return undecided(replace(gap, subject=hole.value), evidence=evidence)
        case Impossible(because=because):
            reason = f"{capitalised(_ABOUT[hole].name)} cannot be there: {because.rstrip('.')}."
            return passed(reason, subject=hole.value, evidence=evidence)
        case Tested(open=False):
            return passed(
                f"{capitalised(_ABOUT[hole].name)} was tested for and not found.", subject=hole.value, evidence=evidence
            )
        case Tested():
            reason = f"The server at {address.address} is open to {_ABOUT[hole].name}."
            return failed(reason, fix=_ABOUT[hole].fix, subject=hole.value, evidence=evidence)


def _evidence(address: AddressHoles, hole: Hole, traits: TlsTraits | None) -> Iterator[Evidence]:
    """What the test showed, and what the hellos said about the same thing."""
    answer = address.answer(hole)
    if isinstance(answer, Tested):
        yield Evidence(fact=f"test at {address.address}", value=answer.seen)
    for said, value in (_said(hole, traits) if traits else {}).items():
        if isinstance(value, bool):
            yield Evidence(fact=f"{said} at {address.address}", value="yes" if value else "no", source=TlsFacts)


def _said(hole: Hole, traits: TlsTraits) -> Mapping[str, Trait]:
    return {
        Hole.HEARTBLEED: {"heartbeat extension": traits.heartbeat},
        Hole.RENEGOTIATION: {"secure renegotiation (RFC 5746)": traits.secure_renegotiation},
        Hole.COMPRESSION: {"DEFLATE compression": traits.compression},
    }.get(hole, {})


def _traits(tls: TlsFacts | Unobserved) -> Mapping[str, TlsTraits]:
    """What the hellos to each address said."""
    if isinstance(tls, Unobserved):
        return {}
    return {each.address: each.traits for each in tls.addresses if not isinstance(each, Unobserved)}
