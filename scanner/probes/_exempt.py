"""Which volumes hold no records that a thief could read, and why. The reason is always told."""

from __future__ import annotations

from scanner.probes._blockdevices import Device
from scanner.probes._mounts import Mount
from scanner.probes._sources import IMAGES

_BOOT = "it holds the boot loader and kernel, which must be readable before a disk is unlocked, and no records"
_BOOT_PLACES = frozenset({"/boot", "/boot/efi", "/boot/firmware", "/efi"})

# Partition types that hold no records: GPT type GUIDs (UAPI Discoverable Partitions, UEFI) and MBR types.
_ESP = "it is the EFI system partition, which firmware must read; it holds no records"
_ESP_TYPES = frozenset({"c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "0xef"})
_PART_TYPES = {
    "bc13c2ff-59e6-4262-a352-b275fd6f7172": f"it is an extended boot partition: {_BOOT}",
    "21686148-6449-6e6f-744e-656564454649": "it is the BIOS boot partition and holds boot code only",
    "9e1a2d38-c612-4316-aa26-8b49521e5a8b": "it is a PReP boot partition and holds boot code only",
    "0x41": "it is a PReP boot partition and holds boot code only",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae": "it is a Microsoft reserved partition and holds no files",
    "6a945a3b-1dd2-11b2-99a6-080020736631": "it is space that ZFS reserves beside its own partition",
    "de94bba4-06d1-4d40-a16a-bfd50179d6ac": "it is a recovery partition with system software only",
    "0x27": "it is a recovery partition with system software only",
    "0x5": "it only holds other partitions, which are judged one by one",
    "0xf": "it only holds other partitions, which are judged one by one",
    "0x85": "it only holds other partitions, which are judged one by one",
}

# Tables and temporary file systems that come and go with logins and services are not listed.
_PASSING = (
    "/dev/", "/proc/", "/sys/", "/run/user/", "/run/credentials/",
    "/var/lib/kubelet/", "/var/lib/docker/", "/var/lib/containers/", "/run/containerd/",
)  # fmt: skip


def is_passing(mount: Mount) -> bool:
    """Whether a memory file system is one of the many that are made for a login, a service or a container."""
    place = f"{mount.target}/"
    return place.startswith(_PASSING) and not place.startswith("/dev/shm/")  # noqa: S108 (a name, not used)


def of_mount(mount: Mount, device: Device | None, *, verity: bool) -> str:
    """Why a mounted file system is exempt; empty where it is not."""
    if mount.target in _BOOT_PLACES:
        return _BOOT
    if mount.filesystem in IMAGES:
        return "it is a read-only image of software"
    if device is None:
        return ""
    if mount.filesystem == "udf" and device.kind in ("rom", "loop"):
        return "it is a read-only image of software"
    if verity and device.read_only:
        return "it is a read-only system image under dm-verity, the same on every machine"
    if mount.filesystem == "vfat" and device.part_type in _ESP_TYPES:
        return _ESP
    # The other partition types are exempt while they are not in use: a recovery partition on which records are
    # mounted holds records.
    return _of_kind(device)


def of_device(device: Device) -> str:
    """Why a device that is not mounted is exempt; empty where it is not."""
    return _of_kind(device) or (_ESP if device.part_type in _ESP_TYPES else _PART_TYPES.get(device.part_type, ""))


def _of_kind(device: Device) -> str:
    if device.kind == "rom" or device.kname.startswith("sr"):
        return "it is an optical drive and holds no disk of its own"
    if device.kind == "floppy" or (device.kname.startswith("fd") and device.kname[2:].isdigit()):
        return "it is a floppy drive and holds no disk of its own"
    if device.kind == "ram" or (device.kname.startswith("ram") and device.kname[3:].isdigit()):
        return "it lives in memory and not on a disk"
    if device.kname.startswith("zram") and not device.backing:
        return "it is compressed memory without a disk behind it"
    return ""
