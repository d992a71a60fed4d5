"""Why something could not be seen: a closed list of causes, and words that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """The closed list of reasons for not knowing (the outer contract, section 3)."""

    UNREACHABLE = "unreachable"  # refused, reset, no route
    TIMEOUT = "timeout"  # silence
    DNS = "dns"
    DENIED = "denied"  # known but not permitted
    CREDENTIALS = "credentials"  # not accepted or not found
    HOST_KEY = "host_key"  # the peer's identity is not verified, nothing was sent
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"  # a wall answered
    MALFORMED = "malformed"  # not the protocol
    UNSUPPORTED = "unsupported"  # we cannot ask it
    STALE = "stale"  # too old
    NOT_DECLARED = "not_declared"  # the inventory or our reference data lacks it
    INTERRUPTED = "interrupted"
    PROBE_CRASHED = "probe_crashed"  # our bug; only ever with status error


@dataclass(frozen=True, kw_only=True)
class Unobserved:
    """Something that was asked and not seen.

    Attributes:
        cause: which of the closed list.
        detail: one sentence that says what happened and, where it can, what to do about it.
        subject: the part of the asset that it is about; None for the whole.
        by_choice: whether the city itself has turned the question off; such an `unknown` has severity info.
    """

    cause: Cause
    detail: str
    subject: str | None = None
    by_choice: bool = False
