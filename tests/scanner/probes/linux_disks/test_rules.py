"""The derivation rules one by one, on small machines made for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scanner.model.facts.disks import DiskFacts, Volume
from scanner.model.unobserved import Cause, Unobserved

Make = Callable[..., Any]
LUKS = "CRYPT-LUKS2-0123456789abcdef0123456789abcdef-c"
ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"


@pytest.fixture
def state(script_output: Make, lsblk: Make, mountinfo: Make, states: Make) -> Callable[..., dict[str, str]]:
    """`state(rows, mounts, section=...)`: states by subject of a small machine."""

    def find(rows: list[Any], mounts: list[Any], **sections: Any) -> dict[str, str]:
        root = ("/", "9:99", "squashfs", "/dev/loop99")  # something harmless is always mounted
        told = {"lsblk": lsblk(*rows), "mounts": mountinfo(root, *mounts), **sections}
        found: dict[str, str] = states(script_output(**told))
        found.pop("/", None)
        return found

    return find


def mapping(number: int, uuid: str, name: str, *slaves: str) -> dict[str, str]:
    """Sections for one device mapper mapping."""
    lines = [f"/sys/block/dm-{number}/dm/uuid:{uuid}"] if uuid else []
    return {
        "mapper": "\n".join([*lines, f"/sys/block/dm-{number}/dm/name:{name}"]),
        "layers": "\n".join(f"/sys/block/dm-{number}/slaves/{slave}" for slave in slaves),
    }


def joined(*parts: dict[str, str]) -> dict[str, str]:
    return {name: "\n".join(part[name] for part in parts) for name in ("mapper", "layers")}


DM = ("dm-0", "253:0", {"type": "crypt", "path": "/dev/mapper/c", "fstype": "ext4"})
SDA = ("sda", "8:0", {})
SDB = ("sdb", "8:16", {})
MOUNTED = [("/srv", "253:0", "ext4", "/dev/mapper/c")]


@pytest.mark.parametrize(
    ("uuid", "wanted"),
    [
        (LUKS, "encrypted"),
        ("CRYPT-LUKS1-0123-c", "encrypted"),
        ("CRYPT-PLAIN-c", "encrypted"),
        ("CRYPT-TCRYPT-c", "encrypted"),
        ("CRYPT-BITLK-0123-c", "encrypted"),
        ("CRYPT-LOOPAES-c", "encrypted"),
        ("CRYPT-INTEGRITY-c", "plain"),
        ("CRYPT-VERITY-0123-c", "plain"),
        ("CRYPT-TEMP-c", "(unsupported)"),
        ("LVM-abc", "plain"),
        ("mpath-0123", "plain"),
        ("", "(unsupported)"),  # VeraCrypt leaves none
        ("selfmade-0123", "(unsupported)"),
    ],
)
def test_the_mappings_uuid_decides_and_not_lsblks_type(uuid: str, wanted: str, state: Make) -> None:
    assert state([SDA, DM], MOUNTED, **mapping(0, uuid, "c", "sda")) == {"/srv": wanted}


@pytest.mark.parametrize(
    ("uuid", "table", "wanted"),
    [
        (LUKS, "c: 0 100 crypt aes-xts-plain64", "encrypted"),
        (LUKS, "c: 0 100 crypt cipher_null-ecb", "plain"),
        (LUKS, "c: 0 100 crypt capi:ecb(cipher_null)-plain", "plain"),
        (LUKS, "c: 0 50 crypt aes-xts-plain64\nc: 50 50 linear 8:0", "partial"),  # while it is re-encrypted
        (LUKS, "c: 0 100 linear 8:0", "(unsupported)"),  # a drive that encrypts by itself
        ("", "c: 0 100 crypt aes-xts-plain64", "encrypted"),  # VeraCrypt
        ("", "c: 0 100 linear 8:0", "plain"),
        ("CRYPT-INTEGRITY-c", "c: 0 100 integrity 8:0", "plain"),
        (LUKS, "other: 0 100 crypt aes-xts-plain64", "encrypted"),
        (LUKS, "nonsense", "encrypted"),
    ],
)
def test_roots_table_decides_over_the_uuid(uuid: str, table: str, wanted: str, state: Make) -> None:
    assert state([SDA, DM], MOUNTED, tables=table, **mapping(0, uuid, "c", "sda")) == {"/srv": wanted}


def test_type_crypt_alone_is_no_evidence(state: Make) -> None:
    rows = [("sda", "8:0", {"fstype": "crypto_LUKS", "children": [DM[2] | {"name": "c", "kname": "dm-0"}]})]

    assert state(rows, [("/srv", "253:0", "ext4", "/dev/mapper/c")], blocks="/sys/class/block/dm-0/dev:253:0") == {
        "/srv": "(unsupported)"
    }


def test_an_unknown_mapping_over_luks_is_encrypted(state: Make) -> None:
    upper = ("dm-1", "253:1", {"type": "dm", "path": "/dev/mapper/u", "fstype": "ext4"})
    layers = joined(mapping(0, LUKS, "c", "sda"), mapping(1, "selfmade-1", "u", "dm-0"))

    assert state([SDA, DM, upper], [("/srv", "253:1", "ext4", "x")], **layers) == {"/srv": "encrypted"}


def test_a_volume_over_an_encrypted_and_a_plain_disk_is_partial(state: Make) -> None:
    volume = ("dm-1", "253:1", {"type": "lvm", "path": "/dev/mapper/vg-a", "fstype": "xfs"})
    layers = joined(mapping(0, LUKS, "c", "sda"), mapping(1, "LVM-1", "vg-a", "dm-0", "sdb"))

    assert state([SDA, SDB, DM, volume], [("/srv", "253:1", "xfs", "x")], **layers) == {"/srv": "partial"}


def test_a_detached_header_is_encrypted(state: Make) -> None:
    assert state([SDA, DM], MOUNTED, **mapping(0, LUKS, "c", "sda")) == {"/srv": "encrypted"}


def test_a_device_marked_luks_that_is_itself_mounted_is_plain(state: Make) -> None:
    disk = ("sda", "8:0", {"fstype": "crypto_LUKS"})

    assert state([disk], [("/srv", "8:0", "xfs", "/dev/sda")]) == {"/srv": "plain"}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"fstype": "crypto_LUKS", "fsver": "2"}, "encrypted"),
        ({"fstype": "ext4"}, "plain"),
        ({"fstype": "LVM2_member"}, "plain"),
        ({"fstype": "linux_raid_member"}, "plain"),
        ({"fstype": "ext4", "rm": True, "hotplug": True, "tran": "usb"}, "plain"),
        ({"fstype": "zfs_member"}, "(unsupported)"),
        ({"fstype": "BitLocker"}, "(unsupported)"),
        ({}, "(unsupported)"),
        ({"fstype": "vfat", "parttype": ESP}, "exempt"),
        ({"parttype": "21686148-6449-6e6f-744e-656564454649"}, "exempt"),
        ({"parttype": "E3C9E316-0B5C-4DB8-817D-F92DF00215AE"}, "exempt"),
        ({"fstype": "ntfs", "parttype": "de94bba4-06d1-4d40-a16a-bfd50179d6ac"}, "exempt"),
        ({"type": "rom"}, "exempt"),
    ],
)
def test_an_unmounted_device_is_judged_by_what_it_shows(fields: dict[str, Any], wanted: str, state: Make) -> None:
    assert state([("sda", "8:0", fields)], []) == {"/dev/sda": wanted}


def test_devices_without_a_medium_are_no_volumes(state: Make) -> None:
    assert state([("sdz", "8:9", {"size": 0}), ("loop7", "7:7", {"size": 0, "type": "loop"})], []) == {}


@pytest.mark.parametrize(
    ("mount", "wanted"),
    [
        (("/boot", "8:0", "ext4", "/dev/sda"), "exempt"),
        (("/boot/efi", "8:0", "vfat", "/dev/sda"), "exempt"),
        (("/boot/extra", "8:0", "ext4", "/dev/sda"), "plain"),
        (("/srv", "8:0", "squashfs", "/dev/sda"), "exempt"),
        (("/srv", "8:0", "iso9660", "/dev/sda"), "exempt"),
        (("/tmp", "0:40", "tmpfs", "tmpfs"), "exempt"),
        (("/srv", "0:41", "nfs4", "files1:/export"), "exempt"),
        (("/srv", "0:41", "cifs", "//files1/share"), "exempt"),
        (("/srv", "0:41", "fuse.sshfs", "me@files1:/home"), "exempt"),
        (("/srv", "0:42", "fuse.gocryptfs", "/data/cipher"), "partial"),
        (("/srv", "0:42", "ecryptfs", "/data/.private"), "partial"),
        (("/data/own", "0:42", "ecryptfs", "/data/own"), "partial"),
        (("/srv", "0:42", "fuse.encfs", "encfs"), "partial"),
        (("/srv", "0:43", "fuse.unheardof", "thing"), "(unsupported)"),
        (("/srv", "8:0", "bcachefs", "/dev/sda"), "(unsupported)"),
        (("/srv", "0:44", "zfs", "tank/home"), "(unsupported)"),
        (("/srv", "77:7", "ext4", "/dev/gone"), "(unsupported)"),
    ],
)
def test_a_mount_is_judged_by_where_it_keeps_its_data(mount: Any, wanted: str, state: Make) -> None:
    data = ("/data", "8:0", "ext4", "/dev/sda")

    found = state([SDA], [data, mount] if mount[1].startswith("0:") else [mount])

    assert found[mount[0]] == wanted


def test_the_reason_of_a_network_mount_points_at_its_server(
    script_output: Make, lsblk: Make, mountinfo: Make, volumes: Make
) -> None:
    mounts = mountinfo(("/a", "0:41", "nfs4", "files1:/export"), ("/b", "0:42", "cifs", "//files2/share"))

    found = volumes(script_output(lsblk=lsblk(SDA), mounts=mounts))

    assert "files1; list that server as a host of its own" in found["/a"].why
    assert "files2; list that server as a host of its own" in found["/b"].why


def test_an_encrypted_boot_is_encrypted(state: Make) -> None:
    assert state([SDA, DM], [("/boot", "253:0", "ext4", "x")], **mapping(0, LUKS, "c", "sda")) == {"/boot": "encrypted"}


def test_a_recovery_partition_in_use_is_not_exempt(state: Make) -> None:
    disk = ("sda1", "8:1", {"parttype": "0x27", "type": "part"})

    assert state([disk], [("/srv/records", "8:1", "ntfs", "/dev/sda1")]) == {"/srv/records": "plain"}


def test_fscrypt_on_a_plain_disk_is_partial(state: Make) -> None:
    assert state([SDA], [("/srv", "8:0", "ext4", "/dev/sda")], fscrypt="/srv") == {"/srv": "partial"}


def test_gocryptfs_on_an_encrypted_disk_is_encrypted(state: Make) -> None:
    mounts = [("/data", "253:0", "ext4", "x"), ("/srv", "0:42", "fuse.gocryptfs", "/data/cipher")]

    found = state([SDA, DM], mounts, **mapping(0, LUKS, "c", "sda"))

    assert found == {"/data": "encrypted", "/srv": "encrypted"}


def test_an_overlay_as_root_is_what_its_upper_directory_lies_on(states: Make, script_output: Make, lsblk: Make) -> None:
    mounts = (
        "1 0 0:50 / / rw - overlay overlay rw,lowerdir=/media/ro,upperdir=/media/rw/up,workdir=/media/rw/w\n"
        "2 1 8:0 / /media/rw rw - ext4 /dev/sda rw\n3 1 0:51 / /var/lib/docker/x rw - overlay overlay rw,upperdir=/u"
    )

    assert states(script_output(lsblk=lsblk(SDA), mounts=mounts)) == {"/": "plain", "/media/rw": "plain"}


def test_btrfs_subvolumes_are_volumes_and_bound_directories_are_not(state: Make) -> None:
    disk = ("sda", "8:0", {"fstype": "btrfs", "uuid": "u"})
    mounts = [
        ("/home", "0:30", "btrfs", "/dev/sda", "/@home", "rw,subvol=/@home"),
        ("/var", "0:30", "btrfs", "/dev/sda", "/@var", "rw,subvol=/@var"),
        ("/bound", "0:30", "btrfs", "/dev/sda", "/@home/x", "rw,subvol=/@home"),
    ]

    assert state([disk], mounts) == {"/home": "plain", "/var": "plain"}


def test_btrfs_members_are_found_by_uuid_where_sysfs_does_not_tell(state: Make) -> None:
    crypt = ("dm-0", "253:0", {"type": "crypt", "path": "/dev/mapper/c", "fstype": "btrfs", "uuid": "u"})
    plain = ("sdb", "8:16", {"fstype": "btrfs", "uuid": "u"})

    found = state([SDA, crypt, plain], [("/srv", "0:30", "btrfs", "/dev/mapper/c")], **mapping(0, LUKS, "c", "sda"))

    assert found == {"/srv": "partial"}


SWAPS = "Filename Type Size Used Priority\n"


def test_swap_files_are_what_their_file_system_is(state: Make) -> None:
    found = state([SDA], [("/data", "8:0", "ext4", "/dev/sda")], swaps=SWAPS + "/data/my\\040swap file 9 0 -2")

    assert found == {"/data": "plain", "swap:/data/my swap": "plain"}


@pytest.mark.parametrize(
    ("backing", "wanted"),
    [("", "exempt"), ("none", "exempt"), ("/dev/sda", "plain"), ("/dev/dm-0", "encrypted")],
)
def test_zram_is_exempt_unless_a_disk_is_behind_it(backing: str, wanted: str, state: Make) -> None:
    zram = ("zram0", "252:0", {"fstype": "swap"})
    blocks = f"/sys/class/block/zram0/backing_dev:{backing}" if backing else "/sys/class/block/zram0/dev:252:0"
    swaps = SWAPS + "/dev/zram0 partition 9 0 100"

    found = state([SDA, DM, zram], MOUNTED, swaps=swaps, blocks=blocks, **mapping(0, LUKS, "c", "sda"))

    assert found["swap:/dev/zram0"] == wanted


def test_a_hibernation_image_is_named(script_output: Make, lsblk: Make, mountinfo: Make, volumes: Make) -> None:
    raw = script_output(
        lsblk=lsblk(("sda2", "8:2", {"fstype": "swap"})),
        mounts=mountinfo(("/x", "0:9", "tmpfs", "t")),
        swaps=SWAPS + "/dev/sda2 partition 9 0 -2",
        resume="8:2",
    )

    assert "hibernation" in volumes(raw)["swap:/dev/sda2"].why


def test_a_loop_device_is_what_the_file_system_of_its_file_is(state: Make) -> None:
    loop = ("loop0", "7:0", {"type": "loop", "fstype": "ext4"})
    mounts = [*MOUNTED, ("/img", "7:0", "ext4", "/dev/loop0")]
    layers = mapping(0, LUKS, "c", "sda")

    within = state([SDA, DM, loop], mounts, loops="/sys/block/loop0/loop/backing_file:/srv/a b.img", **layers)
    nowhere = state([SDA, DM, loop], mounts, **layers)

    assert within == {"/srv": "encrypted", "/img": "encrypted"}
    assert nowhere["/img"] == "(unsupported)"


def test_an_encrypted_loop_image_does_not_make_its_host_encrypted(state: Make) -> None:
    loop = ("loop0", "7:0", {"type": "loop", "fstype": "crypto_LUKS"})
    mounts = [("/data", "8:0", "ext4", "/dev/sda")]

    found = state(
        [SDA, loop, DM], mounts, loops="/sys/block/loop0/loop/backing_file:/data/i", **mapping(0, LUKS, "c", "loop0")
    )

    assert found == {"/data": "plain", "/dev/mapper/c": "encrypted"}


ZFS = """tank\tencryption\toff
tank\tmounted\tyes
tank\tmountpoint\t/tank
tank/safe\tencryption\taes-256-gcm
tank/safe\tmounted\tyes
tank/safe\tmountpoint\t/safe
tank/locked\tencryption\taes-256-gcm
tank/locked\tkeystatus\tunavailable
tank/locked\tmounted\tno
tank/locked\tmountpoint\t/locked"""
POOL = "  pool: tank\n state: ONLINE\nconfig:\n\n\tNAME  STATE\n\ttank  ONLINE\n\t  mirror-0  ONLINE\n"
POOL_MOUNTS = [("/tank", "0:60", "zfs", "tank"), ("/safe", "0:61", "zfs", "tank/safe")]


@pytest.mark.parametrize(
    ("devices", "wanted"), [(("/dev/sda", "/dev/sdb"), "plain"), (("/dev/dm-0", "/dev/sdb"), "partial")]
)
def test_zfs_is_judged_by_dataset_and_by_what_the_pool_lies_on(
    devices: tuple[str, ...], wanted: str, state: Make
) -> None:
    pool = POOL + "".join(f"\t    {path}  ONLINE\n" for path in devices)

    found = state([SDA, SDB, DM], POOL_MOUNTS, zfs=ZFS, zpool=pool, **mapping(0, LUKS, "c", "sda"))

    assert {name: found[name] for name in ("/tank", "/safe", "tank/locked")} == {
        "/tank": wanted,
        "/safe": "encrypted",
        "tank/locked": "encrypted",
    }


def test_zfs_on_luks_is_encrypted(state: Make) -> None:
    pool = POOL + "\t  /dev/dm-0  ONLINE\n"

    found = state([SDA, DM], POOL_MOUNTS, zfs=ZFS, zpool=pool, **mapping(0, LUKS, "c", "sda"))

    assert found == {"/tank": "encrypted", "/safe": "encrypted", "tank/locked": "encrypted"}


def test_a_read_only_root_under_dm_verity_is_exempt(state: Make) -> None:
    root = ("dm-0", "253:0", {"type": "crypt", "path": "/dev/mapper/root", "ro": True})

    found = state([SDA, root], [("/usr", "253:0", "ext4", "x")], **mapping(0, "CRYPT-VERITY-1-root", "root", "sda"))

    assert found == {"/usr": "exempt"}


def test_storage_over_a_network_is_plain_and_told(
    script_output: Make, lsblk: Make, mountinfo: Make, volumes: Make
) -> None:
    raw = script_output(
        lsblk=lsblk(("sda", "8:0", {"tran": "iscsi"})), mounts=mountinfo(("/srv", "8:0", "xfs", "/dev/sda"))
    )

    volume = volumes(raw)["/srv"]

    assert (volume.state, "iscsi" in volume.why) == ("plain", True)


def test_old_pairs_of_lsblk_are_read(states: Make, script_output: Make, mountinfo: Make) -> None:
    """RHEL 7: util-linux 2.23 knows neither JSON nor PATH."""
    pairs = (
        'NAME="sda" PKNAME="" KNAME="sda" TYPE="disk" FSTYPE="" MOUNTPOINT="" SIZE="9" RM="0" RO="0" MAJ:MIN="8:0"\n'
        'NAME="sda1" PKNAME="sda" KNAME="sda1" TYPE="part" FSTYPE="xfs" MOUNTPOINT="/da\\x20ta" MAJ:MIN="8:1"\n'
        'NAME="luks-1" PKNAME="sda" KNAME="dm-0" TYPE="crypt" FSTYPE="xfs" MOUNTPOINT="/" SIZE="9" MAJ:MIN="253:0"'
    )
    layers = mapping(0, LUKS, "luks-1", "sda")

    assert states(script_output(lsblk=pairs, **layers)) == {"/": "encrypted", "/da ta": "plain"}
    told = script_output(lsblk=pairs, mounts=mountinfo(("/", "253:0", "xfs", "/dev/mapper/luks-1")), **layers)
    assert states(told) == {"/": "encrypted", "/dev/sda1": "plain"}


def test_names_with_spaces_newlines_and_bytes_that_are_no_text_do_not_break_it(
    script_output: Make, lsblk: Make, volumes: Make
) -> None:
    mounts = rb"1 0 8:0 / /srv/a\040b\012c\134d rw - ext4 /dev/sda rw" + b"\n"
    mounts += b"2 1 8:16 / /srv/\xff\xfe\x1b[31m rw - ext4 /dev/sdb rw"

    found = volumes(script_output(lsblk=lsblk(SDA, SDB), mounts=mounts))

    assert set(found) == {"/srv/a b\ufffdc\\d", "/srv/\ufffd\ufffd\ufffd[31m"}


def test_a_cycle_ends_as_unknown(state: Make) -> None:
    layers = {"layers": "/sys/block/md0/slaves/md1\n/sys/block/md1/slaves/md0"}

    found = state([("md0", "9:0", {}), ("md1", "9:1", {})], [("/srv", "9:0", "ext4", "/dev/md0")], **layers)

    assert found == {"/srv": "(unsupported)"}


def test_a_thousand_layers_end_as_unknown(state: Make) -> None:
    layers = {"layers": "\n".join(f"/sys/block/md{n}/slaves/md{n + 1}" for n in range(1000))}

    found = state([("md0", "9:0", {})], [("/srv", "9:0", "ext4", "/dev/md0")], **layers)

    assert found["/srv"] == "(unsupported)"


def test_a_ladder_of_mirrors_does_not_take_for_ever(state: Make) -> None:
    """Two ways at each of thirty steps are a thousand million paths."""
    layers = {
        "layers": "\n".join(
            f"/sys/block/md{a}/slaves/md{b}"
            for step in range(30)
            for a in (2 * step, 2 * step + 1)
            for b in (2 * step + 2, 2 * step + 3)
        )
        + "\n/sys/block/md60/slaves/sda\n/sys/block/md61/slaves/sda"
    }

    assert state([SDA, ("md0", "9:0", {})], [("/srv", "9:0", "ext4", "/dev/md0")], **layers)["/srv"] == "plain"


def test_a_thousand_loop_devices_are_read(state: Make) -> None:
    rows = [(f"loop{n}", f"7:{n}", {"type": "loop", "ro": True}) for n in range(1000)]
    mounts = [(f"/snap/{n}", f"7:{n}", "squashfs", f"/dev/loop{n}") for n in range(1000)]

    found = state(rows, mounts)

    assert len(found) == 1000
    assert set(found.values()) == {"exempt"}


@pytest.mark.parametrize(
    "rows",
    [
        [{"name": 5, "kname": None, "children": "x"}],
        [None, 7, "x", []],
        [{"name": "sda", "size": "x" * 100, "mountpoints": [1, None, {}], "ro": "yes", "children": [None]}],
        [{"name": "sda", "fstype": {"a": 1}, "maj:min": 8, "uuid": [], "size": -1}],
    ],
)
def test_values_of_wrong_types_are_no_values(rows: list[Any], script_output: Make, mountinfo: Make, read: Make) -> None:
    raw = script_output(lsblk=json.dumps({"blockdevices": rows}), mounts=mountinfo(("/", "8:0", "ext4", "/dev/sda")))

    assert isinstance(read(raw), DiskFacts | Unobserved)


def test_a_container_is_not_judged_by_its_nodes_disks(script_output: Make, lsblk: Make, read: Make) -> None:
    found = read(script_output(machine="system=Linux\nvm=none\ncontainer=lxc", lsblk=lsblk(SDA)))

    assert isinstance(found, Unobserved)
    assert found.cause is Cause.UNSUPPORTED
    assert "lxc" in found.detail
    assert "scan the node" in found.detail


@pytest.mark.parametrize(
    ("machine", "wanted"),
    [
        ("vm=none\ncpu=hypervisor", ""),
        ("vm=kvm", "kvm"),
        ("dmi-sys_vendor=VMware, Inc.\ndmi-product_name=VMware7,1", "VMware, Inc. VMware7,1"),
        (
            "dmi-sys_vendor=Microsoft Corporation\ndmi-product_name=Virtual Machine",
            "Microsoft Corporation Virtual Machine",
        ),
        ("dmi-sys_vendor=Microsoft Corporation\ndmi-product_name=Surface", ""),
        ("dmi-sys_vendor=Amazon EC2\ndmi-product_name=m5.metal", ""),
        ("cpu=hypervisor", "hypervisor"),
        ("dmi-sys_vendor=Dell Inc.", ""),
    ],
)
def test_virtual_machines_are_known_by_what_they_say(
    machine: str, wanted: str, script_output: Make, lsblk: Make, mountinfo: Make, read: Make
) -> None:
    mounts = mountinfo(("/", "8:0", "ext4", "/dev/sda"))

    found = read(script_output(machine=f"system=Linux\n{machine}", lsblk=lsblk(SDA), mounts=mounts))

    assert found.virtual_machine == wanted


def test_facts_hold_no_volume_twice_and_are_in_order(guest: Make, read: Make) -> None:
    subjects = [volume.subject for volume in read(guest(as_root=True)).volumes]

    assert subjects == sorted(set(subjects))


def test_a_volume_tells_what_encrypts_it(guest: Make, volumes: Make) -> None:
    volume = volumes(guest(as_root=True))["/srv/home1"]

    assert isinstance(volume, Volume)
    assert (volume.mechanism, volume.filesystem, volume.device) == ("LUKS1", "ext4", "/dev/mapper/vgenc-home")


def test_the_root_of_an_image_based_system_is_a_volume(states: Make, script_output: Make, lsblk: Make) -> None:
    mounts = (
        "1 0 8:0 /ostree/deploy/x / rw - ext4 /dev/sda rw\n2 1 8:0 / /sysroot ro - ext4 /dev/sda rw\n"
        "3 1 8:0 /ostree/deploy/x/etc /etc rw - ext4 /dev/sda rw"
    )

    assert states(script_output(lsblk=lsblk(SDA), mounts=mounts)) == {"/": "plain", "/sysroot": "plain"}


def test_memory_of_logins_and_services_is_not_listed(state: Make) -> None:
    mounts = [(f"/run/user/{n}", f"0:{n}", "tmpfs", "tmpfs") for n in range(1000, 1010)]

    assert state([SDA], [*mounts, ("/data", "8:0", "ext4", "/dev/sda")]) == {"/data": "plain"}


def test_facts_survive_being_stored(guest: Make, read: Make) -> None:
    from pydantic import TypeAdapter

    facts = read(guest(as_root=True))
    adapter = TypeAdapter(DiskFacts)

    assert adapter.validate_json(adapter.dump_json(facts)) == facts
