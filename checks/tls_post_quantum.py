"""The key exchange also holds against a quantum computer.

What it checks
--------------
Whether a server that offers TLS 1.3 accepts one of the hybrid key exchange groups X25519MLKEM768, SecP256r1MLKEM768 and
SecP384r1MLKEM1024, at every address. Each joins an elliptic curve with ML-KEM: both would have to be broken. Older
versions of TLS have no such group, so a server without TLS 1.3 is not judged here.

Why it matters
--------------
Traffic that is recorded today can be read once a large quantum computer exists. For records that stay sensitive for
decades, such as those of identities or health, that is soon enough to act now. It is information, not a fault: no rule
that a city is bound to asks for it yet.

How to fix
----------
Use OpenSSL 3.5 or newer (its default offers X25519MLKEM768), or name the group, for instance for nginx::

    ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;

Content delivery networks and load balancers have a switch for it or have it on already. Browsers use it since 2024.

What it cannot see
------------------
Which browsers of residents would use it, and whether certificates are signed in a way that a quantum computer cannot
forge; that matters only from the day that such a computer exists.

References
----------
- draft-ietf-tls-ecdhe-mlkem (Post-quantum hybrid ECDHE-MLKEM Key Agreement for TLS 1.3), section 7: 0x11EB to 0x11ED
- FIPS 203 (August 2024), ML-KEM
- Mozilla Server Side TLS 6.0 (May 2026), intermediate, `tls_curves`: X25519MLKEM768 first
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import TlsServer
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import HYBRID_GROUPS, AddressTls, TlsFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.tls_answers import answers, suites_of, unseen
from scanner.model.tls_verdicts import over_addresses
from scanner.model.unobserved import Unobserved

_VERSION = "TLSv1.3"
_FIX = "Offer the key exchange group X25519MLKEM768 (OpenSSL 3.5 or newer has it), besides the ones that are on."


@check(
    id="tls-post-quantum",
    title="The key exchange holds against a quantum computer",
    principle=P6,
    severity=Severity.INFO,
)
def tls_post_quantum(
    server: TlsServer,
    tls: TlsFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
) -> Verdict:
    """Looks for a hybrid group at every address that offers TLS 1.3."""
    return over_addresses(tls, (http, service), _verdicts, otherwise="No server was found that offers TLS 1.3.")


def _verdicts(address: AddressTls) -> Iterator[Verdict]:
    [answer] = answers(address, [_VERSION])
    if suites_of(answer):
        yield _groups(address)
        return
    yield from unseen([answer])
    yield not_applicable(f"The server at {address.address} does not offer TLS 1.3, which has the only such groups.")


def _groups(address: AddressTls) -> Verdict:
    if isinstance(address.groups, Unobserved):
        return undecided(address.groups)
    fact = f"key exchange groups accepted at {address.address}"
    evidence = [Evidence(fact=fact, value=", ".join(address.groups) or "none of those asked for")]
    hybrid = [group for group in address.groups if group in HYBRID_GROUPS]
    if hybrid:
        return passed(f"The server offers {', '.join(hybrid)}.", evidence=evidence)
    reason = (
        f"The server at {address.address} offers TLS 1.3 without a key exchange that a quantum computer cannot undo."
    )
    return failed(reason, fix=_FIX, evidence=evidence)
