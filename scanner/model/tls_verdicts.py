"""What all checks of TLS have in common: when they do not apply, and that the worst place decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import AddressTls, CertificateFacts, Deployment, TlsFacts
from scanner.model.finding import NotApplicable, Verdict, not_applicable, undecided
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

Place = TypeVar("Place")

Greeting = tuple[HttpFacts | Unobserved, ServiceFacts | Unobserved]
"""What tells of a server whether it has TLS at all: a website's answers, another listener's greeting."""


def without_tls(greeting: Greeting) -> NotApplicable | None:
    """The verdict of every check of TLS on a server that has none; None where it has some, or nobody knows."""
    http, service = greeting
    if isinstance(http, HttpFacts) and http.lacks_tls:
        return not_applicable("The site has no TLS, so this does not arise; see https-served.")
    if isinstance(service, ServiceFacts) and service.lacks_tls:
        return not_applicable("The listener has no TLS, so this does not arise; see tls-served.")
    return None


def over_deployments(
    certificates: CertificateFacts | Unobserved,
    greeting: Greeting,
    judge: Callable[[str, Deployment], Iterable[Verdict]],
    *,
    otherwise: str,
) -> Verdict:
    """Judges every set of certificates that a server presents, address by address.

    Args:
        certificates: what the server presents; a gap is handed on.
        greeting: tells whether the server has TLS at all; where it has none, nothing applies.
        judge: gives the verdicts on one set, from its address and the set.
        otherwise: the reason for `not applicable` where no set brought a verdict.
    """
    if isinstance(certificates, Unobserved):
        return _over((certificates,), greeting, lambda _: (), otherwise)
    return _over(certificates.presented(), greeting, lambda each: judge(*each), otherwise)


def over_addresses(
    tls: TlsFacts | Unobserved,
    greeting: Greeting,
    judge: Callable[[AddressTls], Iterable[Verdict]],
    *,
    otherwise: str,
) -> Verdict:
    """Judges how a server speaks TLS at each of its addresses; arguments as for `over_deployments`."""
    return _over((tls,) if isinstance(tls, Unobserved) else tls.answered(), greeting, judge, otherwise)


def _over(
    places: Iterable[Place | Unobserved],
    greeting: Greeting,
    judge: Callable[[Place], Iterable[Verdict]],
    otherwise: str,
) -> Verdict:
    lacking = without_tls(greeting)
    if lacking is not None:
        return lacking
    return worst(list(_verdicts(places, judge)), otherwise=not_applicable(otherwise))


def _verdicts(places: Iterable[Place | Unobserved], judge: Callable[[Place], Iterable[Verdict]]) -> Iterator[Verdict]:
    for place in places:
        if isinstance(place, Unobserved):
            yield undecided(place)
        else:
            yield from judge(place)
