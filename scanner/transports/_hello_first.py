"""Look before you leap: the first hello tells silence, refusal and other protocols from TLS.

It offers what nearly every server can accept. A server that is silent to it, or closes the connection, is offered less
before it is given up: some stumble over TLS 1.3, some over a long hello, and some know nothing newer than SSL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._hello_heard import Answer, Refused, Taken, TakenSsl2
from scanner.transports._hello_interview import Interview
from scanner.transports._hello_scan import First
from scanner.transports._hello_suites import MOST_SUITES, suites_of
from scanner.transports._hello_versions import FEW_SUITES
from scanner.transports._hello_write import Shape

# A server that is silent gets a second hello and this part of the time-out.
_SECOND_CHANCE = 0.5


@dataclass(frozen=True, kw_only=True)
class FirstLook:
    """What the first hellos showed.

    Attributes:
        gap: why there is nothing to be seen; None where TLS is spoken.
        accepted: the hello that was accepted; None where TLS was spoken to refuse.
        alert: the alert of a server that refused.
    """

    gap: Unobserved | None = None
    accepted: First | None = None
    alert: int | None = None


async def look_first(interview: Interview) -> FirstLook:
    """Whether TLS is spoken there. A silent server costs one time-out and a half."""
    modern = replace(interview.shape("TLSv1.3"), older=True)
    suites = (*suites_of("TLSv1.3"), *suites_of("TLSv1.2"))[:MOST_SUITES]
    answer = await interview.ask(modern, suites)
    if isinstance(answer, Unobserved):
        if answer.cause is not Cause.TIMEOUT or not interview.reached:
            return FirstLook(gap=answer)
        return await _after_silence(interview, answer)
    if isinstance(answer, Refused) and answer.closed:
        return await _after_closing(interview)
    return _told(answer, modern, suites)


def _told(answer: Answer, shape: Shape, suites: tuple[int, ...]) -> FirstLook:
    if isinstance(answer, Taken):
        return FirstLook(accepted=First(shape=shape, suites=suites, taken=answer))
    return FirstLook(gap=answer) if isinstance(answer, Unobserved) else FirstLook(alert=answer.alert)


async def _after_silence(interview: Interview, silence: Unobserved) -> FirstLook:
    interview.small = True
    shape, suites = interview.shape("TLSv1.2"), suites_of("TLSv1.2")[:FEW_SUITES]
    answer = await interview.ask(shape, suites, seconds=interview.target.timeout * _SECOND_CHANCE)
    if isinstance(answer, Unobserved) and answer.cause is Cause.TIMEOUT:
        return FirstLook(gap=silence)
    if isinstance(answer, Refused) and answer.closed:
        return FirstLook(gap=silence)
    return _told(answer, shape, suites)


async def _after_closing(interview: Interview) -> FirstLook:
    """Offers less and less; a server that closes every connection is given up."""
    for version in ("TLSv1.2", "SSLv3"):
        shape, suites = replace(interview.shape(version), plain=True), suites_of(version)[:FEW_SUITES]
        answer = await interview.ask(shape, suites)
        if not isinstance(answer, Refused) or not answer.closed:
            return _told(answer, shape, suites)
    answer_ssl2 = await interview.ask_ssl2(suites_of("SSLv2"))
    if isinstance(answer_ssl2, TakenSsl2):
        return FirstLook()
    if isinstance(answer_ssl2, Unobserved):
        return FirstLook(gap=answer_ssl2)
    gap = interview.gap(Cause.UNREACHABLE, "closed the connection without an answer.")
    return FirstLook(gap=gap) if answer_ssl2.closed else FirstLook(alert=answer_ssl2.alert)
