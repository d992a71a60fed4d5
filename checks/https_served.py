"""The site can be reached over HTTPS: TLS completes and HTTP answers at every address.

What it checks
--------------
Every address of the site's name (or the declared `address`) is asked for the site's `url` over TLS, with any version
and suite that can be spoken and whatever the certificate. It passes where HTTP answers, with any status, at all of
them, or where the server completes TLS with versions and suites that the scanning machine's TLS library lacks (too old
or too new), so that no HTTP can be spoken over them from here: then the handshakes decide. It fails where the https
port is closed or speaks no TLS while plain HTTP answers, where plain HTTP is served on the https port, and where the
site redirects without end so that nobody ever reads a page.

The evidence tells more, on which no verdict hangs: where redirects lead, falls back to plain HTTP, the headers that
protect visitors, and whether the site says whom to tell of a hole (security.txt).

Why it matters
--------------
Without HTTPS everybody between a resident and the city can read and change what passes: which help somebody looks
for, what stands in a form, and the password to an account.

How to fix
----------
Get a certificate (free ones renew themselves) and let the web server listen on port 443 with TLS, at every address
that DNS gives for the name, IPv6 included. Where a redirect loops, let exactly one place decide the final URL: behind
a proxy that ends TLS, tell the application that the request came over https.

What it cannot see
------------------
Whether the page is the right one: any HTTP status counts. Sites that answer this machine differently from residents.
A loop that hands out cookies is not counted, because browsers send cookies back and civicseal carries none.

References
----------
OMB M-15-13 (2015-06-08), "Policy to Require Secure Connections across Federal Websites and Web Services";
CISA BOD 18-01 (2017-10-16); RFC 9110 (2022-06), sections 4.2.2 and 15.4; RFC 9116 (2022-04) for security.txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import (
    SECURITY_HEADERS,
    Answered,
    ChainEnd,
    HttpFacts,
    HttpsEndpoint,
    NoTls,
    Refused,
    Unseen,
)
from scanner.model.facts.page import SecurityTxt
from scanner.model.facts.tls import TlsFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.redirects import notes
from scanner.model.tls_accepted import accepted_at
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

_FIX = "Let the web server listen with TLS and a valid certificate on the https port of every address of the site."
_FIX_LOOP = "Make one place decide the final URL, so that the redirects end in a page."


@check(id="https-served", title="The site answers over HTTPS", principle=P6, severity=Severity.CRITICAL, revision=2)
def https_served(site: Website, http: HttpFacts, tls: TlsFacts | Unobserved) -> Verdict:
    """Judges every address; the worst one decides."""
    otherwise = not_applicable("No address of the site was asked.")
    verdict = worst([_at(http, tls, endpoint) for endpoint in http.https], otherwise=otherwise)
    return replace(verdict, evidence=(*verdict.evidence, *_beside(http)))


def _at(http: HttpFacts, tls: TlsFacts | Unobserved, endpoint: HttpsEndpoint) -> Verdict:
    if isinstance(endpoint, Answered):
        return _answered(endpoint)
    evidence = [Evidence(fact=f"https at {endpoint.address}", value=endpoint.gap.detail)]
    if isinstance(endpoint, NoTls) and endpoint.plain is not None:
        seen = Evidence(fact=f"plain HTTP on the https port at {endpoint.address}", value=str(endpoint.plain.status))
        reason = f"The https port speaks plain HTTP instead of TLS at {endpoint.address}."
        return failed(reason, fix=_FIX, evidence=[seen, *evidence])
    if isinstance(endpoint, Refused | NoTls) and http.plain_answers_at(endpoint.address):
        state = "is closed" if isinstance(endpoint, Refused) else "speaks no TLS"
        reason = f"The site answers over plain HTTP only: its https port {state} at {endpoint.address}."
        return failed(reason, fix=_FIX, evidence=evidence)
    spoken = accepted_at(tls, endpoint.address) if isinstance(endpoint, Unseen) and endpoint.declined else ()
    if spoken:
        reason = "TLS is served, with versions and suites that this machine's TLS library lacks; HTTP was not tried."
        return passed(reason, evidence=[*spoken, *evidence])
    return undecided(endpoint.gap, evidence=evidence)


def _answered(endpoint: Answered) -> Verdict:
    first = endpoint.first
    value = f"{first.status} over {first.tls_version or 'TLS'}"
    evidence = [Evidence(fact=f"https at {endpoint.address}", value=value), *notes(endpoint)]
    if not endpoint.never_ends:
        return passed("TLS completes and HTTP answers at every address of the site.", evidence=evidence)
    evidence.append(Evidence(fact=f"redirects at {endpoint.address}", value=_trail(endpoint)))
    what = "in a circle" if endpoint.end is ChainEnd.LOOP else "more often than any browser follows"
    reason = f"The site redirects {what} at {endpoint.address}, so nobody can ever read a page of it."
    return failed(reason, fix=_FIX_LOOP, evidence=evidence)


def _trail(endpoint: Answered) -> str:
    """The URLs of a chain, the long middle left out."""
    urls = [hop.url for hop in endpoint.hops]
    target = endpoint.hops[-1].target
    urls += [] if target is None else [target]
    shown = urls if len(urls) <= 6 else [*urls[:4], "…", urls[-1]]
    return " → ".join(shown)


def _beside(http: HttpFacts) -> Iterator[Evidence]:
    """What is worth knowing beside the verdict: headers of the page, and security.txt."""
    for endpoint in http.https:
        if isinstance(endpoint, Answered) and endpoint.last.wall is None and not endpoint.last.plain:
            yield Evidence(fact=f"security headers at {endpoint.address}", value=_headers(endpoint))
            break
    file = http.security_txt
    if isinstance(file, SecurityTxt):
        yield Evidence(fact="security.txt", value=_file(file))
    elif isinstance(file, Unobserved):
        yield Evidence(fact="security.txt", value=file.detail)


def _headers(endpoint: Answered) -> str:
    sent = {header.name for header in endpoint.last.headers}
    there = ", ".join(name for name in SECURITY_HEADERS if name in sent)
    absent = ", ".join(name for name in SECURITY_HEADERS if name not in sent)
    return "; ".join(part for part in (there and f"sent: {there}", absent and f"not sent: {absent}") if part)


def _file(file: SecurityTxt) -> str:
    if file.status != 200:
        return f"none, {file.url} answers {file.status}"
    expires = "no single valid Expires date" if file.expires is None else f"expires {file.expires:%Y-%m-%d}"
    contact = "has a Contact" if file.contacts else "lacks a Contact"
    served = "served as text/plain" if file.text_plain else "not served as text/plain"
    return f"{contact}, {expires}, {served}"
