"""What all checks of a website's TLS have in common: when they do not apply, and that the worst place decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from scanner.model.facts.http import HttpFacts
from scanner.model.facts.tls import AddressTls, CertificateFacts, Deployment, TlsFacts
from scanner.model.finding import Verdict, not_applicable, undecided
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

Place = TypeVar("Place")


def over_deployments(
    certificates: CertificateFacts | Unobserved,
    http: HttpFacts | Unobserved,
    judge: Callable[[str, Deployment], Iterable[Verdict]],
    *,
    otherwise: str,
) -> Verdict:
    """Judges every set of certificates that a website presents, address by address.

    Args:
        certificates: what the site presents; a gap is handed on.
        http: tells whether the site has TLS at all; where it has none, nothing applies.
        judge: gives the verdicts on one set, from its address and the set.
        otherwise: the reason for `not applicable` where no set brought a verdict.
    """
    lacking = "The site has no TLS, so there is no certificate; see https-served."
    if isinstance(certificates, Unobserved):
        return _over((certificates,), http, lambda _: (), lacking, otherwise)
    return _over(certificates.presented(), http, lambda each: judge(*each), lacking, otherwise)


def over_addresses(
    tls: TlsFacts | Unobserved,
    http: HttpFacts | Unobserved,
    judge: Callable[[AddressTls], Iterable[Verdict]],
    *,
    otherwise: str,
) -> Verdict:
    """Judges how a website speaks TLS at each of its addresses; arguments as for `over_deployments`."""
    lacking = "The site has no TLS, so it has no versions of it; see https-served."
    return _over((tls,) if isinstance(tls, Unobserved) else tls.answered(), http, judge, lacking, otherwise)


def _over(
    places: Iterable[Place | Unobserved],
    http: HttpFacts | Unobserved,
    judge: Callable[[Place], Iterable[Verdict]],
    lacking: str,
    otherwise: str,
) -> Verdict:
    if isinstance(http, HttpFacts) and http.lacks_tls:
        return not_applicable(lacking)
    return worst(list(_verdicts(places, judge)), otherwise=not_applicable(otherwise))


def _verdicts(places: Iterable[Place | Unobserved], judge: Callable[[Place], Iterable[Verdict]]) -> Iterator[Verdict]:
    for place in places:
        if isinstance(place, Unobserved):
            yield undecided(place)
        else:
            yield from judge(place)
