"""Why the demo city cannot start: each a sentence that says what to do."""

from __future__ import annotations


class DemoError(Exception):
    """The demo city cannot start, or its files cannot be laid out."""


class PortTaken(DemoError):
    """Another program has a port that the demo city needs.

    Attributes:
        port: the port's number.
        needed_for: what the demo city needs it for.
    """

    def __init__(self, port: int, needed_for: str) -> None:
        super().__init__(
            f"Port {port} is already in use; the demo city needs it for {needed_for}. "
            "Stop the other program, or wait for an earlier `civicseal demo` to end, and try again."
        )
        self.port = port
        self.needed_for = needed_for


class DemoMissing(DemoError):
    """The packages of the extra `demo` are not installed; `missing` are the names to import them by."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        names = ", ".join(missing)
        super().__init__(
            f"The demo city needs packages that are not installed ({names}): pip install 'civicseal[demo]'"
        )
        self.missing = missing


class DemoFailed(DemoError):
    """A server of the demo city did not start."""


class WouldOverwrite(DemoError):
    """A file that somebody may have edited stands where the demo city's file belongs."""
