"""Where pages go, who can read them, and what becomes of an earlier report."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from reports import html
from reports.folder import LIST_NAME
from reports.view import Report

PAGES = {"problems.html", "renewals.html", "checks.html", "assets/db1.html"}


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def small(make_report: Any, finding: Any, city: Report) -> Report:
    [db1] = [asset for asset in city.inventory.assets if asset.id == "db1"]
    return replace(city, findings=(finding("disk-encrypted", "db1"),), inventory=replace(city.inventory, assets=(db1,)))


@pytest.mark.parametrize("name", ["report", "report.d", "a/b/report", "html"])
def test_a_path_without_a_page_suffix_is_a_folder(name: str, small: Report, tmp_path: Path) -> None:
    assert html.write(small, tmp_path / name) == tmp_path / name / "index.html"
    assert files(tmp_path / name) == {"index.html", *PAGES, LIST_NAME}


@pytest.mark.parametrize("name", ["r.html", "r.HTM", "a/b/r.html", "über #1?.html"])
def test_a_page_suffix_names_the_first_page(name: str, small: Report, tmp_path: Path, write_site: Any) -> None:
    target = tmp_path / "report" / name
    site = write_site(small, f"report/{name}")
    assert site.first == target
    folder = target.with_name(target.stem + "_files")
    assert files(folder) == {*PAGES, LIST_NAME}
    assert files(target.parent) == {target.name, *(f"{folder.name}/{each}" for each in files(folder))}


def test_links_hold_from_a_named_first_page(small: Report, write_site: Any) -> None:
    site = write_site(small, "my report #1.html")
    for path in (site.first, *site.first.parent.rglob("*_files/**/*.html")):
        for link in site.page(path).root.all("a"):
            target = urlsplit(link.attributes["href"])
            if not target.scheme and target.path:
                assert (path.parent / unquote(target.path)).resolve().is_file(), (path, link.attributes["href"])


def test_files_and_new_folders_are_private(small: Report, tmp_path: Path) -> None:
    html.write(small, tmp_path / "new" / "report")
    for path in (tmp_path / "new").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_that_was_there_keeps_its_mode_and_other_files(small: Report, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    folder.mkdir(mode=0o755)
    (folder / "notes.html").write_text("mine")
    (folder / "assets").mkdir()
    (folder / "assets" / "logo.html").write_text("mine too")
    html.write(small, folder)
    html.write(replace(small, findings=()), folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert (folder / "notes.html").read_text() == "mine"
    assert (folder / "assets" / "logo.html").read_text() == "mine too"


def test_pages_that_an_earlier_report_had_are_removed(city: Report, small: Report, tmp_path: Path) -> None:
    html.write(city, tmp_path / "report")
    assert "assets/www.html" in files(tmp_path / "report")
    html.write(small, tmp_path / "report")
    assert files(tmp_path / "report") == {"index.html", *PAGES, LIST_NAME}


@pytest.mark.parametrize(
    "listed", ["../../precious.html", "/etc/passwd", "assets/../../precious.html", "precious.txt", 7, None, ["x"]]
)
def test_a_forged_list_removes_nothing_of_others(listed: object, small: Report, tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "precious.html").write_text("mine")
    (tmp_path / "report" / "precious.txt").write_text("mine")
    (tmp_path / "report" / LIST_NAME).write_text(json.dumps({"pages": [listed]}))
    html.write(small, tmp_path / "report")
    assert (tmp_path / "precious.html").exists()
    assert (tmp_path / "report" / "precious.txt").exists()


@pytest.mark.parametrize("listed", [b"\xff\xfe", b"[]", b'{"pages": 3}', b"[" * 100_000, b""])
def test_a_broken_list_stops_no_report(listed: bytes, small: Report, tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / LIST_NAME).write_bytes(listed)
    assert html.write(small, tmp_path / "report").is_file()


def test_a_full_disk_leaves_the_old_report_whole(
    city: Report, small: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html.write(city, tmp_path / "report")
    before = {name: (tmp_path / "report" / name).read_bytes() for name in files(tmp_path / "report")}
    synced = []
    real = os.fsync

    def fills_up(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 3:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fills_up)
    with pytest.raises(OSError, match="No space"):
        html.write(small, tmp_path / "report")
    assert {name: (tmp_path / "report" / name).read_bytes() for name in files(tmp_path / "report")} == before
    assert sorted(os.listdir(tmp_path / "report")) == sorted({name.split("/")[0] for name in before})


def test_findings_that_change_while_they_are_told_leave_the_old_report(small: Report, tmp_path: Path) -> None:
    html.write(small, tmp_path / "report")
    before = (tmp_path / "report" / "index.html").read_bytes()
    with pytest.raises(RuntimeError, match="changed"):
        html.write(replace(small, findings=OtherAssetAtSecondReading(small)), tmp_path / "report")
    assert (tmp_path / "report" / "index.html").read_bytes() == before


class OtherAssetAtSecondReading:
    """A store that somebody writes to while the report is made."""

    def __init__(self, report: Report) -> None:
        self._findings = list(report.findings)
        self._read = False

    def __iter__(self) -> Any:
        more = [replace(each, asset="zzz") for each in self._findings] if self._read else []
        self._read = True
        return iter([*self._findings, *more])


def test_a_file_in_the_way_of_the_folder_is_an_error(small: Report, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("mine")
    with pytest.raises(OSError, match="report"):
        html.write(small, tmp_path / "report")
    assert (tmp_path / "report").read_text() == "mine"


def test_a_folder_in_the_way_of_the_first_page_is_an_error_before_anything_is_written(
    small: Report, tmp_path: Path
) -> None:
    (tmp_path / "r.html").mkdir()
    with pytest.raises(IsADirectoryError):
        html.write(small, tmp_path / "r.html")
    assert os.listdir(tmp_path) == ["r.html"]
