"""The probe on real shells: OpenSSH, this machine, and peers that replay recordings or misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.model.asset import Host, LocalAccess, Platform, SshAccess, WinrmAccess
from scanner.model.facts.disks import DiskFacts
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.secret import SecretRef, SecretSource
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._sections import script
from scanner.probes.base import Reply
from scanner.probes.linux_disks import PROBE
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.shell import COMMAND
from scanner.transports.tls import TlsWorkers

Guest = Callable[..., bytes]


@pytest.fixture
def transports(tmp_path: Path) -> Callable[..., Transports]:
    """What a run's probes share, with a small budget."""

    def make(*, budget: float = 20, authorization: Authorization | None = None) -> Transports:
        inventory = Inventory(
            path=tmp_path / "inventory.yaml",
            sha256="",
            municipality=Municipality(name="Riverton"),
            authorization=authorization,
            settings=Settings(timeout=3, asset_budget=budget),
        )
        return Transports(inventory=inventory, addresses=Addresses(inventory), tls=TlsWorkers())

    return make


@pytest.fixture
def host(keys: Any) -> Callable[..., Host]:
    """`host(port)`: a Linux host on loopback; arguments change its access."""

    def make(port: int, *, address: str = "127.0.0.1", **changes: Any) -> Host:
        if "known_hosts" not in changes:
            changes["known_hosts"] = keys.known_hosts(port, name=address)
        given = {"user": "scanner", "port": port, "key_file": keys.client_file, **changes}
        return Host(id="db1", address=address, platform=Platform.LINUX, access=SshAccess(**given))

    return make


async def ask(asset: Host, transports: Transports) -> Reply:
    replies = await asyncio.wait_for(PROBE.run(asset, transports), 60)
    assert set(replies) == {DiskFacts}
    return replies[DiskFacts]


def cause(reply: Reply) -> Cause:
    assert isinstance(reply.outcome, Unobserved), reply.outcome
    return reply.outcome.cause


async def test_a_recorded_guest_is_read_over_ssh(
    ssh_peer: Any, answer: Any, host: Any, transports: Any, guest: Guest
) -> None:
    peer = await ssh_peer(answer(b"Welcome to Riverton.\n" + guest(as_root=True)))

    reply = await ask(host(peer.port), transports())

    assert isinstance(reply.outcome, DiskFacts)
    states = {volume.subject: volume.state for volume in reply.outcome.volumes if not isinstance(volume, Unobserved)}
    assert (states["/"], states["/srv/data"], states["/srv/btr"]) == ("plain", "encrypted", "partial")
    assert len(reply.digest) == 64


@pytest.mark.parametrize("sudo", [False, True])
async def test_what_is_sent_is_what_plan_says(
    sudo: bool, ssh_peer: Any, answer: Any, host: Any, transports: Any, guest: Guest
) -> None:
    peer = await ssh_peer(answer(guest(as_root=True)))
    asset = host(peer.port, sudo=sudo)
    shared = transports()

    await ask(asset, shared)

    [step] = PROBE.plan(asset, shared.settings)
    assert (step.action, step.target, step.account) == ("SSH", f"127.0.0.1:{peer.port}", "scanner")
    assert (*peer.commands, *(sent.decode() for sent in peer.scripts)) == step.commands
    assert ("civicseal_sudo=yes" in step.commands[1]) is sudo


async def test_the_real_script_runs_over_a_real_openssh_server(sshd: Any, host: Any, transports: Any) -> None:
    """Whatever this machine is, it ends with facts or with the sentence that it is a container."""
    reply = await ask(host(sshd.port, user=sshd.user), transports())

    if isinstance(reply.outcome, Unobserved):
        assert reply.outcome.cause is Cause.UNSUPPORTED, reply.outcome
        assert "container" in reply.outcome.detail
    assert reply.digest


def test_the_plan_names_the_look_up_and_the_program_of_a_password(host: Any, transports: Any) -> None:
    command = SecretRef(source=SecretSource.COMMAND, value=("pass", "show", "scan"))

    steps = list(PROBE.plan(host(22, address="db1.city.example", password=command), transports().settings))

    assert [step.action for step in steps] == ["DNS", "run here", "SSH"]
    assert steps[0].target == "db1.city.example from this machine's resolver"
    assert steps[1].target == "pass, which gives out a secret"
    assert "show" not in str(steps[1])


async def test_this_machine_can_be_asked(transports: Any) -> None:
    asset = Host(id="here", address=None, platform=Platform.LINUX, access=LocalAccess())

    reply = await ask(asset, transports())

    if isinstance(reply.outcome, Unobserved):
        assert reply.outcome.cause is Cause.UNSUPPORTED, reply.outcome
    [step] = PROBE.plan(asset, transports().settings)
    assert step.commands == (COMMAND, script(sudo=False))


async def test_a_host_may_be_named_rather_than_numbered(
    ssh_peer: Any, answer: Any, host: Any, transports: Any, guest: Guest
) -> None:
    peer = await ssh_peer(answer(guest(as_root=False)))

    reply = await ask(host(peer.port, address="localhost"), transports())

    assert isinstance(reply.outcome, DiskFacts)


async def test_a_password_comes_from_its_reference(
    ssh_peer: Any, answer: Any, host: Any, transports: Any, guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = await ssh_peer(answer(guest(as_root=False)))
    monkeypatch.setenv("DB1_PASSWORD", "correct horse")
    reference = SecretRef(source=SecretSource.ENV, value=("DB1_PASSWORD",))

    reply = await ask(host(peer.port, key_file=None, password=reference), transports())
    monkeypatch.delenv("DB1_PASSWORD")
    without = await ask(host(peer.port, key_file=None, password=reference), transports())

    assert isinstance(reply.outcome, DiskFacts)
    assert cause(without) is Cause.CREDENTIALS


async def test_files_are_relative_to_the_inventory(
    ssh_peer: Any, answer: Any, host: Any, transports: Any, guest: Guest, keys: Any
) -> None:
    peer = await ssh_peer(answer(guest(as_root=False)))
    keys.known_hosts(peer.port)

    reply = await ask(host(peer.port, key_file=Path("client"), known_hosts=Path("known_hosts")), transports())

    assert isinstance(reply.outcome, DiskFacts)


async def test_an_excluded_address_gets_no_packet(ssh_peer: Any, answer: Any, host: Any, transports: Any) -> None:
    from ipaddress import ip_network

    peer = await ssh_peer(answer(b""))
    authorization = Authorization(exclude=(ip_network("127.0.0.0/8"),))

    assert cause(await ask(host(peer.port), transports(authorization=authorization))) is Cause.NOT_DECLARED
    assert peer.attempts == []


async def test_an_unknown_host_key_is_handed_on(
    ssh_peer: Any, answer: Any, host: Any, transports: Any, keys: Any
) -> None:
    peer = await ssh_peer(answer(b""))

    assert cause(await ask(host(peer.port, known_hosts=keys.known_hosts(1)), transports())) is Cause.HOST_KEY
    assert peer.attempts == []


@pytest.mark.parametrize("platform", [Platform.WINDOWS, Platform.MACOS])
@pytest.mark.parametrize("access", [SshAccess(), WinrmAccess()])
async def test_other_platforms_are_unsupported_without_a_connection(
    platform: Platform, access: SshAccess | WinrmAccess, transports: Any
) -> None:
    asset = Host(id="fs1", address="192.0.2.1", platform=platform, access=access)

    reply = await ask(asset, transports())

    assert cause(reply) is Cause.UNSUPPORTED
    assert "not read by this version" in reply.outcome.detail  # type: ignore[union-attr]
    [step] = PROBE.plan(asset, transports().settings)
    assert step.action == "no connection"
    assert step.commands == ()


async def test_a_shell_that_hangs_in_mid_answer_is_a_timeout(
    ssh_peer: Any, host: Any, transports: Any, guest: Guest
) -> None:
    async def behave(process: Any) -> None:
        process.stdout.write(guest(as_root=True)[:5000])
        await asyncio.sleep(30)

    peer = await ssh_peer(behave)

    assert cause(await ask(host(peer.port), transports(budget=3))) is Cause.TIMEOUT


async def test_a_shell_that_closes_early_is_malformed(
    ssh_peer: Any, answer: Any, host: Any, transports: Any, guest: Guest
) -> None:
    peer = await ssh_peer(answer(guest(as_root=True)[:5000]))

    assert cause(await ask(host(peer.port), transports())) is Cause.MALFORMED


async def test_a_connection_that_breaks_is_unreachable(ssh_peer: Any, host: Any, transports: Any, guest: Guest) -> None:
    async def behave(process: Any) -> None:
        process.stdout.write(guest(as_root=True)[:5000])
        await process.stdout.drain()
        await asyncio.sleep(0.3)
        process.channel.get_connection().abort()

    peer = await ssh_peer(behave)

    assert cause(await ask(host(peer.port), transports())) is Cause.UNREACHABLE


async def test_a_shell_that_echoes_everything_is_understood(
    ssh_peer: Any, host: Any, transports: Any, guest: Guest
) -> None:
    peer: Any = None

    async def behave(process: Any) -> None:
        process.stdout.write(peer.scripts[-1] + guest(as_root=True) + b"logout\n")
        process.exit(0)

    peer = await ssh_peer(behave)

    assert isinstance((await ask(host(peer.port), transports())).outcome, DiskFacts)


async def test_a_shell_that_never_stops_talking_costs_no_more_than_its_bound(
    ssh_peer: Any, host: Any, transports: Any
) -> None:
    async def behave(process: Any) -> None:
        while True:
            process.stdout.write(b"y\n" * 32768)
            await process.stdout.drain()

    peer = await ssh_peer(behave)

    assert cause(await ask(host(peer.port), transports(budget=15))) in (Cause.MALFORMED, Cause.TIMEOUT)


async def test_many_hosts_behind_one_address_are_not_turned_away_by_our_own_crowd(
    host: Callable[..., Host], transports: Callable[..., Transports], sshd: Any
) -> None:
    shared = transports()
    replies = await asyncio.gather(*(ask(host(sshd.port, user=sshd.user), shared) for _ in range(24)))
    causes = {reply.outcome.cause for reply in replies if isinstance(reply.outcome, Unobserved)}
    assert Cause.RATE_LIMITED not in causes
    assert Cause.UNREACHABLE not in causes
