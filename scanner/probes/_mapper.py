"""What one mapping of the device mapper does to the data that passes it: the truth behind lsblk's TYPE.

TYPE=crypt is no evidence: dm-integrity and dm-verity mappings carry it too, and so does a crypt target with the null
cipher. The mapping's uuid tells who made it; root also sees the targets and ciphers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from scanner.probes._blockdevices import Device
from scanner.probes._sections import Section


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One line of `dmsetup table` up to the cipher. What follows, where a key would stand, is never read."""

    target: str
    cipher: str

    @property
    def encrypts(self) -> bool:
        """Whether this part of the mapping is ciphertext beneath."""
        return self.target == "crypt" and "cipher_null" not in self.cipher


Tables = Mapping[str, tuple[Segment, ...]]


def read_tables(section: Section) -> Tables | None:
    """Segments by the mapping's name; None where the tables were not read."""
    if section.status != 0 or section.cut:
        return None
    tables: dict[str, tuple[Segment, ...]] = {}
    for line in section.lines:
        name, found, rest = line.partition(": ")
        words = rest.split(" ", 4)
        if found and len(words) >= 3:
            cipher = words[3] if len(words) > 3 and words[2] == "crypt" else ""
            tables[name] = (*tables.get(name, ()), Segment(target=words[2], cipher=cipher))
    return tables


class Effect(Enum):
    """What a mapping does."""

    ENCRYPTS = auto()
    PARTLY = auto()  # some of its segments encrypt
    PASSES = auto()  # the data goes through unchanged
    UNKNOWN = auto()


@dataclass(frozen=True, kw_only=True)
class Work:
    """A mapping's effect, its name for people, and a note: what was not read, or why it is not known."""

    effect: Effect
    label: str
    note: str = ""


# The prefixes that cryptsetup gives its encrypting mappings (lib/utils_devpath.c, lib/libdevmapper.c of cryptsetup).
_ENCRYPTING = {
    "LUKS1": "LUKS1",
    "LUKS2": "LUKS2",
    "PLAIN": "plain dm-crypt",
    "TCRYPT": "TrueCrypt",
    "BITLK": "BitLocker",
    "LOOPAES": "loop-AES",
    "FVAULT2": "FileVault",
}
_PASSING = {"INTEGRITY": "dm-integrity", "VERITY": "dm-verity", "SUBDEV": "dm-integrity"}
_PLUMBING = re.compile(r"(LVM|mpath|part[0-9]+|DMRAID|VDO|stratis)-")
_LSBLK_KINDS = {"lvm", "mpath", "part", "dmraid"} | {f"raid{level}" for level in (0, 1, 4, 5, 6, 10)}


def work_of(device: Device, tables: Tables | None) -> Work:
    """What a device mapper device does to the data. Root's table decides over the uuid where it was read."""
    segments = (tables or {}).get(device.mapper_name, ())
    crypt = re.match(r"CRYPT-([A-Z0-9]+)-", device.mapper_uuid or "")
    made_by = crypt[1] if crypt else ""
    if made_by in _PASSING:
        return Work(effect=Effect.PASSES, label=_PASSING[made_by])
    if segments:
        return _by_table(segments, made_by)
    return _by_uuid(device, made_by)


def _by_table(segments: tuple[Segment, ...], made_by: str) -> Work:
    label = _ENCRYPTING.get(made_by, "dm-crypt")
    if all(segment.encrypts for segment in segments):
        return Work(effect=Effect.ENCRYPTS, label=label)
    if any(segment.encrypts for segment in segments):
        return Work(effect=Effect.PARTLY, label=label, note="it is being encrypted or decrypted right now")
    if any(segment.target == "crypt" for segment in segments):
        return Work(
            effect=Effect.PASSES, label=f"{label} with the null cipher", note="the null cipher encrypts nothing"
        )
    if made_by in _ENCRYPTING:
        # cryptsetup maps a drive that encrypts by itself (OPAL) as a linear target; whether the drive locks its range
        # stands in the drive alone.
        note = f"its target is {segments[0].target} rather than crypt, as with drives that encrypt by themselves (OPAL)"
        return Work(effect=Effect.UNKNOWN, label=label, note=note)
    return Work(effect=Effect.PASSES, label="")


def _by_uuid(device: Device, made_by: str) -> Work:
    uuid = device.mapper_uuid
    if made_by == "PLAIN":
        note = "its cipher was not read, which takes root (`access.sudo`)"
        return Work(effect=Effect.ENCRYPTS, label=_ENCRYPTING[made_by], note=note)
    if made_by in _ENCRYPTING:
        return Work(effect=Effect.ENCRYPTS, label=_ENCRYPTING[made_by])
    if uuid is None and device.kind in _LSBLK_KINDS:
        return Work(effect=Effect.PASSES, label="")
    if uuid and _PLUMBING.match(uuid):
        return Work(effect=Effect.PASSES, label="")
    told = "its maker could not be read from /sys" if uuid is None else "its maker left no known name in the kernel"
    return Work(effect=Effect.UNKNOWN, label="device mapper", note=f"{told}, and only root sees whether it encrypts")
