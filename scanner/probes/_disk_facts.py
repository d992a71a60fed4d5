"""From what a shell answered to disk facts, or to the reason why there are none. Pure: no input or output."""

from __future__ import annotations

from scanner.model.facts.disks import DiskFacts
from scanner.model.foreign import harmless
from scanner.model.sentences import sentence
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._environment import read_environment
from scanner.probes._machine import read_machine
from scanner.probes._sections import Sections, is_complete, split
from scanner.probes._volumes import volumes_of
from scanner.transports.shell import End, ShellReply

_MOST_VOLUMES = 20_000

# Without one of these whole, a volume could be missing or a layer overlooked.
_ESSENTIAL = ("machine", "mapper", "layers", "blocks", "loops", "mounts", "swaps", "btrfs", "zfs", "zpool")


def facts_of(reply: ShellReply, host: str) -> DiskFacts | Unobserved:
    """The facts in a reply."""
    if not is_complete(reply.output):
        return _incomplete(reply, host)
    sections = split(reply.output)
    if isinstance(sections, Unobserved):
        return sections
    return _unusable(sections, host) or _facts(sections, host)


def _incomplete(reply: ShellReply, host: str) -> Unobserved:
    """Partial output proves nothing: what is missing might be the unencrypted disk."""
    match reply.end:
        case End.TIMEOUT:
            return _gap(Cause.TIMEOUT, f"{host} did not finish the disk script in time; raise settings.asset_budget.")
        case End.LOST:
            return _gap(Cause.UNREACHABLE, f"{host} closed the connection before the disk script was done; try again.")
        case End.TOO_LONG:
            return _gap(Cause.MALFORMED, f"{host} answered the disk script with too much; see what its shell prints.")
    said = harmless((reply.output.strip() or reply.errors.strip()).split(b"\n")[0], 120)
    told = f" but with: {said}" if said else ""
    return _gap(Cause.MALFORMED, sentence(f"the account's shell on {host} did not answer as /bin/sh does{told}"))


def _unusable(sections: Sections, host: str) -> Unobserved | None:
    environment = read_environment(sections["machine"])
    if environment.system and environment.system != "Linux":
        detail = f"{host} runs {environment.system} and not Linux; correct `platform` in the inventory."
        return _gap(Cause.UNSUPPORTED, detail)
    if environment.container:
        detail = f"{host} is a container ({environment.container}) and shows the disks of its node; scan the node."
        return _gap(Cause.UNSUPPORTED, detail)
    cut = [name for name in _ESSENTIAL if sections[name].cut]
    if cut:
        return _gap(Cause.UNSUPPORTED, f"{host} has more in its list of {', '.join(cut)} than this version reads.")
    return None


def _facts(sections: Sections, host: str) -> DiskFacts | Unobserved:
    machine = read_machine(sections)
    if not machine.devices:
        return _no_devices(sections, host)
    if not machine.mounts:
        return _gap(Cause.MALFORMED, f"{host} shows no mounted file system; see what `cat /proc/self/mountinfo` says.")
    volumes = volumes_of(machine)
    if not volumes:
        return _gap(Cause.UNSUPPORTED, f"{host} shows no volume that could hold data.")
    if len(volumes) > _MOST_VOLUMES:
        return _gap(
            Cause.UNSUPPORTED, f"{host} shows more than {_MOST_VOLUMES} volumes, which this version does not read."
        )
    return DiskFacts(
        volumes=volumes,
        virtual_machine=read_environment(sections["machine"]).virtual_machine,
        mapper_read=machine.tables is not None,
    )


def _no_devices(sections: Sections, host: str) -> Unobserved:
    if sections["lsblk"].status == 127:
        return _gap(
            Cause.UNSUPPORTED, f"{host} has no lsblk and shows no block device in /sys; install util-linux there."
        )
    return _gap(
        Cause.MALFORMED, f"{host} lists no block device that can be understood; see what `lsblk -J` says there."
    )


def _gap(cause: Cause, detail: str) -> Unobserved:
    return Unobserved(cause=cause, detail=harmless(detail))
