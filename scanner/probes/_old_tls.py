"""A website whose TLS is too old for Python: asked once through a worker that still speaks it.

`https-served` asks whether TLS completes with any version and suite that we can speak; which ones those are is judged
elsewhere.
"""

from __future__ import annotations

import asyncio

from scanner.model.facts.http import Answered, ChainEnd, Unseen, host_of
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._redirects import hop_of
from scanner.probes._tls_target import server_name
from scanner.transports.http import NoAnswer, Stage, port_of
from scanner.transports.old_http import get_over_any_tls
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsTarget

# How many times the limit of one step it may take, and seconds more for starting the worker.
_STEPS, _TO_START = 2, 2.0


def missing(answered: NoAnswer, address: str) -> Unseen:
    """The fact of an https endpoint that gave no HTTP answer."""
    spoken = answered.stage is Stage.ANSWER
    declined = answered.stage in {Stage.TLS, Stage.NAME} and answered.gap.cause is Cause.UNSUPPORTED
    return Unseen(address=address, tls=spoken, declined=declined, gap=answered.gap)


def is_too_old(answered: NoAnswer) -> bool:
    """Whether the peer speaks TLS and refused all that Python's OpenSSL offers."""
    return answered.stage is Stage.TLS and answered.gap.cause is Cause.UNSUPPORTED


async def ask_in_the_old_way(
    url: str, address: str, transports: Transports, *, until: float
) -> tuple[Answered | Unseen, str]:
    """One GET at one address, and the digest of the answer.

    Args:
        url: https.
        address: the literal that is connected to.
        transports: those of the run.
        until: hard deadline in the event loop's time; a good two time-outs are the most in any case.

    A redirect is kept as it stands and not followed.
    """
    target = TlsTarget(
        address=address,
        port=port_of(url),
        server_name=server_name(host_of(url)),
        timeout=transports.settings.timeout,
    )
    enough = asyncio.get_running_loop().time() + _STEPS * target.timeout + _TO_START
    answer = await get_over_any_tls(url, target, transports.tls, until=min(until, enough))
    if isinstance(answer, NoAnswer):
        return missing(answer, address), ""
    first = hop_of(url, answer)
    if first.target is None:
        detail = f"{target.peer} speaks a TLS so old that civicseal does not read its page; turn on TLS 1.2 or newer."
        page = Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
        return Answered(address=address, first=first, page=page), answer.digest
    detail = f"{target.peer} redirects over a TLS so old that civicseal does not follow it; turn on TLS 1.2 or newer."
    gap = Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    return Answered(address=address, first=first, end=ChainEnd.GAP, gap=gap), answer.digest
