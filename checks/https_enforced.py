"""Who asks for the site over plain HTTP is sent to HTTPS by the server, at once.

What it checks
--------------
Every address is asked for the plain twin (`http_url`, port 80 by default). It passes where the first answer is a
redirect of the server (301, 302, 303, 307 or 308) whose Location is an https URL, or where the plain port is closed
while the site is there: HTTP answered on the https port, or TLS was completed.
Anything else that answers fails: a page, an error, a redirect to another plain URL first, a redirect by HTML or script.
Redirects are followed from both endpoints: where they lead back to a plain answer of the site's own host that does not
go on to https, that plain answer fails too. The evidence says whether the redirect is permanent, whether it leaves the
host before https was reached on it, and names every fall from https back to plain HTTP.

The site's name with or without `www.` is asked as well, at one address. What it answers is evidence, unless
`policy.other_name_must_redirect` is set: then it has to lead to https, or close its plain port, just as the site does.

Why it matters
--------------
People type names without `https://`, and old links and posters lead to plain HTTP. Whatever is answered there can be
read and replaced on the way, the page that should lead to HTTPS included.

How to fix
----------
Answer every plain request with a 301 or 308 to the same host and path under https and with nothing else, or close
port 80. If no plain endpoint is meant to exist, say so with `http_url: null`.

What it cannot see
------------------
Paths other than the one in the inventory. A 403 or 429 to the scanner says nothing about what residents get, and a
port that stays silent may answer them: both are unknown. Redirects to hosts that are not in the inventory are named
and not followed. The other name is not looked at where the inventory declares an `address`.

References
----------
OMB M-15-13 (2015-06-08) and its guide at https.cio.gov, "Compliance FAQ"; CISA BOD 18-01 (2017-10-16);
RFC 9110 (2022-06), section 15.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import (
    Answered,
    Hop,
    HttpFacts,
    HttpsEndpoint,
    NoTls,
    OtherName,
    PlainEndpoint,
    Refused,
    Unseen,
    host_of,
)
from scanner.model.facts.tls import TlsFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.redirects import notes, served_plainly
from scanner.model.tls_accepted import accepted_at
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

_FIX = "Answer every plain HTTP request with a 301 to the same path under https, and with nothing else."

_FIX_BACK = "Let every redirect of the site name an https URL, and answer every plain HTTP request with one."
_FIX_OTHER = "Answer every plain HTTP request to {host} with a 301 to the same path under https, or close its port."


@check(id="https-enforced", title="Plain HTTP leads to HTTPS", principle=P6, severity=Severity.HIGH, revision=2)
def https_enforced(site: Website, http: HttpFacts | Unobserved, policy: Policy, tls: TlsFacts | Unobserved) -> Verdict:
    """Judges the plain twin's first answer at every address, and where redirects lead; the worst one decides."""
    none_meant = not_applicable("The inventory declares that no plain HTTP endpoint is meant to exist.")
    if site.http_url is None:
        return none_meant
    if isinstance(http, Unobserved):
        return undecided(http)
    if http.http_url is None:
        return none_meant
    verdicts = [_at(http, tls, endpoint) for endpoint in http.plain]
    verdicts += [back for endpoint in (*http.https, *http.plain) if (back := _back_to_plain(http, endpoint))]
    seen, other = _other_name(http.other)
    verdicts += [other] if other is not None and policy.other_name_must_redirect else []
    verdict = worst(verdicts, otherwise=none_meant)
    return replace(verdict, evidence=(*verdict.evidence, *seen))


def _at(http: HttpFacts, tls: TlsFacts | Unobserved, endpoint: PlainEndpoint) -> Verdict:
    if isinstance(endpoint, Answered):
        return _answered(endpoint)
    evidence = [Evidence(fact=f"plain HTTP at {endpoint.address}", value=endpoint.gap.detail)]
    if isinstance(endpoint, Unseen):
        return undecided(endpoint.gap, evidence=evidence)
    missing = _not_reached(http.https_at(endpoint.address), tls)
    if missing is not None:
        return undecided(missing.gap, evidence=evidence)
    return passed("The plain HTTP port is closed, so nobody is served without TLS there.", evidence=evidence)


def _answered(endpoint: Answered) -> Verdict:
    first, address = endpoint.first, endpoint.address
    evidence = [Evidence(fact=f"plain HTTP at {address}", value=_told(first)), *notes(endpoint)]
    if first.leads_to_https:
        return passed("The plain endpoint's first answer sends everybody to https.", evidence=evidence)
    if first.wall is not None:
        return undecided(first.wall, evidence=evidence)
    reason = f"Plain HTTP at {address} answers {first.status}{_instead(first)} instead of sending everybody to https."
    return failed(reason, fix=_FIX, evidence=evidence)


def _told(first: Hop) -> str:
    return f"{first.status}" if first.location is None else f"{first.status}, Location: {first.location}"


def _back_to_plain(http: HttpFacts, endpoint: HttpsEndpoint) -> Verdict | None:
    """The verdict on a plain answer of the site itself that its redirects lead to after https; None without one."""
    if not isinstance(endpoint, Answered):
        return None
    hosts = frozenset({host_of(http.url), host_of(http.http_url or "")})
    page = served_plainly(endpoint.further, hosts) if _was_secure(endpoint) else None
    if page is None:
        return None
    evidence = [Evidence(fact=f"plain HTTP after https at {endpoint.address}", value=f"{page.status} from {page.url}")]
    evidence += [] if endpoint.first.plain else notes(endpoint)
    if page.wall is not None:
        return undecided(page.wall, evidence=evidence)
    reason = f"At {endpoint.address} the site leads from https back to plain HTTP, which answers {page.status}."
    return failed(reason, fix=_FIX_BACK, evidence=evidence)


def _was_secure(endpoint: Answered) -> bool:
    return not endpoint.first.plain or endpoint.first.leads_to_https


def _other_name(other: OtherName | Unobserved | None) -> tuple[tuple[Evidence, ...], Verdict | None]:
    """What the other name's plain endpoint shows, and the verdict on it for who holds it against the site."""
    if other is None:
        return (), None
    if isinstance(other, Unobserved):
        return (), undecided(other)
    if other.plain is None:
        return (), None
    seen = Evidence(fact=f"plain HTTP of {other.host}", value=_seen(other.plain))
    return (seen, *_https_of(other)), _judged(other.host, other.plain)


def _seen(endpoint: HttpsEndpoint) -> str:
    return _told(endpoint.first) if isinstance(endpoint, Answered) else endpoint.gap.detail


def _https_of(other: OtherName) -> Iterator[Evidence]:
    if other.https is not None:
        yield Evidence(fact=f"https of {other.host}", value=_seen(other.https))


def _judged(host: str, plain: PlainEndpoint) -> Verdict:
    if isinstance(plain, Unseen):
        return undecided(plain.gap)
    if isinstance(plain, Refused):
        return passed(f"The plain HTTP port of {host} is closed.")
    if plain.first.leads_to_https:
        return passed(f"Plain HTTP of {host} leads to https.")
    if plain.first.wall is not None:
        return undecided(plain.first.wall)
    reason = f"The site's other name, {host}, answers {plain.first.status} over plain HTTP instead of leading to https."
    return failed(reason, fix=_FIX_OTHER.format(host=host))


def _instead(first: Hop) -> str:
    if first.target is not None:
        return " with a redirect to another plain URL"
    return " without a usable Location" if first.status // 100 == 3 else ""


def _not_reached(https: tuple[HttpsEndpoint, ...], tls: TlsFacts | Unobserved) -> Refused | NoTls | Unseen | None:
    """Why the site was not reached at all, in which case a closed plain port proves nothing. None where it was.

    Reached means that HTTP answered or TLS was completed; who merely refuses a handshake may be anybody.
    """
    missing = None
    for endpoint in https:
        if isinstance(endpoint, Answered):
            return None
        if isinstance(endpoint, Unseen) and (
            endpoint.tls or (endpoint.declined and accepted_at(tls, endpoint.address))
        ):
            return None
        if isinstance(endpoint, NoTls) and endpoint.plain:
            return None
        missing = missing or endpoint
    return missing
