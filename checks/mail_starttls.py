"""Every host that takes the domain's mail turns TLS on.

What it checks
--------------
Whether each MX host (without MX records the domain itself, RFC 5321) offers STARTTLS at every one of its addresses, and
completes a handshake. It fails where EHLO is answered without STARTTLS, and where nothing newer than SSL 3 completes. A
certificate that is not trusted does not matter here: senders encrypt all the same, and the evidence shows it.

Why it matters
--------------
Without it every mail to the city, complaints and applications among them, crosses the network as a postcard.

How to fix
----------
Turn on STARTTLS with TLS 1.2 and 1.3: `smtpd_tls_security_level = may` and a certificate (Postfix), the receive
connector (Exchange), the inbound settings of the mail gateway. If the domain takes no mail, publish a null MX
(`MX 0 .`).

What it cannot see
------------------
Whether senders use it; that is for mail-tls-policy. Many networks let nobody out to port 25: then it is unknown. A
server that turns us away for a moment (4xx) or by a wall (5xx) is unknown too, never without TLS.

References
----------
- RFC 3207 (2002-02), section 4; RFC 5321 (2008-10), section 5.1; RFC 7505 (2015-06), null MX
- BOD 18-01 (2017-10-16), "configuring all internet-facing mail servers to offer STARTTLS"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scanner.model.asset import MailDomain
from scanner.model.check import check
from scanner.model.facts.mail import MailHost, MailHostFacts
from scanner.model.facts.service import Encrypts, Listener, Plain
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

_TOO_OLD = frozenset({"SSLv2", "SSLv3"})


@check(id="mail-starttls", title="Mail servers turn TLS on", principle=P6, severity=Severity.HIGH)
def mail_starttls(domain: MailDomain, mail: MailHostFacts) -> Iterator[Verdict]:
    """Judges each mail host; its worst address decides."""
    if not mail.takes_mail or not mail.hosts:
        yield not_applicable(_no_mail(mail))
        return
    for host in mail.hosts:
        yield undecided(host) if isinstance(host, Unobserved) else _of_host(host)


def _no_mail(mail: MailHostFacts) -> str:
    if not mail.exists:
        return f"DNS says that {mail.domain} does not exist, so no mail reaches it."
    return f"{mail.domain} takes no mail ({mail.receiving.value.replace('_', ' ')}), so there is no server to judge."


def _of_host(host: MailHost) -> Verdict:
    verdicts = [_at(host.host, listener) for listener in host.listeners]
    nobody = not_applicable(f"{host.host} has no address that could be asked.", subject=host.host)
    verdict = worst(verdicts, otherwise=nobody)
    certificates = [Evidence(fact=f"certificate of {host.host}", value=each) for each in host.certificates]
    preference = Evidence(fact=f"MX preference of {host.host}", value=str(host.preference))
    return replace(verdict, subject=host.host, evidence=(*verdict.evidence, *certificates, preference))


def _at(host: str, listener: Listener) -> Verdict:
    match listener:
        case Encrypts(version=str(version)) if version in _TOO_OLD:
            return failed(
                f"{host} turns nothing newer than {version} on at {listener.address}, which anybody can break.",
                fix=f"Turn TLS 1.2 and TLS 1.3 on at {host}, and everything older than TLS 1.2 off.",
                evidence=[_evidence(listener.address, version)],
            )
        case Encrypts():
            spoken = " with ".join(each for each in (listener.version, listener.suite) if each) or "offered"
            evidence = [_evidence(listener.address, spoken)]
            return passed(f"{host} turns TLS on where mail arrives.", evidence=evidence)
        case Plain():
            return failed(
                f"{host} takes mail at {listener.address} without any encryption: it offers no STARTTLS.",
                fix=f"Turn STARTTLS on at {host}, with TLS 1.2 and TLS 1.3 and a certificate for its name.",
                evidence=[_evidence(listener.address, listener.seen)],
            )
    return undecided(replace(listener.gap, subject=host))


def _evidence(address: str, value: str) -> Evidence:
    return Evidence(fact=f"TLS at {address}", value=value)
