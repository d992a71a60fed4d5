"""No version of TLS or SSL is on that is known to be broken.

What it checks
--------------
Whether the server refuses SSL 2, SSL 3, TLS 1.0 and TLS 1.1 (`policy.tls_versions_forbidden`), at every address of the
site or listener. It passes only where each was asked for and seen refused. As evidence it tells too whether the
server follows its own order of suites, refuses a hello that says it is a fallback (RFC 7507), binds the session's keys
to the handshake (RFC 7627) and takes early data; none of these fails by itself.

Why it matters
--------------
Somebody on the line can make a browser and the server fall back to the oldest version that both speak, and read what
residents send through its known holes.

How to fix
----------
Leave only TLS 1.2 and 1.3 on: `ssl_protocols TLSv1.2 TLSv1.3;` (nginx), `SSLProtocol -all +TLSv1.2 +TLSv1.3` (Apache),
the SCHANNEL registry keys or IIS Crypto (Windows), the TLS profile of the load balancer.

What it cannot see
------------------
Which visitors still depend on an old version; look into the server's log before you turn it off.

References
----------
- RFC 8996 (March 2021), sections 4 and 5 (TLS 1.0 and 1.1); RFC 7568 (June 2015), section 3 (SSL 3); RFC 6176 (March
  2011), section 3 (SSL 2); RFC 9325 (November 2022), section 3.1.1
- BOD 18-01 (2017-10-16), required actions II.1.a.ii and II.1.b.i (SSL 2 and 3)
- Mozilla Server Side TLS 6.0 (May 2026), intermediate, `tls_versions`
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import TlsServer
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import AddressTls, TlsFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.tls_answers import answers, suites_of, unseen
from scanner.model.tls_verdicts import over_addresses
from scanner.model.unobserved import Unobserved

_FIX = "Turn these versions off in the server or load balancer, so that only TLS 1.2 and TLS 1.3 remain."


@check(
    id="tls-versions",
    title="Broken versions of TLS are off",
    principle=P6,
    severity=Severity.HIGH,
    revision=2,
)
def tls_versions(
    server: TlsServer,
    tls: TlsFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
    policy: Policy,
) -> Verdict:
    """Looks for forbidden versions at every address."""
    otherwise = "No server was found that could speak a forbidden version."
    return over_addresses(tls, (http, service), lambda address: _verdicts(address, policy), otherwise=otherwise)


def _list(versions: tuple[str, ...]) -> str:
    return ", ".join(versions) or "nothing, as the policy forbids no version"


def _verdicts(address: AddressTls, policy: Policy) -> Iterator[Verdict]:
    asked = answers(address, policy.tls_versions_forbidden)
    accepted = {each.version: suites_of(each) for each in asked if suites_of(each)}
    if accepted:
        yield failed(
            f"The server at {address.address} still accepts {_list(tuple(accepted))}.",
            fix=_FIX,
            evidence=[
                Evidence(fact=f"{version} accepted at {address.address}", value=", ".join(suites))
                for version, suites in accepted.items()
            ],
        )
    yield from unseen(each for each in asked if each.version not in accepted)
    yield passed(f"The server refuses {_list(policy.tls_versions_forbidden)}.", evidence=_seen(address))


def _seen(address: AddressTls) -> Iterator[Evidence]:
    """The versions that are on, and what the server's hellos said besides of how it chooses between them."""
    offered = ", ".join(each.version for each in address.accepted) or "none"
    yield Evidence(fact=f"versions accepted at {address.address}", value=offered)
    traits = {
        "server's own order of suites": address.traits.own_order,
        "fallback to an older version is refused": address.traits.fallback_refused,
        "extended master secret": address.traits.extended_master_secret,
        "early data": address.traits.early_data,
    }
    for trait, answer in traits.items():
        if isinstance(answer, bool):
            yield Evidence(fact=f"{trait} at {address.address}", value="yes" if answer else "no")
