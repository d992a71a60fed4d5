"""Whether a listener that is no website encrypts, at every address of its name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from scanner.model.asset import Asset, StartTls, TlsService
from scanner.model.facts.base import Facts
from scanner.model.facts.service import Encrypts, Listener, Plain, ServiceFacts, Unheard
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._plain_words import PlainWords, plain_words
from scanner.probes._plan import dns, peers
from scanner.probes._site_addresses import to_ask
from scanner.probes._tls_target import no_turn, target_at
from scanner.probes.base import Reply, Step
from scanner.transports.plain import overhear
from scanner.transports.shared import Transports
from scanner.transports.starttls import NotOffered, at_once, is_for_now
from scanner.transports.tls import TlsTarget
from scanner.transports.tls_enumerator import look
from scanner.transports.tls_handshake import Handshake, shake_hands_if_offered

# The part of the asset's budget after which we stop of ourselves, so that what was seen by then is kept.
_OWN_SHARE = 0.85

# How often a listener is asked that turns us away for the moment; between the attempts the pace slows down.
_ATTEMPTS = 3

# What a peer's plain words may explain: its answer is no TLS, it hung up at the sight of TLS, or it waits for the end
# of a line.
_MAY_BE_PLAIN = frozenset({Cause.MALFORMED, Cause.UNREACHABLE, Cause.TIMEOUT})

# What a TLS may explain that is too old for this machine's library; some such servers just hang up.
_MAY_BE_OLD = frozenset({Cause.MALFORMED, Cause.UNREACHABLE, Cause.UNSUPPORTED})


class ServiceProbe:
    """Shakes hands once with a service at each of its addresses, after the command that turns TLS on if it has one."""

    name = "service"
    about: type[Asset] = TlsService
    provides: tuple[type[Facts], ...] = (ServiceFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-up of the name, and the connections."""
        service = _service(asset)
        yield from dns((service.host,), settings)
        target = peers(service.host, service.port)
        if service.starttls is None:
            yield Step(action="TLS handshake, or what is said without one", target=target)
            yield Step(action="if that is plain text with a command for TLS: that command up to TLS", target=target)
        else:
            yield Step(action=f"{service.starttls.value} up to TLS, then a handshake", target=target)

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Asks every address."""
        service = _service(asset)
        until = asyncio.get_running_loop().time() + transports.settings.asset_budget * _OWN_SHARE
        addresses, not_asked = await to_ask(service.host, transports.addresses)
        if not addresses:
            return {ServiceFacts: Reply(outcome=not_asked[0][1])}
        targets = [target_at(service, address, transports.settings.timeout) for address in addresses]
        heard = await asyncio.gather(*(_ask(target, transports, until) for target in targets))
        unheard = [Unheard(address=address, gap=gap) for address, gap in not_asked]
        return {ServiceFacts: Reply(outcome=ServiceFacts(addresses=(*heard, *unheard)))}


def _service(asset: Asset) -> TlsService:
    assert isinstance(asset, TlsService)  # noqa: S101 (the runner goes by `about`)
    return asset


async def _ask(target: TlsTarget, transports: Transports, until: float) -> Listener:
    """Asks one address, and again after a pause where it turns us away for the moment."""
    turned: Listener | None = None
    for _ in range(_ATTEMPTS):
        try:
            async with transports.pace.turn(target.peer, at_once=at_once(target.starttls), until=until):
                listener = await _hear(target, until)
        except TimeoutError:
            return turned or Unheard(address=target.address, gap=no_turn(target))
        if not isinstance(listener, Unheard) or listener.gap.cause is not Cause.RATE_LIMITED:
            return await _perhaps_old(listener, target, transports, until)
        transports.pace.slow_down(target.peer)
        turned = listener
    assert turned is not None  # noqa: S101 (there is at least one attempt)
    return turned


async def _hear(target: TlsTarget, until: float) -> Listener:
    """One handshake, and where there is no TLS to it, what is said without."""
    try:
        shaken = await shake_hands_if_offered(target, until=until)
    except NotOffered as refusal:
        return Plain(address=target.address, seen=refusal.said)
    if isinstance(shaken, Handshake):
        return Encrypts(address=target.address, version=shaken.version, suite=shaken.suite)
    if target.starttls is None and shaken.cause in _MAY_BE_PLAIN:
        return await _plain(target, shaken, until)
    return Unheard(address=target.address, gap=shaken)


async def _plain(target: TlsTarget, gap: Unobserved, until: float) -> Listener:
    """Whether a listener that does not complete TLS proves that it speaks something else; else the gap stands."""
    # Who was silent at a handshake does not greet.
    heard = await overhear(target, greets=gap.cause is not Cause.TIMEOUT, until=until)
    if isinstance(heard, Unobserved):
        return Unheard(address=target.address, gap=gap)
    words = plain_words(heard, target.peer)
    if words is None:
        return Unheard(address=target.address, gap=gap)
    if isinstance(words, Unobserved):
        return Unheard(address=target.address, gap=words)
    if is_for_now(words.seen):
        detail = f"{target.peer} turns us away for now ({words.seen}); scan it again at a quieter time."
        return Unheard(address=target.address, gap=Unobserved(cause=Cause.RATE_LIMITED, detail=detail))
    return await _with_command(target, words, until)


async def _with_command(target: TlsTarget, words: PlainWords, until: float) -> Listener:
    """A plain protocol that may know a command for TLS is asked for it before it is called one without."""
    if words.starttls is not None:
        try:
            shaken = await shake_hands_if_offered(replace(target, starttls=words.starttls), until=until)
        except NotOffered as refusal:
            return Plain(address=target.address, seen=f"{words.seen}, and {refusal.said}")
        if isinstance(shaken, Handshake):
            return Unheard(address=target.address, gap=_undeclared(target, words.starttls))
    return Plain(address=target.address, seen=words.seen)


def _undeclared(target: TlsTarget, starttls: StartTls) -> Unobserved:
    detail = (
        f"{target.peer} begins in plain text and turns TLS on by a command; "
        f"set `starttls: {starttls.value}` for it in the inventory."
    )
    return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)


async def _perhaps_old(listener: Listener, target: TlsTarget, transports: Transports, until: float) -> Listener:
    """Where the handshake failed because this machine's library is too new, what the hellos show decides."""
    if not isinstance(listener, Unheard) or listener.gap.cause not in _MAY_BE_OLD:
        return listener
    sight = await look(target, transports.pace, until=until)
    if isinstance(sight, Unobserved) or not sight.tls.accepted:
        return listener
    return Encrypts(address=target.address, version=sight.tls.accepted[-1].version)


PROBE = ServiceProbe()
