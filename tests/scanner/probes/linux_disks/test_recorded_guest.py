"""The recorded guest, judged volume by volume: the same table for root and for an ordinary user, but for one cipher."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scanner.model.facts.disks import DiskFacts, Volume
from scanner.model.unobserved import Unobserved

Make = Callable[..., bytes]

# subject, state, chain (as root); the state is what the derivation rules of disk encryption on Linux give.
TABLE = [
    ("/", "plain", "/dev/vda > /"),
    ("/srv/data", "encrypted", "/dev/vdb > LUKS2 data_crypt > /srv/data"),
    ("/srv/plainpart", "plain", "/dev/vdc1 > /srv/plainpart"),
    ("/srv/home1", "encrypted", "/dev/vdc2 > LUKS1 mixed_crypt > LVM vgenc-home > /srv/home1"),
    ("/srv/vault", "encrypted", "/dev/vde > LVM vgmix-secret > LUKS2 vault > /srv/vault"),
    ("/srv/btr", "partial", "(/dev/vdf > LUKS2 btra_crypt) + /dev/vdg > btrfs > /srv/btr"),
    ("/srv/mdr", "encrypted", "/dev/vdh + /dev/vdi > RAID1 md0 > LUKS2 md_crypt > /srv/mdr"),
    ("/srv/pdm", "encrypted", "/dev/vdk > plain dm-crypt weak_plain > /srv/pdm"),
    ("/srv/null", "plain", "/dev/vdl > plain dm-crypt with the null cipher null_crypt > /srv/null"),
    ("/srv/fscrypt", "plain", "/dev/vdm > /srv/fscrypt"),  # the ext4 feature flag `encrypt` is no policy
    ("swap:/dev/mapper/vgenc-swap", "encrypted", "/dev/vdc2 > LUKS1 mixed_crypt > LVM vgenc-swap"),
    ("swap:/dev/mapper/cryptswap", "encrypted", "/dev/vdj > plain dm-crypt cryptswap"),
    ("/dev/vdd", "encrypted", "/dev/vdd > LUKS2 (locked)"),
    ("/dev/mapper/vgmix-open", "plain", "/dev/vde > LVM vgmix-open"),
    ("/dev/mapper/decoy", "encrypted", "LUKS2 decoy"),  # a LUKS image in a file says nothing about any other volume
    ("/dev/mapper/integ_plain", "(unsupported)", ""),  # dm-integrity encrypts nothing; blank, or closed plain dm-crypt
    ("/dev/vdo", "(unsupported)", ""),  # blank, or closed plain dm-crypt
    ("/dev/sr0", "exempt", "/dev/sr0"),
]


def told(volume: Volume | Unobserved) -> str:
    return f"({volume.cause})" if isinstance(volume, Unobserved) else volume.state.value


@pytest.mark.parametrize(("subject", "state", "chain"), TABLE, ids=[row[0] for row in TABLE])
def test_as_root_each_volume_is_what_it_is(
    subject: str, state: str, chain: str, guest: Make, volumes: Callable[[bytes], dict[str, Volume | Unobserved]]
) -> None:
    volume = volumes(guest(as_root=True))[subject]

    assert told(volume) == state
    if isinstance(volume, Volume):
        assert chain in volume.chain


def test_no_volume_is_missing_and_none_is_invented(guest: Make, states: Callable[[bytes], dict[str, str]]) -> None:
    assert set(states(guest(as_root=True))) == {subject for subject, _, _ in TABLE}


def test_an_ordinary_user_sees_the_same_but_for_the_null_cipher(
    guest: Make, states: Callable[[bytes], dict[str, str]]
) -> None:
    wanted = {subject: state for subject, state, _ in TABLE} | {"/srv/null": "encrypted"}

    assert states(guest(as_root=False)) == wanted


@pytest.mark.parametrize("subject", ["/srv/null", "/srv/pdm", "swap:/dev/mapper/cryptswap"])
def test_without_root_plain_dm_crypt_says_that_its_cipher_was_not_read(
    subject: str, guest: Make, volumes: Callable[[bytes], dict[str, Volume | Unobserved]]
) -> None:
    volume = volumes(guest(as_root=False))[subject]

    assert isinstance(volume, Volume)
    assert "cipher was not read" in volume.why


def test_the_reason_names_the_device_that_is_not_encrypted(
    guest: Make, volumes: Callable[[bytes], dict[str, Volume | Unobserved]]
) -> None:
    volume = volumes(guest(as_root=True))["/srv/btr"]

    assert isinstance(volume, Volume)
    assert "/dev/vdg" in volume.why
    assert "vdf" not in volume.why


def test_the_guest_is_known_to_be_virtual(guest: Make, read: Callable[[bytes], DiskFacts | Unobserved]) -> None:
    facts = read(guest(as_root=True))

    assert isinstance(facts, DiskFacts)
    assert facts.virtual_machine == "qemu"
    assert facts.mapper_read


def test_key_bytes_of_the_mapper_table_reach_no_fact(
    guest: Make, read: Callable[[bytes], DiskFacts | Unobserved]
) -> None:
    key = "deadbeef" * 16
    table = f"data_crypt: 0 229376 crypt aes-xts-plain64 {key} 0 254:16 32768"

    facts = read(guest(as_root=True, tables=table))

    assert key not in repr(facts)


@pytest.mark.parametrize("broken", ['{"blockdevices": [', "not json", '{"blockdevices": "x"}', "", "[" * 100_000])
def test_without_lsblk_what_is_mounted_is_judged_from_sysfs(
    broken: str, guest: Make, states: Callable[[bytes], dict[str, str]]
) -> None:
    """The guest's recording has no /sys/class/block; its device numbers stand for it."""
    numbers = {
        "vda": "254:0",
        "vdb": "254:16",
        "vdc1": "254:33",
        "vdc2": "254:34",
        "vde": "254:64",
        "vdf": "254:80",
        "vdg": "254:96",
    }
    mappings = {f"dm-{number}": f"253:{number}" for number in range(14)}
    blocks = "\n".join(f"/sys/class/block/{name}/dev:{numbers}" for name, numbers in (numbers | mappings).items())

    found = states(guest(as_root=True, lsblk=(broken, 1), blocks=blocks))

    wanted = {subject: state for subject, state, _ in TABLE if subject.startswith(("/srv", "swap:")) or subject == "/"}
    assert {subject: found[subject] for subject in wanted} == wanted | {
        "/srv/fscrypt": "(unsupported)",  # /dev/vdm is not among these device numbers
    }
