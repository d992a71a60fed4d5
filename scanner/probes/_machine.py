"""Everything that one run of the disk script told about a machine, parsed and put together; no verdicts yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from scanner.probes._blockdevices import Device, Graph, read_devices
from scanner.probes._mapper import Tables, read_tables
from scanner.probes._mounts import Mount, Places, mounts_of_lsblk, read_mounts, read_swaps
from scanner.probes._sections import Section, Sections
from scanner.probes._zfs import Zfs, read_zfs


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine's storage.

    Attributes:
        by_lsblk: whether the devices come from lsblk; without it, what is not mounted may lack its signature.
        mounts: all mounts, pseudo file systems and bound directories included.
        swaps: active swap areas, and whether each is a file.
        btrfs: sets of kernel names, one per btrfs file system.
        tables: the device mapper's targets and ciphers; None where they were not read.
        resume: `MAJOR:MINOR` of the device that holds a hibernated memory image; empty for none.
        fscrypt: mount points of file systems on which fscrypt encrypts directories.
    """

    devices: Graph
    by_lsblk: bool
    mounts: tuple[Mount, ...]
    swaps: tuple[tuple[str, bool], ...]
    btrfs: tuple[frozenset[str], ...]
    zfs: Zfs
    tables: Tables | None
    resume: str
    fscrypt: frozenset[str]

    @cached_property
    def places(self) -> Places:
        """Finds the file system that holds a path."""
        return Places(self.mounts)

    @cached_property
    def _by_numbers(self) -> Mapping[str, Device]:
        return {device.numbers: device for device in self.devices.values() if device.numbers}

    @cached_property
    def _by_path(self) -> Mapping[str, Device]:
        named = {f"/dev/{device.kname}": device for device in self.devices.values()}
        return named | {device.path: device for device in self.devices.values()}

    def by_path(self, path: str) -> Device | None:
        """The device that a `/dev` path names."""
        return self._by_path.get(path)

    def by_numbers(self, numbers: str) -> Device | None:
        """The device with these `MAJOR:MINOR`."""
        return self._by_numbers.get(numbers)

    @cached_property
    def _by_mountpoint(self) -> Mapping[str, Device]:
        return {place: device for device in self.devices.values() for place in device.mountpoints}

    def behind(self, mount: Mount) -> Device | None:
        """The device that a mount names; one of several for btrfs."""
        return self.by_numbers(mount.numbers) or self.by_path(mount.source) or self._by_mountpoint.get(mount.target)

    @cached_property
    def _by_fs_uuid(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for device in self.devices.values():
            if device.signature == "btrfs" and device.uuid:
                found.setdefault(device.uuid, set()).add(device.kname)
        return {uuid: frozenset(members) for uuid, members in found.items()}

    def btrfs_members(self, kname: str) -> frozenset[str]:
        """All devices of the btrfs file system that one of them belongs to; empty where neither the kernel nor
        the file system's UUID tells (it may then have others)."""
        told = next((members for members in self.btrfs if kname in members), frozenset[str]())
        device = self.devices.get(kname)
        return told | self._by_fs_uuid.get(device.uuid if device else "", frozenset())


def read_machine(sections: Sections) -> Machine:
    """Parses the sections of the script's output."""
    devices, by_lsblk = read_devices(sections)
    resume = sections["resume"].text.strip()
    return Machine(
        devices=devices,
        by_lsblk=by_lsblk,
        mounts=tuple(read_mounts(sections["mounts"])) or mounts_of_lsblk(devices),
        swaps=_swaps(sections["swaps"], devices),
        btrfs=_btrfs(sections["btrfs"]),
        zfs=read_zfs(sections),
        tables=read_tables(sections["tables"]),
        resume="" if resume == "0:0" else resume,
        fscrypt=frozenset(sections["fscrypt"].lines),
    )


def _swaps(section: Section, devices: Graph) -> tuple[tuple[str, bool], ...]:
    shown = ((device.path, False) for device in devices.values() if "[SWAP]" in device.mountpoints)
    return read_swaps(section) if section.lines else tuple(shown)


def _btrfs(section: Section) -> tuple[frozenset[str], ...]:
    """Members by file system: `/sys/fs/btrfs/UUID/devices/KNAME`."""
    found: dict[str, set[str]] = {}
    for line in section.lines:
        parts = line.split("/")
        if len(parts) == 7 and parts[5] == "devices":
            found.setdefault(parts[4], set()).add(parts[6].replace("!", "/"))
    return tuple(frozenset(members) for members in found.values())
