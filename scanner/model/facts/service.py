"""Whether a listener that is no website encrypts at all, address by address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scanner.model.facts.base import Facts
from scanner.model.unobserved import Cause, Unobserved


@dataclass(frozen=True, kw_only=True)
class Encrypts:
    """TLS is spoken at this address; `version` and `suite` are those of one handshake, None where only offered."""

    kind: Literal["encrypts"] = "encrypts"
    address: str
    version: str | None = None
    suite: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The listener answers at this address and encrypts nothing: what it said shows it (`seen`, one clause)."""

    kind: Literal["plain"] = "plain"
    address: str
    seen: str


@dataclass(frozen=True, kw_only=True)
class Unheard:
    """Nothing that can be judged came from this address."""

    kind: Literal["unheard"] = "unheard"
    address: str
    gap: Unobserved


Listener = Encrypts | Plain | Unheard


@dataclass(frozen=True, kw_only=True)
class ServiceFacts(Facts):
    """How a listener greets, at each of its addresses."""

    addresses: tuple[Listener, ...]

    @property
    def lacks_tls(self) -> bool:
        """Whether the listener is there, but without TLS at every address that may be asked."""
        asked = [
            each for each in self.addresses if not (isinstance(each, Unheard) and each.gap.cause is Cause.NOT_DECLARED)
        ]
        return bool(asked) and all(isinstance(each, Plain) for each in asked)
