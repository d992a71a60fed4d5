"""Makes output of the disk script: from the recorded guest, or section by section."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scanner.model.facts.disks import DiskFacts, Volume
from scanner.model.unobserved import Unobserved
from scanner.probes._disk_facts import facts_of
from scanner.probes._sections import MARK, script
from scanner.transports.shell import End, ShellReply

RECORDED = Path(__file__).parents[3] / "recorded" / "disks"
LIMITS = dict(re.findall(r"^section ([a-z]+) ([0-9]+) ", script(sudo=False), re.MULTILINE))


def _ssh_fixtures() -> ModuleType:
    """The SSH servers of the transport's tests: a conftest is no package that could be imported by name."""
    name = "civicseal_ssh_fixtures"
    path = Path(__file__).parents[2] / "transports" / "conftest.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_SSH = _ssh_fixtures()
keys, ssh_peer, sshd, answer = _SSH.keys, _SSH.ssh_peer, _SSH.sshd, _SSH.answer

BARE_METAL = "system=Linux\naccount=1000\nvm=none\ncontainer=none"

Sections = Mapping[str, str | bytes | tuple[str | bytes, int]]


def output(sections: Sections) -> bytes:
    """The script's output; a section is its text, or text and exit status; what is not given was empty (status 2)."""
    told: dict[str, Any] = {"machine": BARE_METAL, **sections}
    parts = []
    for name, limit in LIMITS.items():
        text, status = (
            told[name] if isinstance(told.get(name), tuple) else (told.get(name, ""), 0 if name in told else 2)
        )
        raw = text.encode() if isinstance(text, str) else text
        raw += b"\n" if raw and not raw.endswith(b"\n") else b""
        parts.append(f"\n{MARK} begin {name} {limit}\n".encode() + raw + f"\n{MARK} end {name} {status}\n".encode())
    return b"".join(parts) + f"\n{MARK} complete\n".encode()


@pytest.fixture(scope="session")
def script_output() -> Callable[..., bytes]:
    """`script_output(lsblk=..., mounts=...)`."""
    return lambda **sections: output(sections)


def _recorded(name: str) -> str:
    """A recording without the lines for command, status and standard error."""
    lines = (RECORDED / f"{name}.txt").read_text().splitlines()
    kept = lines[2 : lines.index("# stderr:")] if "# stderr:" in lines else lines[2:]
    return "\n".join(kept)


def _mountinfo() -> str:
    """The guest's mounts as /proc/self/mountinfo tells them."""
    lines = []
    for number, each in enumerate(json.loads(_recorded("guest_findmnt"))["filesystems"], 30):
        numbers, target = each["maj:min"], each["target"]
        tail = f"{each['fstype']} {each['source']} {each['options']}"
        lines.append(f"{number} 1 {numbers} / {target} rw,relatime shared:1 - {tail}")
    return "\n".join(lines)


def guest_sections(*, as_root: bool) -> dict[str, Any]:
    """What the script would have said on the recorded guest."""
    virtual, container, vendor = _recorded("guest_virt").splitlines()
    table = _recorded("root_dmsetup_table" if as_root else "scanner_dmsetup_table")
    btrfs = re.findall(r"^\S+ .* (\S+) -> ", _recorded("guest_btrfs_sysfs"), re.MULTILINE)
    return {
        "machine": f"system=Linux\naccount={0 if as_root else 1000}\nvm={virtual}\ncontainer={container}\n"
        f"dmi-sys_vendor={vendor}",
        "lsblk": _recorded("guest_lsblk_tree"),
        "mapper": _recorded("guest_dm_uuid"),
        "layers": _recorded("guest_slaves"),
        "mounts": _mountinfo(),
        "swaps": _recorded("guest_swaps"),
        "btrfs": "\n".join(f"/sys/fs/btrfs/b6d41ff1-2cd4-46e7-a6be-88049e752a65/devices/{each}" for each in btrfs),
        "resume": _recorded("guest_resume").splitlines()[0],
        "tables": (table, 0 if as_root else 1),
    }


@pytest.fixture(scope="session")
def guest() -> Callable[..., bytes]:
    """`guest(as_root=True)`: the recorded guest; further arguments replace sections."""
    return lambda *, as_root, **sections: output({**guest_sections(as_root=as_root), **sections})


def facts(raw: bytes) -> DiskFacts | Unobserved:
    """What the probe makes of an output."""
    return facts_of(ShellReply(output=raw, errors=b"", end=End.FINISHED), "db1")


@pytest.fixture(scope="session")
def read() -> Callable[[bytes], DiskFacts | Unobserved]:
    """The facts of an output."""
    return facts


@pytest.fixture(scope="session")
def volumes() -> Callable[[bytes], dict[str, Volume | Unobserved]]:
    """The volumes of an output by subject."""

    def find(raw: bytes) -> dict[str, Volume | Unobserved]:
        found = facts(raw)
        assert isinstance(found, DiskFacts), found
        return {volume.subject or "": volume for volume in found.volumes}

    return find


@pytest.fixture(scope="session")
def states(volumes: Callable[[bytes], dict[str, Volume | Unobserved]]) -> Callable[[bytes], dict[str, str]]:
    """State by subject; a gap is its cause in brackets."""

    def find(raw: bytes) -> dict[str, str]:
        told = volumes(raw)
        return {
            subject: f"({each.cause})" if isinstance(each, Unobserved) else str(each.state)
            for subject, each in told.items()
        }

    return find


def device(name: str, numbers: str, **fields: Any) -> dict[str, Any]:
    """One row of lsblk's JSON."""
    row = {"name": name, "kname": name, "path": f"/dev/{name}", "type": "disk", "maj:min": numbers, "size": 1 << 30}
    return {**row, **fields}


@pytest.fixture(scope="session")
def lsblk() -> Callable[..., str]:
    """lsblk's JSON of rows, each `(name, numbers, fields)`."""

    def make(*rows: tuple[str, str, dict[str, Any]]) -> str:
        return json.dumps({"blockdevices": [device(name, numbers, **fields) for name, numbers, fields in rows]})

    return make


@pytest.fixture(scope="session")
def mountinfo() -> Callable[..., str]:
    """Lines of /proc/self/mountinfo, from `(target, numbers, filesystem, source)` and perhaps root and options."""

    def line(target: str, numbers: str, filesystem: str, source: str, root: str = "/", options: str = "rw") -> str:
        return f"30 1 {numbers} {root} {target} rw - {filesystem} {source} {options}"

    return lambda *mounts: "\n".join(line(*mount) for mount in mounts)
