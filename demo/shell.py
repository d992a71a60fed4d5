"""The SSH servers of the demo city: each answers every command with a recording of a server's disks.

Nothing is executed. The recordings are in the form of the scanner's own read-only script; see `recordings/README.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import asyncssh

from demo import files
from demo.layout import ADDRESS, MACHINES, USER, Machine

SCRIPT_LIMIT = 256 * 1024
PATIENCE = 10.0  # seconds that a visitor may take to send a script

Process = asyncssh.SSHServerProcess[bytes]


async def _take_script(process: Process) -> None:
    """Takes the script that comes on standard input, up to a bound."""
    taken = 0
    while taken < SCRIPT_LIMIT:
        some = await process.stdin.read(SCRIPT_LIMIT)
        if not some:
            return
        taken += len(some)


def _answering(machine: Machine) -> Callable[[Process], Awaitable[None]]:
    """The handler of one machine's sessions."""
    recording = (files.HOME / "recordings" / f"{machine.id}.txt").read_bytes()

    async def handle(process: Process) -> None:
        """Answers one session with its recording."""
        if process.command is None:  # nobody gets a terminal here
            process.exit(1)
            return
        with suppress(OSError, TimeoutError, asyncssh.Error):
            async with asyncio.timeout(PATIENCE):
                await _take_script(process)
            process.stdout.write(recording)
            process.exit(0)

    return handle


class _OneAccount(asyncssh.SSHServer):
    """Lets in one user name alone, by key alone."""

    def begin_auth(self, username: str) -> bool:
        """Asks everybody to prove who they are."""
        return True

    def password_auth_supported(self) -> bool:
        """No passwords."""
        return False

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether it is the demo's own key and user."""
        return username == USER and key == asyncssh.read_public_key(files.HOME / files.CLIENT_PUBLIC)

    def public_key_auth_supported(self) -> bool:
        """Keys only."""
        return True


async def start(state: Path) -> None:
    """Serves SSH until the process ends; it needs no files of the state."""
    for machine in MACHINES:
        await asyncssh.listen(
            ADDRESS,
            machine.port,
            server_factory=_OneAccount,
            server_host_keys=[files.HOME / files.HOST_KEY],
            process_factory=_answering(machine),
            encoding=None,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
            login_timeout=PATIENCE,
        )
