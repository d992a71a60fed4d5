"""No cookie that the site sets ever travels over plain HTTP.

What it checks
--------------
Every cookie that an answer of the site itself sets, over https or over plain HTTP, at every address and along its
redirects, must carry the attribute `Secure`. A site that sets none passes. Other faults of a cookie are named in the
evidence: `SameSite=None` or the name prefixes `__Secure-` and `__Host-` without what browsers demand of them.

Why it matters
--------------
A browser sends a cookie without `Secure` along with every plain request to the same host, and an attacker on the way
can provoke one at will. Whoever reads a session cookie is logged in as that resident or clerk.

How to fix
----------
Set `Secure` on every cookie (and `HttpOnly` and `SameSite=Lax` where the application allows it), in the framework's
session settings, the load balancer's persistence settings, or with `proxy_cookie_flags` (nginx).

What it cannot see
------------------
Cookies that are set after a login, on other paths, or by scripts. Where a 403 or 429 stopped the scanner, or an answer
could not be had, there may be cookies that were not seen: unless one without Secure was, that is unknown.

References
----------
RFC 6265 (2011-04), sections 4.1.2.5 and 8.3; RFC 6265bis draft 22, sections 4.1.3 and 5.6;
OWASP ASVS 5.0 (2025-05), section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import Answered, Hop, HttpFacts, HttpsEndpoint, NoTls, Refused, host_of
from scanner.model.facts.page import Cookie
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.worst import worst

_FIX = "Set the attribute Secure on every cookie of the site, in the application or at the load balancer."
_MOST_NAMES = 10


@check(id="cookies-secure", title="Cookies travel over HTTPS only", principle=P6, severity=Severity.MEDIUM)
def cookies_secure(site: Website, http: HttpFacts) -> Verdict:
    """Judges every answer of the site at every address; the worst one decides."""
    if http.lacks_tls:
        return not_applicable("The site has no TLS at all, which https-served reports.")
    hosts = frozenset({host_of(http.url), host_of(http.http_url or "")})
    verdicts = [verdict for endpoint in (*http.https, *http.plain) for verdict in _verdicts(endpoint, hosts)]
    return _told_once(worst(verdicts, otherwise=passed("No answer of the site was seen that sets a cookie.")))


def _verdicts(endpoint: HttpsEndpoint, hosts: frozenset[str]) -> Iterator[Verdict]:
    if isinstance(endpoint, Refused):
        return  # nobody is served there, so nobody gets a cookie
    if not isinstance(endpoint, Answered):
        yield from _missing(endpoint, hosts)
        return
    for hop in endpoint.hops:
        if hop.host in hosts:
            yield _answer(hop, endpoint.address)
    if endpoint.gap is not None and host_of(endpoint.last.target or "") in hosts:
        yield undecided(endpoint.gap)


def _missing(endpoint: HttpsEndpoint, hosts: frozenset[str]) -> Iterator[Verdict]:
    if isinstance(endpoint, NoTls) and endpoint.plain is not None:
        yield _answer(endpoint.plain, endpoint.address)
    elif not isinstance(endpoint, Answered):
        yield undecided(endpoint.gap)


def _answer(hop: Hop, address: str) -> Verdict:
    url = _with_path(hop.url)
    evidence = [
        Evidence(fact=f"cookie {cookie.name} of {url} at {address}", value=_shown(cookie))
        for cookie in hop.cookies[:_MOST_NAMES]
    ]
    bare = [cookie.name for cookie in hop.cookies if not cookie.secure]
    if bare:
        named = ", ".join(bare[:_MOST_NAMES]) + (" and others" if len(bare) > _MOST_NAMES else "")
        reason = f"{url} at {address} sets cookies without Secure: {named}."
        return failed(reason, fix=_FIX, evidence=evidence)
    if hop.wall is not None:
        return undecided(hop.wall, evidence=evidence)
    said = "Every cookie that was seen is Secure." if hop.cookies else "The site sets no cookie."
    return passed(said, evidence=evidence)


def _with_path(url: str) -> str:
    """The URL with the path `/` where it has none, which asks for the same (RFC 3986, section 6.2.3)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return url if parts.path or not parts.netloc else parts._replace(path="/").geturl()


def _told_once(verdict: Verdict) -> Verdict:
    """Without the evidence that is told already: the same page is often met along several ways."""
    return replace(verdict, evidence=tuple(dict.fromkeys(verdict.evidence)))


def _shown(cookie: Cookie) -> str:
    flags = [
        "Secure" if cookie.secure else "no Secure",
        *(["HttpOnly"] if cookie.http_only else []),
        *([f"SameSite={cookie.same_site}"] if cookie.same_site else []),
    ]
    return "; ".join([", ".join(flags), *cookie.faults])
