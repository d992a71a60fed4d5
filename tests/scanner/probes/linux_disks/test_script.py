"""The script itself, run by real shells, and how its output is taken apart."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.model.facts.disks import DiskFacts
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._sections import MARK, Sections, script, split
from scanner.transports.shell import End, ShellReply

ROOT = Path(__file__).parents[4]
SHELLS = [["/bin/sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["zsh", "--emulate", "sh"]]
SHELL = pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])


def run(shell: list[str], *, sudo: bool = False, **environment: str) -> subprocess.CompletedProcess[bytes]:
    given = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [*shell, "-s"], input=script(sudo=sudo).encode(), capture_output=True, timeout=60, env=given, check=False
    )


def tools(folder: Path, *names: str, **programs: str) -> str:
    """A PATH with a few of this machine's tools and programs of our own."""
    for name in names:
        found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        assert found, name
        (folder / name).symlink_to(found)
    for name, text in programs.items():
        (folder / name.replace("_", "-")).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name.replace("_", "-")).chmod(0o755)
    return str(folder)


def sections(raw: bytes) -> Sections:
    found = split(raw)
    assert isinstance(found, Sections), found
    return found


@SHELL
def test_it_runs_in_every_shell_of_this_machine_without_a_word_of_complaint(shell: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        shell = ["/bin/sh"]  # a shell that is not here is not tested here

    done = run(shell)

    assert (done.returncode, done.stderr) == (0, b"")
    assert "system=Linux" in sections(done.stdout)["machine"].lines
    assert sections(done.stdout)["mounts"].status == 0


def test_it_changes_no_file(tmp_path: Path) -> None:
    """Run in a folder of its own, as a home too, it leaves nothing behind."""
    subprocess.run(
        ["/bin/sh", "-s"],
        input=script(sudo=False).encode(),
        capture_output=True,
        timeout=60,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        check=True,
    )

    assert list(tmp_path.iterdir()) == []


def test_it_writes_and_changes_nothing_by_its_own_words() -> None:
    """No redirection into a file but /dev/null, and none of the words that change a machine."""
    lines = [line.split("#")[0] for line in script(sudo=True).splitlines()]
    text = "\n".join(lines).replace(">/dev/null", "").replace(">&", "")

    assert ">" not in text.replace("exec 4", "")
    words = set(text.replace("(", " ").replace(";", " ").split())
    forbidden = (
        "rm mv cp tee dd mount umount mkdir touch modprobe losetup vgchange cryptsetup swapoff chmod chown ln sh"
    )
    assert not words & set(forbidden.split())
    assert "--showkeys" not in text


def test_missing_tools_leave_sections_that_say_so(tmp_path: Path) -> None:
    path = tools(tmp_path, "sh", "head", "grep", "ls", "cat", "id", "uname", "tr", "cut")

    # The script adds the usual folders to PATH, so a machine without lsblk needs them to be somewhere else.
    text = script(sudo=False).replace(":/sbin:/usr/sbin:/usr/local/sbin", "")
    done = subprocess.run(
        ["/bin/sh", "-s"], input=text.encode(), capture_output=True, timeout=60, env={"PATH": path}, check=False
    )

    found = sections(done.stdout)
    assert (found["lsblk"].status, found["zfs"].status) == (127, 127)
    assert found["swaps"].status == 0


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ("MOUNTPOINTS PATH -J", "NAME,KNAME,PKNAME,PATH"),
        ("-J", "NAME,PKNAME,TRAN"),
        ("-P", "-P -b -o NAME,PKNAME"),
    ],
)
def test_old_forms_of_lsblk_are_tried_one_after_the_other(known: str, wanted: str, tmp_path: Path) -> None:
    """Each old lsblk refuses columns and options that it does not know."""
    refusals = {"MOUNTPOINTS": "*MOUNTPOINTS*", "-J": "*-J*"}
    cases = "".join(f'case "$*" in {glob}) exit 1;; esac\n' for word, glob in refusals.items() if word not in known)
    path = tools(tmp_path, "sh", lsblk=f'{cases}echo "$*"')

    done = run(["/bin/sh"], PATH=f"{path}:{os.environ['PATH']}")

    assert wanted in sections(done.stdout)["lsblk"].text


def test_a_tool_that_says_too_much_is_cut_and_known_to_be(tmp_path: Path) -> None:
    path = tools(tmp_path, lsblk="exec yes")
    text = script(sudo=False).replace("tree=$(lsblk", "lsblk; tree=$(echo")

    done = subprocess.run(
        ["/bin/sh", "-s"],
        input=text.encode(),
        capture_output=True,
        timeout=60,
        env={"PATH": f"{path}:{os.environ['PATH']}"},
        check=False,
    )

    found = sections(done.stdout)
    assert found["lsblk"].cut
    assert len(found["lsblk"].text) <= 4194304
    assert not found["mounts"].cut


def test_sudo_is_used_only_where_the_inventory_allows_it_and_keys_are_cut_off(tmp_path: Path) -> None:
    """The device mapper is asked by a stand-in, on a machine that has none."""
    path = tools(
        tmp_path,
        sudo='[ "$*" = "-n dmsetup table" ] && echo "c: 0 9 crypt aes-xts-plain64 5ec4e700 0 8:0 0"',
        dmsetup='echo "direct: 0 9 crypt aes-xts-plain64 5ec4e700 0 8:0 0"',
        id="echo 1000",
    )

    def tables(*, sudo: bool) -> Any:
        text = script(sudo=sudo).replace("/sys/block/dm-0", "/proc").encode()
        environment = {"PATH": f"{path}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["/bin/sh", "-s"], input=text, capture_output=True, timeout=60, env=environment, check=False
        )
        return sections(done.stdout)["tables"]

    assert (tables(sudo=False).text, tables(sudo=False).status) == ("", 126)
    assert (tables(sudo=True).text, tables(sudo=True).status) == ("c: 0 9 crypt aes-xts-plain64", 0)


# Taking the output apart


def test_noise_before_the_first_mark_does_not_matter(guest: Any, read: Any) -> None:
    raw = guest(as_root=True)
    noise = b"*** Authorised use only ***\nset -v\n" + script(sudo=False).encode() + b"no line end"

    assert read(noise + raw) == read(raw)


def test_carriage_returns_do_not_matter(guest: Any, read: Any) -> None:
    raw = guest(as_root=True)

    assert read(raw.replace(b"\n", b"\r\n")) == read(raw)


def test_what_follows_the_end_does_not_matter(guest: Any, read: Any) -> None:
    raw = guest(as_root=True)

    assert read(raw + f"\n{MARK} begin lsblk 9\nx\nlogout\n".encode()) == read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        f"{MARK} complete\n",
        f"\n{MARK} begin a 9\nx\n\n{MARK} begin b 9\n\n{MARK} end b 0\n\n{MARK} complete\n",
        f"\n{MARK} begin a 9\nx\n\n{MARK} end b 0\n\n{MARK} complete\n",
        f"\n{MARK} end a 0\n\n{MARK} complete\n",
        f"\n{MARK} begin a 9\n1\n\n{MARK} end a 0\n\n{MARK} begin a 9\n2\n\n{MARK} end a 0\n\n{MARK} complete\n",
        f"\n{MARK} begin a 9\nx\n\n{MARK} complete\n",
    ],
)
def test_marks_that_are_out_of_order_are_malformed(raw: str, read: Any) -> None:
    found = read(raw.encode())

    assert isinstance(found, Unobserved)
    assert found.cause is Cause.MALFORMED


@pytest.mark.parametrize(
    ("end", "wanted"),
    [
        (End.TIMEOUT, Cause.TIMEOUT),
        (End.LOST, Cause.UNREACHABLE),
        (End.FINISHED, Cause.MALFORMED),
        (End.TOO_LONG, Cause.MALFORMED),
    ],
)
def test_partial_output_is_never_judged(end: End, wanted: Cause, guest: Callable[..., bytes]) -> None:
    from scanner.probes._disk_facts import facts_of

    raw = guest(as_root=True)

    for cut in (0, 100, len(raw) // 2, len(raw) - 12):
        found = facts_of(ShellReply(output=raw[:cut], errors=b"", end=end), "db1")
        assert isinstance(found, Unobserved)
        assert found.cause is wanted


def test_a_complete_answer_counts_even_where_the_shell_did_not_close(guest: Any, read: Any) -> None:
    from scanner.probes._disk_facts import facts_of

    raw = guest(as_root=True)

    assert facts_of(ShellReply(output=raw, errors=b"", end=End.TIMEOUT), "db1") == read(raw)


def test_what_a_wrong_shell_says_is_told_harmlessly() -> None:
    from scanner.probes._disk_facts import facts_of

    said = b"\x1b[2JThis account is currently not available.\nmore\n"

    found = facts_of(ShellReply(output=said, errors=b"", end=End.FINISHED), "db1")

    assert isinstance(found, Unobserved)
    assert "This account is currently not available." in found.detail
    assert "\x1b" not in found.detail


@pytest.mark.parametrize("name", ["mounts", "swaps", "mapper", "layers"])
def test_a_cut_list_is_never_judged(name: str, guest: Any, read: Any) -> None:
    found = read(guest(as_root=True, **{name: "x" * 2_000_000}))

    assert isinstance(found, Unobserved)
    assert found.cause is Cause.UNSUPPORTED
    assert name in found.detail


def test_a_machine_without_lsblk_and_sysfs_is_unsupported(read: Any, script_output: Any) -> None:
    found = read(script_output(lsblk=("", 127), mounts="1 0 8:0 / / rw - ext4 /dev/sda rw"))

    assert isinstance(found, Unobserved)
    assert found.cause is Cause.UNSUPPORTED
    assert "lsblk" in found.detail


def test_malformed_json_without_sysfs_is_malformed(read: Any, script_output: Any) -> None:
    found = read(script_output(lsblk="{{{", mounts="1 0 8:0 / / rw - ext4 /dev/sda rw"))

    assert isinstance(found, Unobserved)
    assert found.cause is Cause.MALFORMED


@pytest.mark.parametrize(("recording", "fault"), [("db1.txt", {"/srv/records": "plain"}), ("files1.txt", {})])
def test_the_demo_citys_recordings_hold_what_they_plant(recording: str, fault: dict[str, str], states: Any) -> None:
    found = states((ROOT / "demo" / "recordings" / recording).read_bytes())

    assert {subject: state for subject, state in found.items() if state not in ("encrypted", "exempt")} == fault
    assert found["/"] == "encrypted"
    assert found["swap:/dev/mapper/vg0-swap"] == "encrypted"
    assert found["/boot"] == "exempt"


@pytest.mark.parametrize("seed", range(20))
def test_no_mangled_output_breaks_it(seed: int, guest: Any, read: Any) -> None:
    """Pieces cut out, doubled, swapped and overwritten: always facts or a gap, never an exception."""
    rng = random.Random(seed)
    whole = guest(as_root=True, layers="/sys/block/md0/slaves/vdh\n" * 3, loops="/sys/block/loop0/loop/backing_file:/x")
    for _ in range(10):
        raw = bytearray(whole)
        for _ in range(rng.randint(1, 30)):
            start = rng.randrange(len(raw))
            piece = slice(start, start + rng.randint(1, 60))
            raw[piece] = rng.choice([b"", bytes(raw[piece]) * 2, rng.randbytes(5), b'"', b"\n", b":", b"/", b"null"])
        assert isinstance(read(bytes(raw)), DiskFacts | Unobserved)
