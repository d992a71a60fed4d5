"""The rule that decides: does every path from the data down to a physical device pass encryption?

Source: the derivation rules 1 to 7 for Linux that civicseal was built from (2026-11): a mapping encrypts only by what
the device mapper tells of it (never by lsblk's TYPE), integrity and verity never do, and the worst path decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from scanner.probes._blockdevices import Device
from scanner.probes._machine import Machine
from scanner.probes._mapper import Effect, Work, work_of
from scanner.probes._mounts import Mount
from scanner.probes._sources import MEMORY, NETWORK, STACKED, lower_path, server_of

DEEPEST = 40  # layers; no sane machine has ten
_MOST_NAMED = 4
_LONGEST_CHAIN = 400

# Kinds of devices that are always built on something: without a visible lower device nothing is known about them.
_BUILT = re.compile(r"(dm-|md|loop|bcache|drbd|zd|nbd)")


class Level(Enum):
    """What a path to the physical devices is worth."""

    ENCRYPTED = auto()
    PARTIAL = auto()
    PLAIN = auto()
    UNKNOWN = auto()
    EXEMPT = auto()  # not on this machine's disks at all


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What lies beneath a device or file system, summed up.

    Attributes:
        chain: from the physical devices up to here.
        mechanisms: what encrypts on the way.
        bare: physical devices that hold the data in the clear.
        notes: what a reader should know; for UNKNOWN why, for EXEMPT the reason.
        verity: whether a dm-verity mapping lies on the way.
    """

    level: Level
    chain: str
    mechanisms: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    verity: bool = False

    def on(self, label: str) -> Layer:
        """The same with one more link in the chain."""
        return replace(self, chain=_cut(f"{self.chain} > {label}" if self.chain else label))

    def noting(self, note: str) -> Layer:
        """The same with one more note."""
        return replace(self, notes=(*self.notes, note)) if note else self


def unknown(chain: str, note: str) -> Layer:
    """A layer about which nothing can be said, and why."""
    return Layer(level=Level.UNKNOWN, chain=chain, notes=(note,))


def _cut(chain: str) -> str:
    return chain if len(chain) <= _LONGEST_CHAIN else f"… {chain[-_LONGEST_CHAIN:]}"


def together(layers: Iterable[Layer]) -> Layer:
    """Several layers that each hold a part of the data: the worst decides, mixed ones are partial."""
    parts = list(layers)
    if len(parts) == 1:
        return parts[0]
    named = [f"({part.chain})" if " > " in part.chain else part.chain for part in parts[:_MOST_NAMED]]
    more = [f"{len(parts) - _MOST_NAMED} more"] if len(parts) > _MOST_NAMED else []
    return Layer(
        level=_mixed({part.level for part in parts}),
        chain=_cut(" + ".join([*named, *more])),
        mechanisms=_each_once(word for part in parts for word in part.mechanisms),
        bare=_each_once(path for part in parts for path in part.bare),
        notes=_each_once(note for part in parts for note in part.notes),
        verity=any(part.verity for part in parts),
    )


def _mixed(levels: set[Level]) -> Level:
    judged = levels - {Level.EXEMPT}
    if len(judged) <= 1:
        return next(iter(judged), Level.EXEMPT)
    if Level.PARTIAL in judged or {Level.PLAIN, Level.ENCRYPTED} <= judged:
        return Level.PARTIAL
    return Level.PLAIN if Level.PLAIN in judged else Level.UNKNOWN


def _each_once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:8]


class Layers:
    """Walks down from devices and file systems. Each is judged once; cycles and endless depth end as unknown."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[str, Layer] = {}
        self._under_way: set[str] = set()

    def _once(self, key: str, label: str, judge: Callable[[], Layer]) -> Layer:
        if key in self._known:
            return self._known[key]
        if key in self._under_way:
            return unknown(label, f"{label} is built on itself, as this machine tells it")
        if len(self._under_way) >= DEEPEST:
            return unknown(label, f"{label} has more than {DEEPEST} layers beneath it")
        self._under_way.add(key)
        try:
            self._known[key] = judge()
        finally:
            self._under_way.discard(key)
        return self._known[key]

    def device(self, kname: str) -> Layer:
        """What lies beneath a block device, itself included."""
        device = self._machine.devices.get(kname)
        if device is None:
            return unknown(kname, f"the device {kname} is not in the machine's list of devices")
        return self._once(f"device {kname}", device.path, lambda: self._device(device))

    def _device(self, device: Device) -> Layer:
        if not device.is_mapper:
            return self._through(device)
        work = work_of(device, self._machine.tables)
        label = f"{work.label or _kind(device)} {device.mapper_name or device.kname}"
        beneath = self._beneath(device)
        if work.effect is Effect.ENCRYPTS:
            return _encrypted(beneath, work).on(label).noting(work.note and f"{device.path}: {work.note}")
        if beneath.level is not Level.ENCRYPTED:
            beneath = _weakened(beneath, work, device)
        verity = beneath.verity or work.label == "dm-verity"
        return replace(beneath, verity=verity).on(label if device.kind != "part" else device.path)

    def _through(self, device: Device) -> Layer:
        """A device that passes data on: partition, RAID, loop, or a physical one."""
        if device.kname.startswith("zd"):
            return self._zvol(device)
        beneath = self._beneath(device)
        if device.kind == "part":
            below = self._machine.devices.get(next(iter(device.beneath), ""))
            physical = below is not None and not below.beneath and not _BUILT.match(below.kname)
            return replace(beneath, chain=device.path, bare=(device.path,)) if physical else beneath.on(device.path)
        if not device.beneath and not device.backing:
            return beneath
        return beneath.on(f"{_kind(device)} {device.kname}".strip())

    def _beneath(self, device: Device) -> Layer:
        if device.beneath:
            return together(self.device(kname) for kname in sorted(device.beneath))
        if device.backing:
            return self._backing(device)
        if _BUILT.match(device.kname):
            return unknown(device.path, f"what {device.path} is built on is not visible")
        note = (
            f"{device.path} is reached over {device.transport}" if device.transport in ("iscsi", "fc", "fcoe") else ""
        )
        return Layer(level=Level.PLAIN, chain=device.path, bare=(device.path,)).noting(note)

    def _backing(self, device: Device) -> Layer:
        """The file behind a loop device, or the disk behind zram."""
        below = self._machine.by_path(device.backing)
        if below is not None:
            return self.device(below.kname)
        return self.path(device.backing).on(device.backing)

    def path(self, path: str) -> Layer:
        """What lies beneath a file."""
        mount = self._machine.places.holding(path)
        return self.mount(mount) if mount else unknown(path, f"the file system that holds {path} is not visible")

    def mount(self, mount: Mount) -> Layer:
        """What lies beneath a mounted file system, without its own mount point."""
        return self._once(f"mount {mount.target}", mount.target, lambda: self._mount(mount))

    def _mount(self, mount: Mount) -> Layer:
        if mount.filesystem in MEMORY:
            return Layer(level=Level.EXEMPT, chain=mount.filesystem, notes=("it lives in memory and not on a disk",))
        if mount.filesystem in NETWORK:
            return Layer(level=Level.EXEMPT, chain=mount.source, notes=(_on_server(mount),))
        if mount.filesystem in STACKED:
            return self._stacked(mount)
        if mount.filesystem == "zfs":
            return self.dataset(mount.source)
        return self._on_devices(mount)

    def _on_devices(self, mount: Mount) -> Layer:
        device = self._machine.behind(mount)
        if mount.filesystem == "bcachefs":
            return self._bcachefs(mount, device)
        if device is None:
            return unknown(mount.source, f"the device behind {mount.target} ({mount.source}) is not visible")
        if mount.filesystem == "btrfs":
            return self._btrfs(device)
        layer = self.device(device.kname)
        if layer.level is Level.PLAIN and mount.target in self._machine.fscrypt:
            return replace(layer, level=Level.PARTIAL, mechanisms=("fscrypt",))
        return layer

    def _btrfs(self, device: Device) -> Layer:
        members = self._machine.btrfs_members(device.kname)
        layer = together(self.device(kname) for kname in sorted(members | {device.kname}))
        if not members and layer.level is not Level.PLAIN:
            return unknown(layer.chain, f"the other devices of the btrfs on {device.path}, if any, are not visible")
        return layer.on("btrfs") if len(members) > 1 else layer

    def _bcachefs(self, mount: Mount, device: Device | None) -> Layer:
        """Encrypts by itself or not: only root can read that from the device, so it counts as unknown."""
        named = [self._machine.by_path(path) for path in mount.source.split(":")]
        found = [each for each in (*named, device) if each is not None]
        layer = together(self.device(kname) for kname in sorted({each.kname for each in found}))
        if layer.level is Level.ENCRYPTED:
            return layer
        return unknown(mount.source, "bcachefs can encrypt by itself, and whether it does is not read by this version")

    def _stacked(self, mount: Mount) -> Layer:
        """A file system that keeps its files in another one; what encrypts each file is no disk encryption."""
        mechanism = STACKED[mount.filesystem]
        path = lower_path(mount)
        lower = (
            self.path(path) if path else unknown(mount.source, f"where {mount.target} keeps its files is not visible")
        )
        if mechanism and (lower.level is Level.PLAIN or not path):
            lower = replace(lower, level=Level.PARTIAL, mechanisms=(mechanism,), notes=())
        return lower.on(mechanism or mount.filesystem)

    def dataset(self, name: str) -> Layer:
        """A ZFS dataset: encrypted by ZFS itself, or by what its pool lies on."""
        dataset = self._machine.zfs.datasets.get(name)
        pool = self._pool(name.partition("/")[0])
        if dataset is not None and dataset.encrypts:
            word = f"ZFS {dataset.encryption}"
            return Layer(level=Level.ENCRYPTED, chain=pool.chain, mechanisms=(word,)).on(f"{word} {name}")
        if dataset is None and pool.level is not Level.ENCRYPTED:
            return unknown(name, f"whether ZFS encrypts {name} could not be read")
        return pool.on(f"ZFS {name}")

    def _pool(self, pool: str) -> Layer:
        paths = self._machine.zfs.pools.get(pool, ())
        if not paths:
            return unknown(f"pool {pool}", f"the devices of the ZFS pool {pool} could not be read")
        return self._once(f"pool {pool}", pool, lambda: together(self._vdev(path) for path in paths))

    def _vdev(self, path: str) -> Layer:
        device = self._machine.by_path(path)
        if device is not None:
            return self.device(device.kname)
        if path.startswith("/dev/"):
            return unknown(path, f"the device {path} of a ZFS pool is not in the machine's list of devices")
        return self.path(path).on(path)

    def _zvol(self, device: Device) -> Layer:
        """A ZFS volume; the kernel does not tell which one, so it is known only where all are alike."""
        layers = [self.dataset(each.name) for each in self._machine.zfs.datasets.values() if each.is_volume]
        if layers and len({layer.level for layer in layers}) == 1:
            return replace(together(layers), chain=device.path)
        return unknown(device.path, f"which ZFS volume {device.path} is, and whether ZFS encrypts it, is not visible")


def _encrypted(beneath: Layer, work: Work) -> Layer:
    kept = (work.label, *(word for word in beneath.mechanisms if word != work.label))
    return Layer(level=Level.ENCRYPTED, chain=beneath.chain, mechanisms=kept)


def _weakened(beneath: Layer, work: Work, device: Device) -> Layer:
    note = work.note and f"{device.path}: {work.note}"
    if work.effect is Effect.PARTLY:
        return replace(beneath, level=Level.PARTIAL, mechanisms=(work.label,)).noting(note)
    if work.effect is Effect.UNKNOWN:
        return unknown(beneath.chain, note)
    return beneath.noting(note)


def _kind(device: Device) -> str:
    if device.kind.startswith("raid") or device.kind in ("lvm", "md"):
        return device.kind.upper()
    uuid = device.mapper_uuid or ""
    return (
        "LVM"
        if uuid.startswith("LVM-")
        else {"dm": "device mapper", "mpath": "multipath"}.get(device.kind, device.kind)
    )


def _on_server(mount: Mount) -> str:
    server = server_of(mount)
    return f"it is kept by {server}; list that server as a host of its own in the inventory"
