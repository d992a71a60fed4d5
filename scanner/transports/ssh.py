"""Runs a script on a host over SSH, with strict host keys and a hard deadline.

No authentication is attempted before the host key is found in known_hosts. Everything that blocks runs in a daemon
thread whose socket is closed when the time is up, so that no peer can hold up the scan.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.model.secret import Secret
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._ssh_known_hosts import KnownKeys, known_keys
from scanner.transports._threads import in_thread
from scanner.transports.shell import ShellReply

if TYPE_CHECKING:
    from scanner.transports._ssh_login import Login
    from scanner.transports._ssh_session import Session

_GRACE = 1.0  # seconds that a session has to notice its own deadline before its socket is closed

# What another address of the same host might do better.
_WORTH_ANOTHER = frozenset({Cause.UNREACHABLE, Cause.TIMEOUT})


@dataclass(frozen=True, kw_only=True)
class SshHost:
    """A host to log in to.

    Attributes:
        name: as the inventory writes it; known_hosts is searched for it.
        addresses: where to connect, tried in order.
        user: None for the account that runs the scan.
        password: gives the password, or the passphrase of a locked key file; called in the thread, may block.
        known_hosts: None for the user's own file.
    """

    name: str
    addresses: tuple[str, ...]
    port: int = 22
    user: str | None = None
    key_file: Path | None = None
    password: Callable[[], Secret | Unobserved] | None = None
    agent: bool = False
    known_hosts: Path | None = None


async def run(host: SshHost, script: str, *, step: float, deadline: float) -> ShellReply | Unobserved:
    """Gives a script to `/bin/sh -s` on a host.

    Args:
        step: seconds for one step, such as connecting.
        deadline: seconds for everything.

    Returns:
        What the shell said, complete or not (see `ShellReply.end`), or why it was not asked.
    """
    work = _Work(host, script, step, time.monotonic() + deadline)
    try:
        return await in_thread(work.run, deadline=deadline + _GRACE, on_expiry=work.abandon)
    except TimeoutError:
        return Unobserved(cause=Cause.TIMEOUT, detail=f"{host.name} gave no complete answer within {deadline:g} s.")


class _Work:
    """What the thread does: one session after the other until an address answers."""

    def __init__(self, host: SshHost, script: str, timeout: float, until: float) -> None:
        self._host = host
        self._script = script
        self._timeout = timeout
        self._until = until
        self._session: Session | None = None
        self._abandoned = False

    def abandon(self) -> None:
        """Ends the session that is under way and starts no other."""
        self._abandoned = True
        if self._session is not None:
            self._session.abandon()

    def run(self) -> ShellReply | Unobserved:
        """Asks address by address; the first that answers as an SSH server decides."""
        path = self._host.known_hosts or Path.home() / ".ssh" / "known_hosts"
        known = known_keys(path, self._host.name, self._host.port)
        if isinstance(known, Unobserved):
            return known
        # paramiko takes a quarter of a second to import, which `civicseal --help` need not wait for.
        from scanner.transports._ssh_login import unusable_key

        login = self._login()
        unusable = unusable_key(login)  # a host that is down must not hide it
        if unusable is not None:
            return unusable
        gap = Unobserved(cause=Cause.DNS, detail=f"{self._host.name} has no address.")
        for address in self._host.addresses:
            found = self._ask(address, known, login)
            if isinstance(found, ShellReply) or found.cause not in _WORTH_ANOTHER:
                return found
            gap = found
            if self._abandoned or time.monotonic() >= self._until:
                break
        return gap

    def _login(self) -> Login:
        from scanner.transports._ssh_login import Login

        host = self._host
        user = host.user or getpass.getuser()
        return Login(user=user, key_file=host.key_file, password=host.password, agent=host.agent)

    def _ask(self, address: str, known: KnownKeys, login: Login) -> ShellReply | Unobserved:
        from scanner.transports._ssh_session import Request, Session

        host = self._host
        request = Request(
            host=host.name,
            port=host.port,
            known=known,
            login=login,
            script=self._script,
            timeout=self._timeout,
            until=self._until,
        )
        self._session = Session(request, address)
        if self._abandoned:
            return Unobserved(cause=Cause.TIMEOUT, detail=f"{host.name} did not answer in time.")
        return self._session.run()
