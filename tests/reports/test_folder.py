"""A folder of pages is replaced as a whole."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from reports.folder import LIST_NAME, replaced_folder


def write(folder: Path, *names: str, text: str = "new") -> None:
    with replaced_folder(folder, folder / "index.html") as pages:
        for name in names:
            with pages.page(name) as out:
                out.write(text)
        with pages.first_page() as out:
            out.write(text)


def test_nothing_is_replaced_before_the_end(tmp_path: Path) -> None:
    write(tmp_path, "a.html", text="old")
    with replaced_folder(tmp_path, tmp_path / "index.html") as pages:
        with pages.page("a.html") as out:
            out.write("new")
        assert (tmp_path / "a.html").read_text() == "old"
        with pages.first_page() as out:
            out.write("new")
    assert (tmp_path / "a.html").read_text() == "new"


def test_an_exception_leaves_the_old_pages_and_no_debris(tmp_path: Path) -> None:
    write(tmp_path, "a.html", text="old")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(ZeroDivisionError), replaced_folder(tmp_path, tmp_path / "index.html"):
        _ = 1 / 0
    assert sorted(os.listdir(tmp_path)) == before


def test_pages_are_listed_and_stale_ones_removed(tmp_path: Path) -> None:
    write(tmp_path, "a.html", "assets/b.html")
    write(tmp_path, "a.html", "assets/c.html")
    assert json.loads((tmp_path / LIST_NAME).read_text())["pages"] == ["a.html", "assets/c.html"]
    assert sorted(os.listdir(tmp_path / "assets")) == ["c.html"]


def test_a_stop_between_two_pages_is_mended_by_the_next_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.html", "old.html")
    real = os.replace

    def stops(source: Path, target: Path) -> None:
        if Path(target).name == "late.html":
            raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stops)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path, "early.html", "late.html")
    assert "early.html" in os.listdir(tmp_path)
    write(tmp_path, "a.html")
    assert sorted(os.listdir(tmp_path)) == [LIST_NAME, "a.html", "index.html"]


def test_nothing_is_written_or_removed_through_a_link_in_the_folder(tmp_path: Path) -> None:
    report, elsewhere = tmp_path / "report", tmp_path / "elsewhere"
    write(report, "assets/old.html")
    (report / "assets").rename(elsewhere)
    (report / "assets").symlink_to(elsewhere, target_is_directory=True)
    before = sorted(os.listdir(report))

    for names in (["assets/old.html"], ["a.html"]):
        with pytest.raises(OSError, match=r"assets is a link"):
            write(report, *names, text="changed")

    assert (elsewhere / "old.html").read_text() == "new"
    assert sorted(os.listdir(report)) == before


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    write(tmp_path / "link", "assets/a.html")
    assert (tmp_path / "real" / "assets" / "a.html").read_text() == "new"


def test_a_page_that_somebody_removed_is_not_missed(tmp_path: Path) -> None:
    write(tmp_path, "a.html", "b.html")
    (tmp_path / "b.html").unlink()
    write(tmp_path, "a.html")
    assert (tmp_path / "a.html").read_text() == "new"
