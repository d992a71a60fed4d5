"""What residents send stays secret even if the server's key is stolen later.

What it checks
--------------
Whether every cipher suite that the server accepts, in every version and at every address, makes a new key for each
connection: ECDHE, DHE, and all suites of TLS 1.3. A key exchange with the key of the certificate (RSA, fixed DH or
ECDH, PSK, Kerberos) fails. A suite without any identity of the server has forward secrecy too; tls-ciphers fails it.

Why it matters
--------------
Who records encrypted traffic today and gets hold of the server's key years later, by theft, court order or a sold
disk, can read all of it where the key exchange had no forward secrecy.

How to fix
----------
Leave on only suites that begin with ECDHE, besides those of TLS 1.3; every browser of the last ten years has them. For
nginx::

    ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;

What it cannot see
------------------
Whether the server keeps the keys of session tickets for longer than a day, which would undo forward secrecy.

References
----------
- RFC 9325 (November 2022), section 4.1 (no static RSA) and section 7.3 (forward secrecy)
- Mozilla Server Side TLS 6.0 (May 2026), intermediate, `ciphers`
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import TlsServer
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import AddressTls, TlsFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed
from scanner.model.principle import P6
from scanner.model.suites import has_forward_secrecy, key_exchange
from scanner.model.tls_answers import accepted_suites, answers, suites_of, unseen
from scanner.model.tls_verdicts import over_addresses
from scanner.model.unobserved import Unobserved

_FIX = "Turn off every cipher suite that does not begin with TLS_ECDHE_ in the server or load balancer."


@check(
    id="tls-forward-secrecy",
    title="Recorded traffic stays secret after a theft of keys",
    principle=P6,
    severity=Severity.MEDIUM,
)
def tls_forward_secrecy(
    server: TlsServer,
    tls: TlsFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
) -> Verdict:
    """Looks for suites without forward secrecy at every address."""
    return over_addresses(tls, (http, service), _verdicts, otherwise="No server was found that could lack it.")


def _verdicts(address: AddressTls) -> Iterator[Verdict]:
    lacking = {each.version: [s for s in suites_of(each) if not has_forward_secrecy(s)] for each in answers(address)}
    lacking = {version: suites for version, suites in lacking.items() if suites}
    if lacking:
        count = len({suite for suites in lacking.values() for suite in suites})
        yield failed(
            f"The server at {address.address} accepts {count} cipher suite{'s' if count > 1 else ''} without forward"
            " secrecy.",
            fix=_FIX,
            evidence=[
                Evidence(fact=f"{version} suites without forward secrecy at {address.address}", value=", ".join(suites))
                for version, suites in lacking.items()
            ],
        )
    yield from unseen(answers(address))
    yield passed("Every suite that the server accepts makes a new key for each connection.", evidence=[_seen(address)])


def _seen(address: AddressTls) -> Evidence:
    exchanges = dict.fromkeys(key_exchange(suite) for _, suite in accepted_suites(address))
    return Evidence(fact=f"key exchanges accepted at {address.address}", value=", ".join(exchanges) or "none")
