"""The demo city as a whole: real TLS, SSH, S3, SMTP and DNS servers on loopback, inside a `with` block."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.certificates import issue_all
from demo.children import Child, start_all, stop_all
from demo.errors import DemoError, DemoFailed, DemoMissing, PortTaken, WouldOverwrite
from demo.files import must_match
from demo.layout import DNS_PORT, MAIL_SERVERS, SITES, ports
from demo.ports import must_be_free

__all__ = ["City", "DemoError", "DemoFailed", "DemoMissing", "PortTaken", "WouldOverwrite"]

# What the extra `demo` brings, by the names to import it by.
_PACKAGES = ("asyncssh", "flask", "moto", "tlslite")


def _must_be_installed() -> None:
    missing = tuple(name for name in _PACKAGES if find_spec(name) is None)
    if missing:
        raise DemoMissing(missing)


def _private_folder(folder: Path) -> None:
    """Makes a folder and the one above it, both for their owner alone."""
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


class City:
    """Starts the demo city's servers on entry and stops them on exit.

    Args:
        folder: holds the demo city's inventory and the files it names.
        state: folder for what is made at start (certificates, keys, logs), for its owner alone; usually
            `.civicseal/demo` in `folder`.

    Raises (on entry):
        DemoMissing: if the extra `demo` is not installed.
        PortTaken: if another program has one of the ports.
        DemoFailed: if the folder's files are of another version, or a server does not start.
    """

    def __init__(self, folder: Path, state: Path) -> None:
        self._folder, self._state = folder, state.absolute()
        self._servers: list[Child] = []

    def __enter__(self) -> Self:
        _must_be_installed()
        must_match(self._folder)
        must_be_free(ports(), datagrams=(DNS_PORT,))
        _private_folder(self._state)
        issue_all((*SITES, *MAIL_SERVERS), self._state, datetime.now(UTC))
        self._servers = start_all(self._state)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stop_all(self._servers)
