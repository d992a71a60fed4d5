"""Every volume of a host is encrypted on the disk.

What it checks
--------------
Each mounted file system, each swap area and each disk or partition that is not mounted, one by one. It passes where
every path from the data down to a physical device goes through encryption (LUKS, plain dm-crypt, ZFS encryption and
their like). It fails where none does, and where only a part does: a volume group over an encrypted and a plain disk, a
mirror with one plain half, or tools that encrypt single files or directories. The worst path decides. Boot partitions,
read-only images, memory file systems and file systems that another server keeps are not applicable, each with its
reason. An encrypted container file somewhere on a host does not make the host encrypted.

Why it matters
--------------
Disks are stolen, sold, returned under warranty and left in cupboards. A disk in the clear hands everything on it to
whoever holds it: records about residents, password files, and in swap what programs had in memory.

How to fix
----------
New volumes: `cryptsetup luksFormat`, then the file system inside. Existing ones: copy the records to an encrypted
volume and erase the old disk, or encrypt in place with `cryptsetup reencrypt --encrypt` after a tested backup. Swap:
put it inside the encrypted volume group, or give it a random key at each start in /etc/crypttab. For a virtual machine,
encrypt inside it, or keep evidence that the provider encrypts the storage beneath and say so in a waiver that expires.

What it cannot see
------------------
Whether the key lies beside the disk (that is `disk-key-protected`) or the cipher is strong (`disk-cipher-strength`);
ciphers at all unless the account may use sudo; logical volumes that are not active; what hypervisors, storage arrays
and drives do beneath; and whether a disk without a signature is blank or plain dm-crypt, which look the same.

References
----------
- NIST SP 800-111 (2007-11), storage encryption technologies for end user devices
- cryptsetup(8), dmsetup(8), lsblk(8), zfsprops(7)
- Principle 6 of Protecting Data, Protecting Residents (2017): no breach if devices are lost
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.asset import Host
from scanner.model.check import check
from scanner.model.facts.base import observed
from scanner.model.facts.disks import DiskFacts, Volume, VolumeState
from scanner.model.finding import Evidence, Severity, Verdict, failed, not_applicable, passed, undecided
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved


@check(id="disk-encrypted", title="Every volume is encrypted on the disk", principle=P6, severity=Severity.CRITICAL)
def disk_encrypted(host: Host, disks: DiskFacts) -> Iterator[Verdict]:
    """One verdict per volume; gaps in the facts are handed on."""
    if not disks.volumes:
        yield not_applicable("The machine shows no volume that could hold data.")
    for gap in disks.volumes:
        if isinstance(gap, Unobserved):
            yield undecided(gap)
    for volume in observed(disks.volumes):
        if not isinstance(volume, Unobserved):
            yield _judged(volume, disks.virtual_machine)


def _judged(volume: Volume, virtual_machine: str) -> Verdict:
    match volume.state:
        case VolumeState.ENCRYPTED:
            return passed(f"{volume.subject}: {volume.why}", subject=volume.subject, evidence=_evidence(volume))
        case VolumeState.EXEMPT:
            return not_applicable(f"{volume.subject}: {volume.why}", subject=volume.subject, evidence=_evidence(volume))
        case VolumeState.PARTIAL:
            reason = f"Only a part of {volume.subject} is encrypted: {volume.why}"
        case VolumeState.PLAIN:
            reason = f"{volume.subject} is not encrypted: {volume.why}"
    return failed(
        _with(reason, _beneath(virtual_machine)), fix=_fix(volume), subject=volume.subject, evidence=_evidence(volume)
    )


def _beneath(virtual_machine: str) -> str:
    """What could still prove a volume of a virtual machine encrypted."""
    if not virtual_machine:
        return ""
    return (
        f"on this virtual machine ({virtual_machine}), evidence from the provider that it encrypts the storage "
        "beneath, or a waiver with an expiry date, could answer for it"
    )


def _with(reason: str, clause: str) -> str:
    """A reason and one more clause, as one sentence."""
    return f"{reason.removesuffix('.')}; {clause}." if clause else reason


def _fix(volume: Volume) -> str:
    if volume.subject.startswith("swap:"):
        return (
            f"Put the swap {volume.device} on an encrypted volume, or give it a random key at each start in "
            "/etc/crypttab, then restart the machine."
        )
    if volume.state is VolumeState.PARTIAL:
        return f"Move {volume.subject} to devices that are all encrypted with LUKS, then erase the plain ones."
    return (
        f"Back up {volume.subject}, encrypt {volume.device} with LUKS (cryptsetup luksFormat, or cryptsetup reencrypt "
        "--encrypt in place), and restore."
    )


def _evidence(volume: Volume) -> tuple[Evidence, ...]:
    seen = (
        ("state", volume.state.value),
        ("chain", volume.chain),
        ("mechanism", volume.mechanism),
        ("file system", volume.filesystem),
    )
    return tuple(Evidence(fact=fact, value=value) for fact, value in seen if value)
