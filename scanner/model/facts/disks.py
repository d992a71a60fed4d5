"""What was seen of one host's disks: every volume that can hold data, and whether a thief of the disk can read it.

A volume is a mounted file system, a swap area, or an unmounted disk, partition or mapping that nothing is built on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scanner.model.facts.base import Facts
from scanner.model.unobserved import Unobserved


class VolumeState(StrEnum):
    """How much of a volume is ciphertext on the physical devices."""

    ENCRYPTED = "encrypted"  # every path from the data to a physical device passes encryption
    PARTIAL = "partial"  # some paths do, or files are encrypted one by one
    PLAIN = "plain"  # no path does
    EXEMPT = "exempt"  # holds no records that a thief could read, or is judged elsewhere


@dataclass(frozen=True, kw_only=True)
class Volume:
    """One volume.

    Attributes:
        subject: mount point, `swap:PATH`, or device path of what is not mounted.
        device: the device or source that holds the file system.
        filesystem: its type, e.g. `ext4`, `swap`, `crypto_LUKS`; empty where there is none.
        mechanism: what encrypts, e.g. `LUKS2`; empty where nothing does.
        chain: from the physical devices to the subject, e.g. `/dev/sda2 > LUKS2 crypt > LVM vg-home > /home`.
        why: one sentence: what decided, and for an exempt volume the reason.
    """

    subject: str
    device: str
    filesystem: str
    state: VolumeState
    mechanism: str
    chain: str
    why: str


@dataclass(frozen=True, kw_only=True)
class DiskFacts(Facts):
    """The volumes of one host.

    Attributes:
        volumes: what was seen part by part; never empty.
        virtual_machine: the hypervisor that the machine itself names, e.g. `kvm`; empty where it names none.
        mapper_read: whether the ciphers of the device mapper were read (root alone can).
    """

    volumes: tuple[Volume | Unobserved, ...]
    virtual_machine: str
    mapper_read: bool
