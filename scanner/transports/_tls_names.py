"""Names in certificates as text, and what reading a strange certificate raises."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from scanner.model.foreign import harmless

LONGEST_NAME = 500

# Odd serial numbers, names of the wrong length and the like are facts about a peer, not warnings to our user.
warnings.filterwarnings("ignore", module=r"scanner\.transports\._tls_(certificate|chain|extensions|names|trust)")

UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for certificates that are well enough formed to be sent and too odd to be read."""


def name_of(read: Callable[[], x509.Name]) -> str:
    """A subject or issuer as text, bounded and without control characters."""
    try:
        return harmless(read().rfc4514_string(), LONGEST_NAME)
    except UNREADABLE:
        return "(unreadable name)"
