from pathlib import Path

import pytest
import yaml

from demo import files
from demo.errors import DemoFailed, WouldOverwrite
from demo.files import must_match, shipped_inventory, unpack


def test_the_shipped_inventory_is_the_repositorys() -> None:
    assert shipped_inventory() == Path(__file__).parents[2] / "inventory.yaml"


def test_unpacking_lays_out_the_inventory_and_every_file_it_names(tmp_path: Path) -> None:
    inventory = unpack(tmp_path / "new" / "folder")
    assert inventory.read_bytes() == shipped_inventory().read_bytes()
    named = {word.rstrip("},") for word in inventory.read_text().split() if word.startswith("demo/")}
    assert named == {f"demo/{name}" for name in files.NAMED}
    assert all((inventory.parent / name).is_file() for name in named)


def test_unpacked_files_are_their_owners_alone(tmp_path: Path) -> None:
    inventory = unpack(tmp_path)
    unpacked = [inventory, *(tmp_path / "demo").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in unpacked} == {0o600}


def test_unpacking_twice_is_as_good_as_once(tmp_path: Path) -> None:
    assert unpack(tmp_path) == unpack(tmp_path)


def test_unpacking_never_replaces_a_file_that_somebody_changed(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text("version: 1 # my city\n")
    with pytest.raises(WouldOverwrite, match=r"inventory\.yaml is not the demo city's own"):
        unpack(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "inventory.yaml"]
    assert (tmp_path / "inventory.yaml").read_text() == "version: 1 # my city\n"


def test_a_folder_with_files_of_another_version_is_told_by_name(tmp_path: Path) -> None:
    unpack(tmp_path)
    must_match(tmp_path)
    (tmp_path / "demo" / "city-ca.pem").write_text("another authority")
    (tmp_path / "demo" / "known_hosts").unlink()
    with pytest.raises(DemoFailed, match=r"demo/city-ca\.pem, demo/known_hosts"):
        must_match(tmp_path)


def test_every_key_and_document_says_that_it_belongs_to_the_demo_alone() -> None:
    readme = (files.HOME / "README.md").read_text()
    for name in (*files.NAMED, files.CA_KEY, files.HOST_KEY, files.CLIENT_PUBLIC):
        assert f"`{name}`" in readme
    for name in (files.CA, files.CA_KEY, files.KNOWN_HOSTS, files.CONTRACT):
        assert "civicseal demo city" in (files.HOME / name).read_text().splitlines()[0]


def test_the_inventory_is_readable_yaml_without_tabs_or_long_lines() -> None:
    text = shipped_inventory().read_text()
    assert yaml.safe_load(text)["version"] == 1
    assert "\t" not in text
    assert max(map(len, text.splitlines())) <= 120
