"""A real OpenSSH server, and SSH servers that misbehave on purpose (asyncssh), all on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from scanner.transports.ssh import SshHost

USER = "scanner"
PASSWORD = "correct horse"


@dataclass
class Keys:
    """A client's key pair in files, and a server's host keys."""

    folder: Path
    client: asyncssh.SSHKey
    other: asyncssh.SSHKey
    hosts: tuple[asyncssh.SSHKey, ...]

    @property
    def client_file(self) -> Path:
        return self.folder / "client"

    @property
    def other_file(self) -> Path:
        return self.folder / "other"

    def known_hosts(self, port: int, *, key: asyncssh.SSHKey | None = None, name: str = "127.0.0.1") -> Path:
        """A known_hosts file that holds one key."""
        path = self.folder / "known_hosts"
        shown = (key or self.hosts[0]).export_public_key().decode().strip()
        path.write_text(f"[{name}]:{port} {shown}\n")
        return path


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Fresh keys: an Ed25519 and an RSA host key, a client key that is let in and one that is not."""
    made = Keys(
        folder=tmp_path,
        client=asyncssh.generate_private_key("ssh-ed25519"),
        other=asyncssh.generate_private_key("ssh-ed25519"),
        hosts=(asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-rsa", key_size=2048)),
    )
    made.client.write_private_key(made.client_file)
    made.other.write_private_key(made.other_file)
    return made


@dataclass
class Peer:
    """A running asyncssh server and what clients did to it."""

    port: int = 0
    attempts: list[str] = field(default_factory=list)
    commands: list[str | None] = field(default_factory=list)
    scripts: list[bytes] = field(default_factory=list)


Process = asyncssh.SSHServerProcess[bytes]
Behave = Callable[[Process], Awaitable[None]]


class _Server(asyncssh.SSHServer):
    """Lets in the client's key or the password, and writes down every attempt."""

    def __init__(self, peer: Peer, keys: Keys, methods: tuple[str, ...]) -> None:
        self._peer = peer
        self._keys = keys
        self._methods = methods

    def begin_auth(self, username: str) -> bool:
        self._peer.attempts.append(f"user {username}")
        return True

    def public_key_auth_supported(self) -> bool:
        return "publickey" in self._methods

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._peer.attempts.append("key")
        return bool(key == self._keys.client.convert_to_public())

    def password_auth_supported(self) -> bool:
        return "password" in self._methods

    def validate_password(self, username: str, password: str) -> bool:
        self._peer.attempts.append("password")
        return password == PASSWORD

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> bool:
        self._peer.attempts.append("keyboard-interactive")
        return False


StartPeer = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def ssh_peer(keys: Keys) -> AsyncIterator[StartPeer]:
    """`await ssh_peer(behave)` serves SSH; `behave` gets each process once its command and script are written down."""
    servers: list[asyncssh.SSHAcceptor] = []

    async def start(
        behave: Behave, *, methods: tuple[str, ...] = ("publickey", "password"), take: bool = True, **options: Any
    ) -> Peer:
        peer = Peer()

        async def handle(process: Process) -> None:
            peer.commands.append(process.command)
            with contextlib.suppress(OSError, asyncssh.Error, asyncio.CancelledError):
                if take:
                    peer.scripts.append(await process.stdin.read())
                await behave(process)

        settings = {"server_host_keys": list(keys.hosts), "process_factory": handle, "encoding": None}
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=lambda: _Server(peer, keys, methods), **{**settings, **options}
        )
        servers.append(server)
        peer.port = server.get_port()
        return peer

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def ssh_host(keys: Keys) -> Callable[..., SshHost]:
    """`ssh_host(port)`: how to log in with the right key and the right known_hosts; arguments change it."""

    def make(port: int, **changes: Any) -> SshHost:
        good: dict[str, Any] = {
            "name": "127.0.0.1",
            "addresses": ("127.0.0.1",),
            "port": port,
            "user": USER,
            "key_file": keys.client_file,
        }
        if "known_hosts" not in changes:
            good["known_hosts"] = keys.known_hosts(port)
        return SshHost(**good | changes)

    return make


def answering(output: bytes, status: int = 0) -> Behave:
    """A shell that says something and ends."""

    async def behave(process: Process) -> None:
        process.stdout.write(output)
        process.exit(status)

    return behave


@pytest.fixture
def answer() -> Callable[..., Behave]:
    """`answer(b"...")`: a shell that says something and ends."""
    return answering


@dataclass(frozen=True)
class RealServer:
    """A running OpenSSH server for the account that runs the tests."""

    port: int
    key_file: Path
    known_hosts: Path
    user: str


@pytest.fixture
def sshd(needs: Callable[[str], str], keys: Keys, tmp_path: Path) -> Iterator[RealServer]:
    """OpenSSH's own server on a loopback port, run by and for the current user."""
    program = needs("sshd")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd as root does not start without it
    keys.hosts[0].write_private_key(tmp_path / "host_key")
    (tmp_path / "host_key").chmod(0o600)
    (tmp_path / "authorized").write_bytes(keys.client.export_public_key())
    configuration = tmp_path / "sshd_config"
    configuration.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path / 'host_key'}\nPidFile none\nStrictModes no\n"
        f"AuthorizedKeysFile {tmp_path / 'authorized'}\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\n"
    )
    process = subprocess.Popen([program, "-D", "-e", "-f", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield RealServer(port, keys.client_file, keys.known_hosts(port), getpass.getuser())
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"sshd ended with status {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail("sshd did not listen in time")
