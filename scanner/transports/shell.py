"""What a machine's shell answered to a script, over SSH or on this machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

COMMAND = "/bin/sh -s"  # the script comes on standard input, so that the account's login shell does not matter
OUTPUT_LIMIT = 8 * 1024 * 1024  # bytes
ERRORS_LIMIT = 64 * 1024


class End(StrEnum):
    """How the answer ended."""

    FINISHED = "finished"  # the shell closed its output
    TIMEOUT = "timeout"  # the time was up
    LOST = "lost"  # the connection broke
    TOO_LONG = "too long"  # more than OUTPUT_LIMIT; the rest was not read


@dataclass(frozen=True, kw_only=True)
class ShellReply:
    """Raw bytes of both streams, each cut at its limit."""

    output: bytes
    errors: bytes
    end: End

    @property
    def digest(self) -> str:
        """SHA-256 of the output in hex."""
        return hashlib.sha256(self.output).hexdigest()
