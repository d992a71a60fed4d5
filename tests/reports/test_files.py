"""Report files appear whole or not at all, and only their owner can read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from reports.files import atomic_text, make_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_made_with_its_folders_and_is_private(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "report.json"
    with atomic_text(target) as stream:
        stream.write("é\n")
    assert target.read_bytes() == b"\xc3\xa9\n"
    assert mode(target) == 0o600
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_folders_are_private_whatever_the_umask_gives_away(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_folder(tmp_path / "x" / "y")
    finally:
        os.umask(before)
    assert mode(tmp_path / "x") == mode(tmp_path / "x" / "y") == 0o700


def test_an_open_file_of_an_earlier_report_becomes_private(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    target.chmod(0o644)
    with atomic_text(target) as stream:
        stream.write("new")
    assert target.read_text() == "new"
    assert mode(target) == 0o600


def test_an_exception_leaves_the_old_file_and_no_debris(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_text(target) as stream:
        stream.write(f"half of the new {1 / 0}")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "report.json"
    target.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), atomic_text(target) as stream:
        stream.write("new")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_folder_in_the_way_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OSError, match=r"report\.json"), atomic_text(tmp_path / "report.json") as stream:
        stream.write("new")
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with atomic_text(pipe) as stream:
            stream.write("data")
        assert os.read(reader, 100) == b"data"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_the_null_device_stays_a_device() -> None:
    with atomic_text(Path("/dev/null")) as stream:
        stream.write("data")
    assert Path("/dev/null").is_char_device()


def test_half_a_character_does_not_stop_the_file(tmp_path: Path) -> None:
    with atomic_text(tmp_path / "x") as stream:
        stream.write("a\ud800b")
    assert (tmp_path / "x").read_text() == "a?b"
