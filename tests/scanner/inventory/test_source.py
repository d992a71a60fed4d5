import os
from pathlib import Path

import pytest

from scanner.inventory import InventoryError, load


def message_of(path: Path) -> str:
    with pytest.raises(InventoryError) as caught:
        load(path, known_checks=())
    [problem] = caught.value.problems
    assert problem.file == str(path)
    return f"{problem.line} {problem.message}"


def test_an_absent_file_is_told_so(tmp_path: Path) -> None:
    assert message_of(tmp_path / "none.yaml").startswith("0 this file does not exist")


def test_a_folder_is_no_inventory(tmp_path: Path) -> None:
    assert "folder" in message_of(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no ordinary file" in message_of(tmp_path / "pipe")


def test_a_file_under_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assert "cannot be read" in message_of(tmp_path / "a" / "b")


def test_a_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in message_of(tmp_path / ("x" * 5000))
    assert "cannot be read" in message_of(Path("a\0b"))


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1")
    (tmp_path / "a.yaml").chmod(0)
    root = os.geteuid() == 0
    if root:  # who may read everything, so this is asked as nobody
        os.seteuid(65534)
    try:
        assert "may not be read" in message_of(tmp_path / "a.yaml")
    finally:
        if root:
            os.seteuid(0)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.yaml").open("wb") as stream:
        stream.truncate(17 * 1024 * 1024)
    assert "larger than 16 MiB" in message_of(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"version: 1\nname: \xff\xfe\n", 2, "not UTF-8"),
        ("version: 1\n".encode("utf-16"), 1, "not UTF-8"),
        (b"a: 1\n\nb: caf\xe9\n", 3, "not UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "control character"),
        (b"a: \x1b[31m\n", 1, "control character"),
    ],
)
def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path: Path, data: bytes, line: int, says: str) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    message = message_of(tmp_path / "a.yaml")
    assert message.startswith(f"{line} ")
    assert says in message
