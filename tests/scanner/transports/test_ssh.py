"""SSH against a real OpenSSH server and against peers that misbehave."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from scanner.model.secret import Secret
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports import ssh
from scanner.transports.shell import COMMAND, OUTPUT_LIMIT, End, ShellReply
from scanner.transports.ssh import SshHost

Make = Callable[..., SshHost]
PASSWORD = "correct horse"
SCRIPT = "echo hello\n"


async def ask(host: SshHost, *, script: str = SCRIPT, step: float = 3, deadline: float = 20) -> Any:
    return await asyncio.wait_for(ssh.run(host, script, step=step, deadline=deadline), 60)


def cause(found: Any) -> Cause:
    assert isinstance(found, Unobserved), found
    return found.cause


def _wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def secret(value: str) -> Callable[[], Secret]:
    return lambda: Secret(value)


# OpenSSH


async def test_a_script_runs_on_a_real_openssh_server(sshd: Any, ssh_host: Make) -> None:
    host = ssh_host(sshd.port, user=sshd.user)

    found = await ask(host, script="printf 'one\\ntwo\\n'; echo bad >&2\n")

    assert found == ShellReply(output=b"one\ntwo\n", errors=b"bad\n", end=End.FINISHED)


async def test_a_real_openssh_server_refuses_a_wrong_key(sshd: Any, ssh_host: Make, keys: Any) -> None:
    found = await ask(ssh_host(sshd.port, user=sshd.user, key_file=keys.other_file))

    assert cause(found) is Cause.CREDENTIALS


async def test_a_real_openssh_server_without_passwords_says_what_it_accepts(sshd: Any, ssh_host: Make) -> None:
    found = await ask(ssh_host(sshd.port, user=sshd.user, key_file=None, password=secret("wrong")))

    assert cause(found) is Cause.CREDENTIALS
    assert "publickey" in found.detail
    assert "wrong" not in found.detail


# Host keys


async def test_an_unknown_host_key_ends_it_before_any_authentication(
    ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any
) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port, known_hosts=keys.known_hosts(1)))

    assert cause(found) is Cause.HOST_KEY
    assert keys.hosts[0].get_fingerprint() in found.detail
    assert peer.attempts == []
    assert peer.commands == []


async def test_a_changed_host_key_ends_it_before_any_authentication(
    ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any
) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port, known_hosts=keys.known_hosts(peer.port, key=keys.other)))

    assert cause(found) is Cause.HOST_KEY
    assert "differs" in found.detail
    assert peer.attempts == []


async def test_a_revoked_host_key_ends_it_before_any_authentication(
    ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any
) -> None:
    peer = await ssh_peer(answer(b"hello"))
    path = keys.known_hosts(peer.port)
    path.write_text(path.read_text() + "@revoked * " + keys.hosts[0].export_public_key().decode())

    found = await ask(ssh_host(peer.port, known_hosts=path))

    assert cause(found) is Cause.HOST_KEY
    assert "revoked" in found.detail
    assert peer.attempts == []


async def test_the_key_type_that_known_hosts_holds_is_asked_for(
    ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any
) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port, known_hosts=keys.known_hosts(peer.port, key=keys.hosts[1])))

    assert isinstance(found, ShellReply), "the server has an Ed25519 key too, which would be chosen otherwise"


async def test_a_missing_known_hosts_file_is_told_with_how_to_make_it(ssh_host: Make, tmp_path: Path) -> None:
    found = await ask(ssh_host(1, known_hosts=tmp_path / "gone"))

    assert cause(found) is Cause.CREDENTIALS
    assert "ssh-keyscan" in found.detail


async def test_without_a_file_in_the_inventory_the_users_own_known_hosts_counts(
    ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    peer = await ssh_peer(answer(b"hello"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    keys.known_hosts(peer.port).rename(tmp_path / ".ssh" / "known_hosts")

    assert isinstance(await ask(ssh_host(peer.port, known_hosts=None)), ShellReply)


# Logging in


async def test_the_script_comes_on_standard_input_of_one_shell(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port))

    assert found.output == b"hello"
    assert peer.commands == [COMMAND]
    assert peer.scripts == [SCRIPT.encode()]
    assert set(peer.attempts) == {"user scanner", "key"}


async def test_a_password_is_given_where_the_inventory_names_one(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port, key_file=None, password=secret(PASSWORD)))

    assert found.output == b"hello"
    assert peer.attempts == ["user scanner", "password"]


async def test_a_wrong_password_is_told_without_the_password(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port, key_file=None, password=secret("battery staple")))

    assert cause(found) is Cause.CREDENTIALS
    assert "battery" not in repr(found)
    assert "keyboard-interactive" not in peer.attempts


async def test_a_wrong_key_is_not_accepted(ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any) -> None:
    peer = await ssh_peer(answer(b"hello"))

    assert cause(await ask(ssh_host(peer.port, key_file=keys.other_file))) is Cause.CREDENTIALS


async def test_a_secret_that_is_not_found_is_handed_on(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b"hello"))
    gap = Unobserved(cause=Cause.CREDENTIALS, detail="The environment variable X is not set.")

    assert await ask(ssh_host(peer.port, key_file=None, password=lambda: gap)) == gap


async def test_a_missing_key_file_is_told(ssh_peer: Any, ssh_host: Make, answer: Any, tmp_path: Path) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port, key_file=tmp_path / "gone"))

    assert cause(found) is Cause.CREDENTIALS
    assert "gone does not exist" in found.detail


async def test_a_missing_key_file_is_told_although_the_host_is_down(ssh_host: Make, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (tmp_path / "folder").mkdir()

    for name in ("gone", "folder"):
        assert cause(await ask(ssh_host(port, key_file=tmp_path / name))) is Cause.CREDENTIALS


async def test_a_file_that_is_no_key_is_told(ssh_peer: Any, ssh_host: Make, answer: Any, tmp_path: Path) -> None:
    peer = await ssh_peer(answer(b"hello"))
    (tmp_path / "noise").write_text("no key at all")

    found = await ask(ssh_host(peer.port, key_file=tmp_path / "noise"))

    assert cause(found) is Cause.CREDENTIALS
    assert "no private key" in found.detail


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
async def test_a_locked_key_needs_its_passphrase(
    form: str, ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any, tmp_path: Path
) -> None:
    peer = await ssh_peer(answer(b"hello"))
    keys.client.write_private_key(tmp_path / "locked", form, passphrase="open sesame")
    locked = tmp_path / "locked"

    none = await ask(ssh_host(peer.port, key_file=locked))
    wrong = await ask(ssh_host(peer.port, key_file=locked, password=secret("wrong")))
    assert not [attempt for attempt in peer.attempts if attempt == "password"]
    right = await ask(ssh_host(peer.port, key_file=locked, password=secret("open sesame")))

    assert (cause(none), cause(wrong)) == (Cause.CREDENTIALS, Cause.CREDENTIALS)
    assert "passphrase" in none.detail
    assert isinstance(right, ShellReply), right
    assert "password" not in peer.attempts, "a passphrase is never sent"


async def test_with_no_way_named_the_users_own_key_is_offered(
    ssh_peer: Any, ssh_host: Make, answer: Any, keys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    peer = await ssh_peer(answer(b"hello"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    keys.client_file.rename(tmp_path / ".ssh" / "id_ed25519")

    assert isinstance(await ask(ssh_host(peer.port, key_file=None)), ShellReply)


async def test_with_no_way_at_all_it_says_so(
    ssh_peer: Any, ssh_host: Make, answer: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    peer = await ssh_peer(answer(b"hello"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    host = ssh_host(peer.port, key_file=None)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))

    found = await ask(host)

    assert cause(found) is Cause.CREDENTIALS
    assert "ssh-agent" in found.detail


async def test_the_agents_keys_are_offered_only_where_the_inventory_says_so(
    ssh_peer: Any,
    ssh_host: Make,
    answer: Any,
    keys: Any,
    needs: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    peer = await ssh_peer(answer(b"hello"))
    place = tmp_path / "a"
    agent = await asyncio.create_subprocess_exec(
        needs("ssh-agent"), "-D", "-a", str(place), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await asyncio.to_thread(_wait_until, place.exists)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        async with asyncssh.connect_agent(str(place)) as client:
            await client.add_keys([keys.client])
        unasked = await ask(ssh_host(peer.port, key_file=keys.other_file))
        asked = await ask(ssh_host(peer.port, key_file=None, agent=True))
    finally:
        agent.terminate()
        await agent.wait()

    assert cause(unasked) is Cause.CREDENTIALS
    assert isinstance(asked, ShellReply)


# Peers that misbehave


def flood(connection: socket.socket, chunk: bytes) -> None:
    connection.settimeout(20)
    while True:
        connection.sendall(chunk)


def test_paramiko_says_nothing_on_standard_error(capfd: pytest.CaptureFixture[str], raw: Any, ssh_host: Make) -> None:
    port = raw(lambda connection: connection.sendall(b"SSH-2.0-x\r\n" + os.urandom(4000)))

    asyncio.run(ask(ssh_host(port), step=1))

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Cause.MALFORMED),
        (b"220 mail.city.example ESMTP\r\n", Cause.MALFORMED),
        (b"\x00\xff" * 300, Cause.MALFORMED),
        (b"SSH-2.0-x\r\n" + b"\x00" * 4000, Cause.MALFORMED),
        (b"SSH-2.0-x\r\n" + b"\xff" * 4000, Cause.MALFORMED),
        (b"SSH-1.5-old\r\n", Cause.UNSUPPORTED),
        (b"SSH-2.0-x\r\n", Cause.UNREACHABLE),
        (b"Exceeded MaxStartups\r\n", Cause.RATE_LIMITED),
        (b"", Cause.UNREACHABLE),
    ],
)
async def test_what_is_no_ssh_server_is_told_apart(sent: bytes, wanted: Cause, raw: Any, ssh_host: Make) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(5)
        while connection.recv(4096):
            pass

    found = await ask(ssh_host(raw(behave)), step=2)

    # A peer that breaks the protocol and hangs up at once may be seen as either.
    allowed = {wanted, Cause.UNREACHABLE} if sent.startswith(b"SSH-2.0") else {wanted}
    assert cause(found) in allowed


async def test_endless_noise_before_the_identification_is_cut_off(raw: Any, ssh_host: Make) -> None:
    found = await ask(ssh_host(raw(lambda connection: flood(connection, b"x" * 65536))), step=5)

    assert cause(found) is Cause.MALFORMED


async def test_a_port_that_says_nothing_is_a_timeout(raw: Any, ssh_host: Make) -> None:
    found = await ask(ssh_host(raw(lambda connection: time.sleep(10))), step=0.3)

    assert cause(found) is Cause.TIMEOUT


async def test_a_server_that_falls_silent_after_its_identification_is_a_timeout(raw: Any, ssh_host: Make) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-x\r\n")
        time.sleep(10)

    assert cause(await ask(ssh_host(raw(behave)), step=0.3)) is Cause.TIMEOUT


async def test_a_closed_port_is_unreachable(ssh_host: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert cause(await ask(ssh_host(port))) is Cause.UNREACHABLE


async def test_the_next_address_is_tried_where_one_is_dead(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b"hello"))

    found = await ask(ssh_host(peer.port, addresses=("127.0.0.9", "127.0.0.1")))

    assert isinstance(found, ShellReply)


async def test_a_server_with_broken_algorithms_alone_is_unsupported(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b"hello"), kex_algs=["diffie-hellman-group1-sha1"])

    found = await ask(ssh_host(peer.port))

    assert cause(found) is Cause.UNSUPPORTED
    assert "safe" in found.detail


async def test_a_shell_that_hangs_gives_what_it_said_until_then(ssh_peer: Any, ssh_host: Make) -> None:
    async def behave(process: Any) -> None:
        process.stdout.write(b"so far")
        await asyncio.sleep(30)

    peer = await ssh_peer(behave)

    found = await ask(ssh_host(peer.port), deadline=2)

    assert found == ShellReply(output=b"so far", errors=b"", end=End.TIMEOUT)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_shell_that_never_stops_talking_is_cut_off(stream: str, ssh_peer: Any, ssh_host: Make) -> None:
    async def behave(process: Any) -> None:
        out = getattr(process, stream)
        while True:
            out.write(b"y" * 65536)
            await out.drain()

    peer = await ssh_peer(behave)

    found = await ask(ssh_host(peer.port), deadline=8 if stream == "stdout" else 3)

    assert isinstance(found, ShellReply)
    assert found.end in (End.TOO_LONG, End.TIMEOUT)
    assert len(found.output) <= OUTPUT_LIMIT
    assert len(found.errors) <= 64 * 1024


async def test_a_connection_that_breaks_in_mid_answer_is_lost(ssh_peer: Any, ssh_host: Make) -> None:
    async def behave(process: Any) -> None:
        process.stdout.write(b"so f")
        await process.stdout.drain()
        await asyncio.sleep(0.5)
        process.channel.get_connection().abort()

    peer = await ssh_peer(behave)

    found = await ask(ssh_host(peer.port))

    assert found == ShellReply(output=b"so f", errors=b"", end=End.LOST)


async def test_an_account_that_may_run_nothing_is_denied(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b""), process_factory=None)

    assert cause(await ask(ssh_host(peer.port))) is Cause.DENIED


async def test_a_shell_that_reads_no_script_is_heard_all_the_same(ssh_peer: Any, ssh_host: Make, answer: Any) -> None:
    peer = await ssh_peer(answer(b"This account is not available.\n", 1), take=False)

    found = await ask(ssh_host(peer.port), script="x" * 500_000)

    assert found.output == b"This account is not available.\n"


async def test_cancelling_closes_the_connection(raw: Any, ssh_host: Make) -> None:
    heard, gone = threading.Event(), threading.Event()

    def behave(connection: socket.socket) -> None:
        connection.settimeout(20)
        while connection.recv(4096):
            heard.set()
        gone.set()

    task = asyncio.create_task(ssh.run(ssh_host(raw(behave)), SCRIPT, step=30, deadline=30))
    assert await asyncio.to_thread(heard.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await asyncio.to_thread(gone.wait, 10)


def test_a_peer_that_hangs_does_not_hold_up_the_program(raw: Any, keys: Any) -> None:
    """The program ends though the log-in still waits for an answer."""
    port = raw(lambda connection: time.sleep(60))
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from scanner.transports import ssh\n"
        f"host = ssh.SshHost(name='127.0.0.1', addresses=('127.0.0.1',), port={port}, user='x', "
        f"known_hosts=Path({str(keys.known_hosts(port))!r}))\n"
        "print(asyncio.run(ssh.run(host, 'true', step=50, deadline=1)).cause)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)

    assert (done.stdout, done.stderr) == ("timeout\n", "")
