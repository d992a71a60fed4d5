"""The site tells browsers to use HTTPS only, for at least a year.

What it checks
--------------
The first answer of the site's `url` at every address must carry a valid Strict-Transport-Security header with a
max-age of at least `policy.hsts_min_age` seconds (a year by default). As in browsers, only the first such header of an
answer counts, and one that breaks the grammar (a comma, a directive twice, no max-age) counts as none.

The evidence says whether the name stands in the browsers' preload list that civicseal ships, itself or through a parent
domain, and what hstspreload.org would hold against adding it. With `policy.hsts_preload_counts` a name in the list
passes without a header.

Why it matters
--------------
A redirect protects nobody whose first, plain request is answered by an attacker on the same Wi-Fi. With HSTS a browser
that was there once never asks over plain HTTP again, and does not let people click certificate warnings away.

How to fix
----------
Send `Strict-Transport-Security: max-age=31536000; includeSubDomains` once with every https answer, redirects and errors
included. Start with a short max-age if subdomains still need plain HTTP, and raise it when they do not.

What it cannot see
------------------
Names that came into the preload list after the version that is shipped. Whether a name is a whole registered domain,
which the list demands. Browsers ignore the header behind a certificate that they do not accept; that is another check's
finding. Where a 403 or 429 stopped the scanner and carried no header, residents may well get one: that is unknown.

References
----------
RFC 6797 (2012-11), sections 6.1, 7.1, 8.1 and 8.1.1; CISA BOD 18-01 (2017-10-16); hstspreload.org.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scanner.model.asset import Website
from scanner.model.check import check
from scanner.model.facts.http import Answered, HttpFacts, HttpsEndpoint
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.hsts import InvalidHsts, hsts_applies_to, parse_hsts
from scanner.model.hsts_preload import preload_issues
from scanner.model.hsts_preload_words import issue_words
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.worst import worst

_DAY = 86_400


@check(id="https-hsts", title="Browsers are told to use HTTPS only", principle=P6, severity=Severity.MEDIUM, revision=2)
def https_hsts(site: Website, http: HttpFacts, policy: Policy) -> Verdict:
    """Judges the first https answer at every address; the worst one decides."""
    if not hsts_applies_to(site.host):
        return not_applicable("HSTS holds for host names only, and this site is an IP address (RFC 6797, 8.1.1).")
    if http.lacks_tls:
        return not_applicable("The site has no TLS at all, which https-served reports.")
    listed = list(_listed(http))
    if policy.hsts_preload_counts and http.preload is not None and http.preload.entry is not None:
        return passed(
            "Browsers know from their preload list that the site is to be asked over HTTPS only.", evidence=listed
        )
    otherwise = not_applicable("No address of the site was asked.")
    verdict = worst([_at(endpoint, policy.hsts_min_age) for endpoint in http.https], otherwise=otherwise)
    return replace(verdict, evidence=(*verdict.evidence, *listed))


def _listed(http: HttpFacts) -> Iterator[Evidence]:
    """Whether the name is in the preload list, and what keeps it out."""
    if http.preload is None:
        return
    version = f"the list of {http.preload.version}"
    state = f"not in {version}" if http.preload.entry is None else f"{http.preload.entry} is in {version}"
    yield Evidence(fact="preload list", value=state)
    for endpoint in http.https:
        if isinstance(endpoint, Answered) and endpoint.open:
            objections = "; ".join(map(issue_words, preload_issues(http, endpoint)))
            fact = f"what hstspreload.org would say at {endpoint.address}"
            yield Evidence(fact=fact, value=objections or "no objection was seen")
            return


def _at(endpoint: HttpsEndpoint, min_age: int) -> Verdict:
    fact = f"Strict-Transport-Security at {endpoint.address}"
    if not isinstance(endpoint, Answered):
        return undecided(endpoint.gap, evidence=[Evidence(fact=fact, value=endpoint.gap.detail)])
    first = endpoint.first
    evidence = [Evidence(fact=fact, value=value) for value in first.hsts]
    evidence = evidence or [Evidence(fact=fact, value=f"absent from the answer {first.status}")]
    if first.hsts:
        return _judged(first.hsts[0], endpoint.address, min_age, evidence)
    if first.wall is not None:
        return undecided(first.wall, evidence=evidence)
    reason = f"The https answer at {endpoint.address} carries no Strict-Transport-Security header."
    return failed(reason, fix=_fix(min_age), evidence=evidence)


def _judged(value: str, address: str, min_age: int, evidence: list[Evidence]) -> Verdict:
    header = parse_hsts(value)
    if isinstance(header, InvalidHsts):
        reason = f"Browsers ignore the Strict-Transport-Security header at {address}: it {header.problem}."
        return failed(reason, fix=_fix(min_age), evidence=evidence)
    if header.max_age < min_age:
        lasts, asked = _days(header.max_age), _days(min_age)
        reason = f"The HSTS max-age at {address} is {lasts}; the policy asks for {asked} at least."
        return failed(reason, fix=_fix(min_age), evidence=evidence)
    return passed(f"Browsers are told to use HTTPS only, for at least {_days(min_age)}.", evidence=evidence)


def _days(seconds: int) -> str:
    """A time as people say it, e.g. `365 days (31536000 seconds)`; seconds alone where they make no whole days."""
    days, rest = divmod(seconds, _DAY)
    plain = f"{seconds} second{'s' if seconds != 1 else ''}"
    return plain if rest or not days else f"{days} day{'s' if days != 1 else ''} ({plain})"


def _fix(min_age: int) -> str:
    return f"Send Strict-Transport-Security: max-age={min_age} exactly once with every https answer."
