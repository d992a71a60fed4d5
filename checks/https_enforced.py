"""Who asks for the site over plain HTTP is sent to HTTPS by the server, at once.

What it checks
--------------
Every address is asked for the plain twin (`http_url`, port 80 by default). It passes where the first answer is a
redirect of the server (301, 302, 303, 307 or 308) whose Location is an https URL, or where the plain port is closed.
Anything else that answers fails: a page, an error, a redirect to another plain URL first, a redirect by HTML or script.

Why it matters
--------------
People type names without `https://`, and old links and posters lead to plain HTTP. Whatever is answered there can be
read and replaced on the way, the page that should lead to HTTPS included.

How to fix
----------
Answer every plain request with a 301 or 308 to the same path under https and with nothing else, or close port 80. If
no plain endpoint is meant to exist, say so with `http_url: null`.

What it cannot see
------------------
Paths other than the one in the inventory. A 403 or 429 to the scanner says nothing about what residents get, and a
port that stays silent may answer them: both are unknown.

References
----------
OMB M-15-13 (2015-06-08) and its guide at https.cio.gov, "Compliance FAQ"; CISA BOD 18-01 (2017-10-16);
RFC 9110 (2022-06), section 15.4.
"""

from __future__ import annotations

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import Answered, Hop, HttpFacts, HttpsEndpoint, NoTls, PlainEndpoint, Refused, Unseen
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

_FIX = "Answer every plain HTTP request with a 301 to the same path under https, and with nothing else."


@check(id="https-enforced", title="Plain HTTP leads to HTTPS", principle=P6, severity=Severity.HIGH)
def https_enforced(site: Website, http: HttpFacts | Unobserved) -> Verdict:
    """Judges the plain twin's first answer at every address; the worst one decides."""
    none_meant = not_applicable("The inventory declares that no plain HTTP endpoint is meant to exist.")
    if site.http_url is None:
        return none_meant
    if isinstance(http, Unobserved):
        return undecided(http)
    if http.http_url is None:
        return none_meant
    return worst([_at(http, endpoint) for endpoint in http.plain], otherwise=none_meant)


def _at(http: HttpFacts, endpoint: PlainEndpoint) -> Verdict:
    if isinstance(endpoint, Answered):
        return _answered(endpoint.first, endpoint.address)
    evidence = [Evidence(fact=f"plain HTTP at {endpoint.address}", value=endpoint.gap.detail)]
    if isinstance(endpoint, Unseen):
        return undecided(endpoint.gap, evidence=evidence)
    missing = _not_reached(http.https_at(endpoint.address))
    if missing is not None:
        return undecided(missing.gap, evidence=evidence)
    return passed("The plain HTTP port is closed, so nobody is served without TLS there.", evidence=evidence)


def _answered(first: Hop, address: str) -> Verdict:
    where = "" if first.location is None else f", Location: {first.location}"
    evidence = [Evidence(fact=f"plain HTTP at {address}", value=f"{first.status}{where}")]
    if first.leads_to_https:
        return passed("The plain endpoint's first answer sends everybody to https.", evidence=evidence)
    if first.wall is not None:
        return undecided(first.wall, evidence=evidence)
    reason = f"Plain HTTP at {address} answers {first.status}{_instead(first)} instead of sending everybody to https."
    return failed(reason, fix=_FIX, evidence=evidence)


def _instead(first: Hop) -> str:
    if first.target is not None:
        return " with a redirect to another plain URL"
    return " without a usable Location" if first.status // 100 == 3 else ""


def _not_reached(https: tuple[HttpsEndpoint, ...]) -> Refused | NoTls | Unseen | None:
    """Why the site was not reached at all, in which case a closed plain port proves nothing. None where it was."""
    missing = None
    for endpoint in https:
        if isinstance(endpoint, Answered):
            return None
        if (isinstance(endpoint, Unseen) and endpoint.tls) or (isinstance(endpoint, NoTls) and endpoint.plain):
            return None
        missing = missing or endpoint
    return missing
