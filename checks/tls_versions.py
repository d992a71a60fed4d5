"""No version of TLS or SSL is on that is known to be broken.

What it checks
--------------
Whether the server refuses SSL 2, SSL 3, TLS 1.0 and TLS 1.1 (`policy.tls_versions_forbidden`), at every address of the
site. It passes only where each was asked for and seen refused.

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
- RFC 8996 (TLS 1.0 and 1.1), RFC 7568 (SSL 3), RFC 6176 (SSL 2)
- BOD 18-01 (2017-10-16); Mozilla Server Side TLS, intermediate
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import TlsServer
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import AddressTls, TlsFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.tls_verdicts import over_addresses
from scanner.model.unobserved import Unobserved

_FIX = "Turn these versions off in the server or load balancer, so that only TLS 1.2 and TLS 1.3 remain."


@check(
    id="tls-versions",
    title="Broken versions of TLS are off",
    principle=P6,
    severity=Severity.HIGH,
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
    answers = {version: address.answer(version) for version in policy.tls_versions_forbidden}
    accepted = {version: suites for version, suites in answers.items() if isinstance(suites, tuple) and suites}
    if accepted:
        yield failed(
            f"The server at {address.address} still accepts {_list(tuple(accepted))}.",
            fix=_FIX,
            evidence=[
                Evidence(fact=f"{version} accepted at {address.address}", value=", ".join(suites))
                for version, suites in accepted.items()
            ],
        )
    yield from (undecided(suites) for suites in answers.values() if isinstance(suites, Unobserved))
    yield passed(f"The server refuses {_list(policy.tls_versions_forbidden)}.", evidence=[_offered(address)])


def _offered(address: AddressTls) -> Evidence:
    offered = [each.version for each in address.versions if isinstance(each.suites, tuple) and each.suites]
    return Evidence(fact=f"versions accepted at {address.address}", value=", ".join(offered) or "none")
