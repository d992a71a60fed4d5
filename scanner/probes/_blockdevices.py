"""The block devices of a Linux machine as a graph: what `lsblk` and `/sys` say, put together.

`lsblk` draws a tree and repeats a RAID under each member; the real graph is the union of its edges with those of
`/sys/block/*/slaves`. Where `lsblk` is missing, old or broken, `/sys` and udev's database stand in for it.
Everything here comes from the machine that is asked: nothing is trusted, and a value of a wrong type is no value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.probes._sections import Section, Sections

MOST_DEVICES = 50_000

_PAIR = re.compile(r'([A-Z][A-Z0-9:_%-]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})")


@dataclass(kw_only=True)
class Device:
    """One block device while the graph is built.

    Attributes:
        kname: the kernel's name, e.g. `dm-3`.
        kind: lsblk's TYPE: disk, part, crypt, lvm, raid1, loop, rom, mpath...; guessed from the name without lsblk.
        signature: lsblk's FSTYPE, empty where none was seen.
        numbers: `MAJOR:MINOR`.
        size: bytes; None where not told.
        mapper_uuid: the device mapper's uuid, empty if it has none; None where it was not read.
        beneath: kernel names of what it is built on.
        backing: file behind a loop device, or device behind zram; empty where not told.
    """

    kname: str
    path: str = ""
    kind: str = ""
    signature: str = ""
    version: str = ""
    numbers: str = ""
    uuid: str = ""
    part_type: str = ""
    transport: str = ""
    size: int | None = None
    read_only: bool = False
    mountpoints: tuple[str, ...] = ()
    mapper_name: str = ""
    mapper_uuid: str | None = None
    backing: str = ""
    beneath: set[str] = field(default_factory=set)

    @property
    def is_mapper(self) -> bool:
        """Whether the device mapper made it."""
        return self.kname.startswith("dm-")


Graph = dict[str, Device]


def read_devices(sections: Sections) -> tuple[Graph, bool]:
    """All block devices by kernel name, and whether `lsblk` could be read."""
    graph: Graph = {}
    by_lsblk = _add_lsblk(graph, sections["lsblk"])
    _add_blocks(graph, sections["blocks"])
    _add_mapper(graph, sections["mapper"])
    _add_layers(graph, sections["layers"])
    _add_loops(graph, sections["loops"])
    _add_signatures(graph, sections["signatures"])
    for device in graph.values():
        _complete(device)
    return graph, by_lsblk


def _device(graph: Graph, kname: str) -> Device:
    if kname not in graph:
        graph[kname] = Device(kname=kname)
    return graph[kname]


def _add_lsblk(graph: Graph, section: Section) -> bool:
    """Adds what lsblk told, as JSON or (RHEL 7) as pairs; False where it cannot be read."""
    if section.cut or not section.text.strip():
        return False
    rows = _json_rows(section.text) if section.text.lstrip().startswith("{") else _pair_rows(section.lines)
    if not rows:
        return False
    for row, parent in rows[:MOST_DEVICES]:
        _add_row(graph, row, parent)
    return bool(graph)


Row = tuple[Mapping[str, Any], str]


def _json_rows(text: str) -> list[Row]:
    """Every object of lsblk's JSON with the kernel name of the one that it stands under."""
    try:
        top = json.loads(text)
    except (ValueError, RecursionError):
        return []
    waiting = [(row, "") for row in _objects(top.get("blockdevices") if isinstance(top, dict) else None)]
    rows: list[Row] = []
    while waiting and len(rows) < MOST_DEVICES:
        row, parent = waiting.pop()
        rows.append((row, parent))
        waiting += [(child, _kname(row)) for child in _objects(row.get("children"))]
    return rows


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _pair_rows(lines: Iterable[str]) -> list[Row]:
    rows = ({name.lower().replace("_", ":"): _unescaped(value) for name, value in _PAIR.findall(x)} for x in lines)
    return [(row, "") for row in rows if row]


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _flag(row: Mapping[str, Any], name: str) -> bool:
    """JSON booleans are the strings "0" and "1" before util-linux 2.33."""
    return row.get(name) in (True, "1")


def _kname(row: Mapping[str, Any]) -> str:
    return _text(row, "kname") or _text(row, "name")


def _add_row(graph: Graph, row: Mapping[str, Any], parent: str) -> None:
    kname = _kname(row)
    if not kname:
        return
    device = _device(graph, kname)
    device.beneath |= {above for above in (parent, _text(row, "pkname")) if above}
    device.path = _text(row, "path") or device.path or _path(kname, _text(row, "name"), _text(row, "type"))
    device.kind = _text(row, "type") or device.kind
    device.signature = _text(row, "fstype") or device.signature
    device.version = _text(row, "fsver") or device.version
    device.numbers = _text(row, "maj:min").strip() or device.numbers
    device.uuid = _text(row, "uuid") or device.uuid
    device.part_type = _text(row, "parttype").lower() or device.part_type
    device.transport = _text(row, "tran") or device.transport
    device.size = _number(row.get("size"), device.size)
    device.read_only = _flag(row, "ro")
    device.mountpoints = tuple(dict.fromkeys([*device.mountpoints, *_mountpoints(row)]))


def _path(kname: str, name: str, kind: str) -> str:
    mapped = kname.startswith("dm-") and name and name != kname
    return f"/dev/mapper/{name}" if mapped else f"/dev/{kname}"


def _number(value: Any, otherwise: int | None) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return (
        int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else otherwise
    )


def _mountpoints(row: Mapping[str, Any]) -> Iterator[str]:
    told = row.get("mountpoints")
    for value in [*(told if isinstance(told, list) else []), row.get("mountpoint")]:
        if isinstance(value, str) and value:
            yield value


def _told(section: Section) -> Iterator[tuple[list[str], str]]:
    """Lines of `grep -H`: the path's parts and the value. Paths of /sys and udev hold no second `: `."""
    for line in section.lines:
        path, found, value = line.partition(":")
        if found:
            yield path.split("/"), value


def _from_sys(name: str) -> str:
    """The kernel writes `/` of a device name as `!` in /sys."""
    return name.replace("!", "/")


def _add_blocks(graph: Graph, section: Section) -> None:
    for parts, value in _told(section):
        if len(parts) != 6 or len(graph) > MOST_DEVICES:
            continue
        device = _device(graph, _from_sys(parts[4]))
        match parts[5]:
            case "dev":
                device.numbers = value
            case "size" if device.size is None:
                sectors = _number(value, None)
                device.size = None if sectors is None else sectors * 512
            case "ro":
                device.read_only = value == "1"
            case "backing_dev":
                device.backing = "" if value == "none" else value


def _add_mapper(graph: Graph, section: Section) -> None:
    for parts, value in _told(section):
        if len(parts) != 6 or len(graph) > MOST_DEVICES:
            continue
        device = _device(graph, parts[3])
        if parts[5] == "uuid":
            device.mapper_uuid = value
        elif parts[5] == "name":
            device.mapper_name = value
            # Each mapping has a name; grep prints no line for a uuid that is empty.
            device.mapper_uuid = device.mapper_uuid or ""


def _add_layers(graph: Graph, section: Section) -> None:
    """Edges: `/sys/block/UPPER/slaves/LOWER` and `/sys/block/DISK/PARTITION/partition`."""
    for line in section.lines:
        parts = [_from_sys(part) for part in line.split("/")]
        if len(parts) != 6 or "*" in parts or len(graph) > MOST_DEVICES:
            continue
        if parts[4] == "slaves":
            _device(graph, parts[3]).beneath.add(parts[5])
            _device(graph, parts[5])
        elif parts[5] == "partition":
            _device(graph, parts[3])
            partition = _device(graph, parts[4])
            partition.beneath.add(parts[3])
            partition.kind = partition.kind or "part"


def _add_loops(graph: Graph, section: Section) -> None:
    for parts, value in _told(section):
        if len(parts) == 6 and _from_sys(parts[3]) in graph:
            graph[_from_sys(parts[3])].backing = value.removesuffix(" (deleted)")


def _add_signatures(graph: Graph, section: Section) -> None:
    """Udev's database, by device number: `/run/udev/data/b8:1:E:ID_FS_TYPE=ext4`."""
    by_numbers = {device.numbers: device for device in graph.values() if device.numbers}
    for line in section.lines:
        found = re.match(r"/run/udev/data/b(\d+:\d+):E:([A-Z_]+)=(.*)", line)
        device = by_numbers.get(found[1]) if found else None
        if found is None or device is None:
            continue
        match found[2]:
            case "ID_FS_TYPE":
                device.signature = device.signature or found[3]
            case "ID_FS_UUID":
                device.uuid = device.uuid or found[3]
            case "ID_PART_ENTRY_TYPE":
                device.part_type = device.part_type or found[3].lower()


_KINDS = (
    ("dm-", "dm"),
    ("md", "md"),
    ("loop", "loop"),
    ("sr", "rom"),
    ("zram", "disk"),
    ("ram", "ram"),
    ("fd", "floppy"),
)


def _complete(device: Device) -> None:
    """Fills in what follows from the rest."""
    device.beneath.discard(device.kname)
    if device.is_mapper and device.mapper_name:
        device.path = f"/dev/mapper/{device.mapper_name}"
    device.path = device.path or f"/dev/{device.kname}"
    if not device.kind:
        device.kind = next((kind for start, kind in _KINDS if device.kname.startswith(start)), "disk")
