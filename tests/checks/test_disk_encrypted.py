"""One verdict per volume."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checks.disk_encrypted import disk_encrypted
from scanner.model.asset import Host, Platform, SshAccess
from scanner.model.facts.disks import DiskFacts, Volume, VolumeState
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided
from scanner.model.unobserved import Cause, Unobserved

HOST = Host(id="db1", address="db1", platform=Platform.LINUX, access=SshAccess())
ROOT = Volume(
    subject="/",
    device="/dev/mapper/vg-root",
    filesystem="ext4",
    state=VolumeState.ENCRYPTED,
    mechanism="LUKS2",
    chain="/dev/sda2 > LUKS2 crypt > LVM vg-root > /",
    why="All of it is encrypted by LUKS2.",
)
GAP = Unobserved(cause=Cause.UNSUPPORTED, detail="/dev/sdz shows no signature.", subject="/dev/sdz")


def judge(*volumes: Volume | Unobserved, virtual_machine: str = "") -> list[Any]:
    facts = DiskFacts(volumes=volumes, virtual_machine=virtual_machine, mapper_read=False)
    return list(disk_encrypted.judge(HOST, facts))


def plain(**changes: Any) -> Volume:
    return replace(
        ROOT,
        state=VolumeState.PLAIN,
        mechanism="",
        why="Nothing encrypts it on /dev/sdb1.",
        **{"subject": "/srv", **changes},
    )


def test_an_encrypted_volume_passes_and_shows_its_chain() -> None:
    [verdict] = judge(ROOT)

    assert isinstance(verdict, Passed)
    assert verdict.subject == "/"
    assert ("chain", ROOT.chain) in [(item.fact, item.value) for item in verdict.evidence]


def test_each_volume_has_a_verdict_of_its_own() -> None:
    exempt = replace(ROOT, subject="/boot", state=VolumeState.EXEMPT, why="It holds no records.")

    verdicts = judge(ROOT, plain(), exempt, GAP)

    assert {verdict.subject: type(verdict) for verdict in verdicts} == {
        "/": Passed,
        "/srv": Failed,
        "/boot": NotApplicable,
        "/dev/sdz": Undecided,
    }


def test_a_partly_encrypted_volume_fails() -> None:
    [verdict] = judge(replace(ROOT, state=VolumeState.PARTIAL, why="A part of it lies unencrypted on /dev/sdb."))

    assert isinstance(verdict, Failed)
    assert verdict.reason.startswith("Only a part of / is encrypted")
    assert "/dev/sdb" in verdict.reason


def test_the_reason_of_an_exemption_is_told() -> None:
    [verdict] = judge(replace(ROOT, subject="/boot", state=VolumeState.EXEMPT, why="It holds no records."))

    assert "It holds no records." in verdict.reason


def test_a_plain_volume_of_a_virtual_machine_fails_and_tells_what_could_prove_it() -> None:
    [verdict] = judge(plain(), virtual_machine="kvm")

    assert isinstance(verdict, Failed)
    assert "kvm" in verdict.reason
    assert "waiver" in verdict.reason
    assert verdict.reason.count(".") == 1


def test_a_plain_volume_on_hardware_says_nothing_of_providers() -> None:
    [verdict] = judge(plain())

    assert "waiver" not in verdict.reason


def test_the_fix_names_the_device() -> None:
    [disk] = judge(plain(device="/dev/sdb1"))
    [swap] = judge(plain(subject="swap:/dev/sda3", device="/dev/sda3"))

    assert "/dev/sdb1" in disk.fix
    assert "/dev/sda3" in swap.fix
    assert "/etc/crypttab" in swap.fix


def test_a_gap_is_handed_on_as_it_is() -> None:
    [verdict] = judge(GAP)

    assert verdict.unobserved is GAP
