"""Disks of Linux hosts, over SSH or on this machine, by one read-only script."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from scanner.credentials import resolve
from scanner.model.asset import Asset, Host, LocalAccess, Platform, SshAccess
from scanner.model.facts.base import Facts
from scanner.model.facts.disks import DiskFacts
from scanner.model.inventory import Settings
from scanner.model.secret import Secret, SecretRef
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes import _plan
from scanner.probes._disk_facts import facts_of
from scanner.probes._sections import script
from scanner.probes.base import Reply, Step
from scanner.transports import local, ssh
from scanner.transports.addresses import endpoint
from scanner.transports.shared import Transports
from scanner.transports.shell import COMMAND, ShellReply

# The share of an asset's budget that the script may take; the rest is for reading what it said.
_SHARE = 0.85

# Hosts behind one address that are logged in to at the same time: OpenSSH drops those who come while ten others have
# not logged in yet (sshd_config, MaxStartups 10:30:100).
_LOGINS_AT_ONCE = 6


class LinuxDisksProbe:
    """Asks a Linux host how its disks are encrypted."""

    name = "linux-disks"
    about: type[Asset] = Host
    provides: tuple[type[Facts], ...] = (DiskFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """The look-up of a name, one log-in, and one script, told whole."""
        host = _host(asset)
        gap = _unread(host)
        match host.access:
            case _ if gap is not None:
                yield Step(action="no connection", target=gap.detail)
            case SshAccess() as access:
                yield from _plan.dns((host.address,), settings)
                yield from _plan.programs((access.password,))
                account = access.user or getpass.getuser()
                yield Step(action="SSH", target=_target(host, access), account=account, commands=_commands(host))
            case LocalAccess():
                yield Step(action="run here", target=host.id, account=getpass.getuser(), commands=_commands(host))

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Runs the script and reads what it said."""
        host = _host(asset)
        said = _unread(host) or await _ask(host, transports)
        if isinstance(said, Unobserved):
            return {DiskFacts: Reply(outcome=said)}
        return {DiskFacts: Reply(outcome=facts_of(said, host.address or host.id), digest=said.digest)}


PROBE = LinuxDisksProbe()


def _host(asset: Asset) -> Host:
    if not isinstance(asset, Host):
        raise TypeError(f"{asset.id} is no host")
    return asset


def _target(host: Host, access: SshAccess) -> str:
    return endpoint(host.address or host.id, access.port)


def _commands(host: Host) -> tuple[str, ...]:
    """The command, and the script on its standard input."""
    return COMMAND, _script(host)


def _script(host: Host) -> str:
    return script(sudo=isinstance(host.access, SshAccess) and host.access.sudo)


def _unread(host: Host) -> Unobserved | None:
    """Why a host is not asked at all."""
    names = {Platform.WINDOWS: "Windows", Platform.MACOS: "macOS"}
    if host.platform in names:
        detail = f"The disks of {names[host.platform]} hosts are not read by this version of civicseal."
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    if not isinstance(host.access, SshAccess | LocalAccess):
        detail = "A Linux host is asked over SSH; set `access: {transport: ssh}` for it in the inventory."
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    return None


async def _ask(host: Host, transports: Transports) -> ShellReply | Unobserved:
    settings = transports.settings
    deadline = settings.asset_budget * _SHARE
    if not isinstance(host.access, SshAccess):
        return await local.run(_script(host), deadline=deadline)
    if host.address is None:
        detail = f"The inventory names no address for {host.id}; add `address` to it."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    addresses = await transports.addresses.of(host.address)
    if isinstance(addresses, Unobserved):
        return addresses
    target = _ssh_host(host.access, host.address, addresses, transports.inventory.folder)
    until = asyncio.get_running_loop().time() + deadline
    place = endpoint(addresses[0], host.access.port)
    async with transports.pace.turn(place, at_once=_LOGINS_AT_ONCE):
        left = max(settings.timeout, until - asyncio.get_running_loop().time())
        said = await ssh.run(target, _script(host), step=settings.timeout, deadline=left)
        if isinstance(said, Unobserved) and said.cause is Cause.RATE_LIMITED:
            transports.pace.slow_down(place)
        return said


def _ssh_host(access: SshAccess, name: str, addresses: tuple[str, ...], folder: Path) -> ssh.SshHost:
    return ssh.SshHost(
        name=name,
        addresses=addresses,
        port=access.port,
        user=access.user,
        key_file=access.key_file and folder / access.key_file,
        password=_finder(access.password),
        agent=access.agent,
        known_hosts=access.known_hosts and folder / access.known_hosts,
    )


def _finder(reference: SecretRef | None) -> Callable[[], Secret | Unobserved] | None:
    """Finds a secret when it is needed, in the thread that needs it."""
    return None if reference is None else lambda: resolve(reference)
