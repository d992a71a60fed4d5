"""From a machine's storage to its volumes: what holds data, in which state, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.model.facts.disks import Volume, VolumeState
from scanner.model.foreign import harmless
from scanner.model.sentences import sentence
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes import _exempt
from scanner.probes._blockdevices import Device
from scanner.probes._layers import Layer, Layers, Level
from scanner.probes._machine import Machine
from scanner.probes._mounts import Mount, whole
from scanner.probes._sources import MEMORY, PSEUDO, STACKED

_STATES = {
    Level.ENCRYPTED: VolumeState.ENCRYPTED,
    Level.PARTIAL: VolumeState.PARTIAL,
    Level.PLAIN: VolumeState.PLAIN,
    Level.EXEMPT: VolumeState.EXEMPT,
}

# Signatures under which more may lie than is visible, without a mapping or a tool that shows it.
_CLOSED = {
    "zfs_member": "belongs to a ZFS pool that is not imported here, and ZFS may encrypt in it; import the pool",
    "BitLocker": "is a BitLocker volume, and whether its key lies open on it is not visible from Linux",
}


@dataclass(kw_only=True)
class _Subject:
    """One volume while it is put together."""

    name: str
    device: str
    filesystem: str
    layer: Layer
    exempt: str = ""


@dataclass
class _Gatherer:
    """Collects the volumes of one machine, and the devices that they account for."""

    machine: Machine
    layers: Layers
    used: set[str] = field(default_factory=set)

    def mounted(self) -> Iterator[_Subject]:
        """File systems that are mounted."""
        for mount in whole(self.machine.mounts):
            if not _is_volume(mount):
                continue
            device = self.machine.behind(mount)
            self._use(device, mount.filesystem)
            layer = self.layers.mount(mount)
            exempt = _exempt.of_mount(mount, device, verity=layer.verity)
            yield _Subject(
                name=mount.target, device=mount.source, filesystem=mount.filesystem, layer=layer, exempt=exempt
            )

    def swaps(self) -> Iterator[_Subject]:
        """Active swap areas: partitions and volumes by their own device, files by the file system that holds them."""
        for path, is_file in self.machine.swaps:
            device = self.machine.by_path(path)
            if is_file or device is None:
                yield _Subject(name=f"swap:{path}", device=path, filesystem="swap", layer=self._below(path, is_file))
                continue
            self._use(device, "swap")
            layer = self.layers.device(device.kname)
            # The mapper's name stays the same over restarts; dm-2 does not.
            yield _Subject(
                name=f"swap:{device.path}",
                device=device.path,
                filesystem="swap",
                layer=self._with_image(device, layer),
                exempt=_exempt.of_device(device) if device.kname.startswith("zram") else "",
            )

    def _below(self, path: str, is_file: bool) -> Layer:
        return self.layers.path(path) if is_file else self.layers.device(path.removeprefix("/dev/"))

    def _with_image(self, device: Device, layer: Layer) -> Layer:
        if self.machine.resume and device.numbers == self.machine.resume:
            return layer.noting("memory is written to it at hibernation")
        return layer

    def datasets(self) -> Iterator[_Subject]:
        """ZFS file systems that are not mounted but have a place to be."""
        for dataset in self.machine.zfs.datasets.values():
            if dataset.mounted == "no" and (dataset.mountpoint.startswith("/") or dataset.encrypts):
                yield _Subject(
                    name=dataset.name, device=dataset.name, filesystem="zfs", layer=self.layers.dataset(dataset.name)
                )

    def unmounted(self) -> Iterator[_Subject | Unobserved]:
        """What nothing is built on and nobody mounts: it still can be carried off."""
        lower = {kname for device in self.machine.devices.values() for kname in device.beneath}
        self._use_pools()
        for device in self.machine.devices.values():
            if device.kname in lower or device.kname in self.used or device.size == 0:
                continue
            yield self._leaf(device)

    def _leaf(self, device: Device) -> _Subject | Unobserved:
        layer = self.layers.device(device.kname)
        subject = _Subject(name=device.path, device=device.path, filesystem=device.signature, layer=layer)
        subject.exempt = _exempt.of_device(device)
        if subject.exempt or layer.level is Level.ENCRYPTED:
            return subject
        if device.signature == "crypto_LUKS":
            label = f"LUKS{device.version}" if device.version in ("1", "2") else "LUKS"
            subject.layer = Layer(level=Level.ENCRYPTED, chain=f"{layer.chain} > {label} (locked)", mechanisms=(label,))
            return subject
        if device.signature in _CLOSED:
            return _gap(device.path, f"{device.path} {_CLOSED[device.signature]}.")
        return subject if device.signature else _gap(device.path, self._blank(device))

    def _blank(self, device: Device) -> str:
        if not self.machine.by_lsblk:
            return f"What {device.path} holds is not known, because lsblk gave no answer; install util-linux there."
        return (
            f"{device.path} shows no signature: it is blank or it is plain dm-crypt, which look the same; "
            "take it out of the machine, or say in a waiver what it is."
        )

    def _use(self, device: Device | None, filesystem: str) -> None:
        if device is not None:
            self.used.add(device.kname)
            if filesystem == "btrfs":
                self.used |= self.machine.btrfs_members(device.kname)

    def _use_pools(self) -> None:
        for paths in self.machine.zfs.pools.values():
            for path in paths:
                self._use(self.machine.by_path(path), "zfs")


def _is_volume(mount: Mount) -> bool:
    if mount.filesystem in PSEUDO or (mount.filesystem in MEMORY and _exempt.is_passing(mount)):
        return False
    # An overlay keeps its files on a volume that is listed itself; only as the root does it stand for the machine.
    return STACKED.get(mount.filesystem) != "" or mount.target == "/"


def volumes_of(machine: Machine) -> tuple[Volume | Unobserved, ...]:
    """Every volume of a machine, or why its state is not known, in the order of their subjects."""
    gatherer = _Gatherer(machine, Layers(machine))
    subjects = (*gatherer.mounted(), *gatherer.swaps(), *gatherer.datasets(), *gatherer.unmounted())
    found = [subject if isinstance(subject, Unobserved) else _volume(subject) for subject in subjects]
    return tuple(sorted(dict.fromkeys(found), key=lambda volume: volume.subject or ""))


def _gap(subject: str, detail: str) -> Unobserved:
    return Unobserved(cause=Cause.UNSUPPORTED, detail=harmless(detail), subject=harmless(subject))


def _volume(subject: _Subject) -> Volume | Unobserved:
    layer = subject.layer
    exempt = subject.exempt and layer.level is not Level.ENCRYPTED
    if layer.level is Level.UNKNOWN and not exempt:
        return _gap(subject.name, f"Whether {subject.name} is encrypted is not known: {'; '.join(layer.notes)}.")
    state = VolumeState.EXEMPT if exempt else _STATES[layer.level]
    return Volume(
        subject=harmless(subject.name),
        device=harmless(subject.device),
        filesystem=harmless(subject.filesystem, 60),
        state=state,
        mechanism=harmless(" + ".join(layer.mechanisms), 200),
        chain=harmless(layer.chain if subject.name == subject.device else layer.on(subject.name).chain),
        why=harmless(sentence(subject.exempt) if exempt else _why(state, subject)),
    )


def _why(state: VolumeState, subject: _Subject) -> str:
    layer = subject.layer
    notes = "".join(f"; {note}" for note in layer.notes)
    match state:
        case VolumeState.ENCRYPTED:
            return f"All of it is encrypted by {' and '.join(layer.mechanisms)}{notes}."
        case VolumeState.PARTIAL if layer.bare and len(layer.mechanisms) != 0 and not _is_file_level(layer):
            return f"A part of it lies unencrypted on {', '.join(layer.bare)}{notes}."
        case VolumeState.PARTIAL if _is_file_level(layer):
            return f"{' and '.join(layer.mechanisms)} encrypts single files, and the disk beneath is readable{notes}."
        case VolumeState.PARTIAL:
            return f"Only a part of it is encrypted{notes}."
        case VolumeState.PLAIN:
            return f"Nothing encrypts it on {', '.join(layer.bare) or subject.device}{notes}."
        case VolumeState.EXEMPT:
            return sentence("; ".join(layer.notes))


def _is_file_level(layer: Layer) -> bool:
    return bool({*STACKED.values(), "fscrypt"} & set(layer.mechanisms) - {""})
