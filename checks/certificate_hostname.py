"""A server's certificate names the host that people and programs connect to.

What it checks
--------------
Whether the subjectAltName of the certificate covers the host of a site's `url`, or for another listener its
`server_name`, else the host of its `address`; at every address of the server. A wildcard counts only as the complete
left-most label and for one label; an IP address counts only among the IP entries. The common name of the subject does
not count, as no browser has looked at it since 2017.

Why it matters
--------------
Residents get a full-page warning instead of the city's service, and those who learn to click it away will do so for an
impostor too. A program that checks the name does not connect at all.

How to fix
----------
Order a certificate whose subjectAltName lists this host name, or serve the one that does: with several sites on one
server the wrong one is often sent because server_name (SNI) is not configured. Then scan again.

What it cannot see
------------------
Whether the certificate's other names are still yours, and what servers behind a load balancer would present that did
not happen to answer.

References
----------
- RFC 9525, Service Identity in TLS (November 2023), sections 6.3 and 6.5
- RFC 6125 and RFC 2818, which it replaces
"""

from __future__ import annotations

from scanner.model.asset import TlsServer
from scanner.model.check import check
from scanner.model.dns_names import covers
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import AlternativeNames, CertificateFacts, Deployment
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.principle import P6
from scanner.model.tls_verdicts import over_deployments
from scanner.model.unobserved import Unobserved

_NAMES_TOLD = 10


@check(
    id="certificate-hostname",
    title="The certificate is for this host name",
    principle=P6,
    severity=Severity.HIGH,
)
def certificate_hostname(
    server: TlsServer,
    certificates: CertificateFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
) -> Verdict:
    """Compares the names in every certificate with the host of the url."""
    return over_deployments(
        certificates,
        (http, service),
        lambda address, deployment: (_verdict(server.known_as, address, deployment),),
        otherwise="No certificate is presented that could be for another host.",
    )


def _verdict(host: str, address: str, deployment: Deployment) -> Verdict:
    if isinstance(deployment.names, Unobserved):
        return undecided(deployment.names)
    return _judge(host, address, deployment.names)


def _judge(host: str, address: str, names: AlternativeNames) -> Verdict:
    evidence = [Evidence(fact=f"names in the certificate at {address}", value=_told(names))]
    if covers(host, names.dns, names.ips):
        return passed(f"The certificate is for {host}.", evidence=evidence)
    return failed(
        f"The certificate at {address} is not for {host}.",
        fix=f"Install a certificate whose subjectAltName lists {host}, or correct which one is served for that name.",
        evidence=evidence,
    )


def _told(names: AlternativeNames) -> str:
    listed = [*names.dns, *names.ips]
    more = f" and {len(listed) - _NAMES_TOLD} more" if len(listed) > _NAMES_TOLD else ""
    return (", ".join(listed[:_NAMES_TOLD]) or "none") + more
