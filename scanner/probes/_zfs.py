"""ZFS as its own tools tell it: datasets with their encryption, pools with their devices (zfsprops(7), zpool(8))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.probes._sections import Section, Sections


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A file system or volume in a pool. `encryption` is `off` or a suite such as `aes-256-gcm`."""

    name: str
    encryption: str = ""
    keystatus: str = ""
    mounted: str = ""
    mountpoint: str = ""

    @property
    def pool(self) -> str:
        """The pool that it lies in."""
        return self.name.partition("/")[0]

    @property
    def encrypts(self) -> bool:
        """Whether ZFS itself encrypts its contents."""
        return self.encryption not in ("", "off", "-")

    @property
    def is_volume(self) -> bool:
        """Whether it is a block device (zvol): those have no mount point."""
        return self.mountpoint == "-"


@dataclass(frozen=True, kw_only=True)
class Zfs:
    """Datasets by name, and the device paths of each pool."""

    datasets: Mapping[str, Dataset]
    pools: Mapping[str, tuple[str, ...]]


_PROPERTIES = ("encryption", "keystatus", "mounted", "mountpoint")


def read_zfs(sections: Sections) -> Zfs:
    """Both views; empty where ZFS is not in use or its tools are not there."""
    return Zfs(datasets=_datasets(sections["zfs"]), pools=_pools(sections["zpool"]))


def _datasets(section: Section) -> dict[str, Dataset]:
    told: dict[str, dict[str, str]] = {}
    for line in section.lines:
        words = line.split("\t")
        if len(words) >= 3 and words[1] in _PROPERTIES:
            told.setdefault(words[0], {})[words[1]] = words[2]
    return {name: Dataset(name=name, **values) for name, values in told.items()}


def _pools(section: Section) -> dict[str, tuple[str, ...]]:
    pools: dict[str, tuple[str, ...]] = {}
    pool = ""
    for line in section.lines:
        words = line.split()
        if words[0] == "pool:" and len(words) > 1:
            pool = words[1]
            pools[pool] = ()
        elif pool and words[0].startswith("/") and line[0] in "\t ":
            pools[pool] = (*pools[pool], words[0])
    return pools
