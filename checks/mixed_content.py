"""The page loads nothing and sends no form over plain HTTP.

What it checks
--------------
The HTML behind the site's final https answer, at every address: scripts, style sheets, frames, images, media, objects
and fonts that it loads, and forms that it sends, must not be at `http:` URLs. Links do not count, nor does what stays
on the visitor's own machine (`localhost`). What a frame holds in `srcdoc` and what `noscript` shows is part of the
page. Where the page sends `upgrade-insecure-requests`, browsers ask for all of it over https instead: it passes, and
the evidence names what would be plain without.

Why it matters
--------------
Whoever sits on the way can replace a script that came over plain HTTP and so read and change the whole page, and reads
what stands in a form that is sent in plain. Browsers block such scripts, and the page then breaks for residents.

How to fix
----------
Change the URLs to https in the templates and contents. Until all are found, send the header
`Content-Security-Policy: upgrade-insecure-requests`.

What it cannot see
------------------
Other pages of the site, what scripts and external style sheets load, and what comes after the first megabyte of a page.
A page that is shown instead of the site's own by a 403 or 429 is unknown.

References
----------
W3C Mixed Content (2023-02-23), sections 3 and 4; W3C Upgrade Insecure Requests (2015-10-08), section 3;
OMB M-15-13 (2015-06-08).
"""

from __future__ import annotations

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import Answered, ChainEnd, HttpFacts, HttpsEndpoint
from scanner.model.facts.page import Page
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

_FIX = "Change these URLs to https, or send Content-Security-Policy: upgrade-insecure-requests with the page."
_MOST_SHOWN = 10

_WITHOUT_PAGE = {
    ChainEnd.ELSEWHERE: "The site leads to another site, which is judged where the inventory names it.",
    ChainEnd.LOOP: "The site redirects without end and shows no page, which https-served reports.",
    ChainEnd.TOO_LONG: "The site redirects without end and shows no page, which https-served reports.",
}


@check(id="mixed-content", title="Pages load nothing over plain HTTP", principle=P6, severity=Severity.MEDIUM)
def mixed_content(site: Website, http: HttpFacts) -> Verdict:
    """Judges the page at every address; the worst one decides."""
    if http.lacks_tls:
        return not_applicable("The site has no TLS at all, which https-served reports.")
    otherwise = not_applicable("No address of the site was asked.")
    return worst([_at(endpoint) for endpoint in http.https], otherwise=otherwise)


def _at(endpoint: HttpsEndpoint) -> Verdict:
    if not isinstance(endpoint, Answered):
        return undecided(endpoint.gap)
    if endpoint.gap is not None:
        return undecided(endpoint.gap)
    if endpoint.end in _WITHOUT_PAGE:
        return not_applicable(_WITHOUT_PAGE[endpoint.end])
    if endpoint.last.wall is not None:
        return undecided(endpoint.last.wall)
    if isinstance(endpoint.page, Unobserved):
        return undecided(endpoint.page)
    if endpoint.page is None:
        return not_applicable("The site's last answer shows no page over https.")
    return _page(endpoint.page, endpoint.address)


def _page(page: Page, address: str) -> Verdict:
    if not page.html:
        if page.rest is not None:
            return undecided(page.rest)
        return not_applicable("What the site answers is no HTML page.")
    evidence = [Evidence(fact=f"{load.element} at {address}", value=load.url) for load in page.loads[:_MOST_SHOWN]]
    if page.upgraded:
        reason = "The page has browsers ask for all its parts over https (upgrade-insecure-requests)."
        return passed(reason, evidence=[Evidence(fact=f"page at {address}", value=_upgraded(page)), *evidence])
    if page.loads:
        kinds = ", ".join(sorted({load.element for load in page.loads}))
        reason = f"The page at {address} loads or sends {_parts(page)} over plain HTTP ({kinds})."
        return failed(reason, fix=_FIX, evidence=evidence)
    seen = [Evidence(fact=f"page at {address}", value=page.url)]
    if page.rest is not None:
        return undecided(page.rest, evidence=seen)
    return passed("The page loads nothing and sends no form over plain HTTP.", evidence=seen)


def _parts(page: Page) -> str:
    return "1 part" if page.found == 1 else f"{page.found} parts"


def _upgraded(page: Page) -> str:
    return f"upgrade-insecure-requests; without it {_parts(page)} would be asked for over plain HTTP"
