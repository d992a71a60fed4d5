"""What is mounted and what is swapped to: `/proc/self/mountinfo` and `/proc/swaps` (proc(5))."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.probes._blockdevices import Graph
from scanner.probes._sections import Section

_OCTAL = re.compile(r"((?:\\[0-7]{3})+)")
_DELETED = " (deleted)"
_LONGEST_PATH = 4096  # PATH_MAX of Linux


@dataclass(frozen=True, kw_only=True)
class Mount:
    """One mounted file system.

    Attributes:
        target: mount point.
        source: as the kernel names it: device, dataset, `SERVER:/path`.
        filesystem: type, e.g. `ext4`, `fuse.sshfs`.
        numbers: `MAJOR:MINOR`; an anonymous `0:37` for btrfs, ZFS and network file systems.
        root: the directory inside the file system that is mounted.
        options: those of the file system (not of the mount).
    """

    target: str
    source: str
    filesystem: str
    numbers: str = ""
    root: str = "/"
    options: tuple[str, ...] = ()

    def option(self, name: str) -> str:
        """The value of `name=VALUE`; empty where there is none."""
        return next((each.partition("=")[2] for each in self.options if each.startswith(f"{name}=")), "")

    @property
    def is_subvolume(self) -> bool:
        """Whether it is a whole btrfs subvolume, rather than a directory bound to a second place."""
        return self.filesystem == "btrfs" and self.option("subvol") in (self.root, self.root.removeprefix("/"))


def unescaped(text: str) -> str:
    r"""A path with the kernel's octal escapes (`\040` is a space) undone; bytes that are no UTF-8 are replaced."""

    def decoded(found: re.Match[str]) -> str:
        """One run of escapes."""
        return bytes(int(code, 8) & 0xFF for code in found[1].split("\\")[1:]).decode("utf-8", "replace")

    return _OCTAL.sub(decoded, text)


def whole(mounts: Iterable[Mount]) -> tuple[Mount, ...]:
    """The mounts that are volumes of their own: a directory bound to a second place is left out.

    The root always counts: on image-based systems (ostree) it is such a directory itself.
    """
    mounts = tuple(mounts)
    seen = {mount.numbers for mount in mounts if _is_whole(mount)}
    return tuple(mount for mount in mounts if _is_whole(mount) or mount.target == "/" or mount.numbers not in seen)


def _is_whole(mount: Mount) -> bool:
    return mount.root == "/" or mount.is_subvolume


def read_mounts(section: Section) -> Iterator[Mount]:
    """Every mount, pseudo file systems and bound directories included."""
    for line in section.lines:
        before, found, after = line.partition(" - ")
        left, right = before.split(" "), after.split(" ")
        if not found or len(left) < 6 or len(right) < 2:
            continue
        yield Mount(
            target=unescaped(left[4]),
            source=unescaped(right[1]),
            filesystem=right[0],
            numbers=left[2],
            root=unescaped(left[3]),
            options=tuple(unescaped(option) for option in right[2].split(",")) if len(right) > 2 else (),
        )


def mounts_of_lsblk(graph: Graph) -> tuple[Mount, ...]:
    """What lsblk shows as mounted, for a machine whose mount table cannot be read."""
    return tuple(
        Mount(target=target, source=device.path, filesystem=device.signature, numbers=device.numbers)
        for device in graph.values()
        for target in device.mountpoints
        if target != "[SWAP]"
    )


def read_swaps(section: Section) -> tuple[tuple[str, bool], ...]:
    """Active swap areas: the path, and whether it is a file."""
    found: list[tuple[str, bool]] = []
    for line in section.lines:
        words = line.split()
        if len(words) >= 5 and words[0] != "Filename":
            found.append((unescaped(words[0]).removesuffix(_DELETED), words[1] == "file"))
    return tuple(found)


class Places:
    """Finds the file system that holds a path."""

    def __init__(self, mounts: Iterable[Mount]) -> None:
        # Of two mounts on the same place the later one is the visible one.
        self._by_target = {mount.target.rstrip("/"): mount for mount in mounts}

    def holding(self, path: str) -> Mount | None:
        """The mount whose mount point is the longest parent of an absolute path."""
        if not path.startswith("/") or len(path) > _LONGEST_PATH:
            return None
        place = posixpath.normpath(path).lstrip("/")
        while place:
            mount = self._by_target.get(f"/{place}")
            if mount is not None:
                return mount
            place = posixpath.dirname(place)
        return self._by_target.get("")
