"""The listener encrypts: TLS is spoken at every address of the service.

What it checks
--------------
Every address of a service that is no website (mail, directory, file transfer, chat, remote desktop, database and what
else listens) is asked for TLS once: at the first byte, or by the command of the protocol that `starttls` names. It
passes where TLS is spoken at all of them, with any version, suite and certificate; the other checks judge those. It
fails where the listener answers and encrypts nothing: it says that it has no TLS, or greets or answers in plain text
where TLS should begin.

Why it matters
--------------
Without TLS everybody on the way reads and can change what passes: letters to the city, passwords of its staff, and
rows of its databases.

How to fix
----------
Give the service a certificate and turn TLS on: `smtpd_tls_security_level = may` in Postfix, `ssl = required` in
Dovecot, `ssl = on` in PostgreSQL, a server authentication certificate for a domain controller's LDAP. Where all
clients can do it, demand TLS, and close the plain port.

What it cannot see
------------------
Whether clients use the TLS that is offered, and whether the server lets them do without. A listener that stays silent,
turns this machine away or asks it to come back later is unknown, never failed.

References
----------
OMB M-15-13 (2015-06-08) for the rule that plain text is no option; RFC 8314 (2018-01), section 3, for mail; RFC 3207
(SMTP), RFC 9051 section 6.2.1 (IMAP), RFC 2595 (POP3), RFC 4511 section 4.14 (LDAP), RFC 4217 (FTP), RFC 6120 section
5 (XMPP), MS-RDPBCGR 2.2.1.1 (RDP) and the PostgreSQL manual, section 53.2.10, for how each turns TLS on.
"""

from __future__ import annotations

from scanner.model.asset import TlsService
from scanner.model.check import check
from scanner.model.facts.service import Encrypts, Listener, Plain, ServiceFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.worst import worst

_FIX = "Give the service a certificate and turn TLS on at every address of it."


@check(id="tls-served", title="The service encrypts", principle=P6, severity=Severity.CRITICAL)
def tls_served(service: TlsService, listening: ServiceFacts) -> Verdict:
    """Judges every address; the worst one decides."""
    otherwise = not_applicable("No address of the service was asked.")
    return worst([_at(listener) for listener in listening.addresses], otherwise=otherwise)


def _at(listener: Listener) -> Verdict:
    fact = f"listener at {listener.address}"
    if isinstance(listener, Encrypts):
        spoken = " with ".join(each for each in (listener.version or "TLS", listener.suite) if each)
        return passed("TLS is spoken at every address of the service.", evidence=[Evidence(fact=fact, value=spoken)])
    if isinstance(listener, Plain):
        reason = f"The service answers at {listener.address} and encrypts nothing."
        return failed(reason, fix=_FIX, evidence=[Evidence(fact=fact, value=listener.seen)])
    return undecided(listener.gap, evidence=[Evidence(fact=fact, value=listener.gap.detail)])
