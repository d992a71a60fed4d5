import json
from pathlib import Path

import pytest

from scanner.inventory import InventoryError, for_url, from_snapshot, load
from scanner.model.inventory import Inventory


def again(inventory: Inventory) -> Inventory:
    stored = json.loads(json.dumps(inventory.snapshot, sort_keys=True))
    return from_snapshot(stored, path=inventory.path, sha256=inventory.sha256)


def test_a_stored_inventory_is_the_same_without_its_file(city: Path) -> None:
    inventory = load(city / "inventory.yaml", known_checks={"disk-encrypted"})
    for path in sorted(city.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert again(inventory) == inventory
    assert again(again(inventory)) == inventory


@pytest.mark.parametrize(
    "text",
    [
        "version: 1",
        "version: 1\nwebsites: [{id: a, url: 'https://a.gov', http_url: null}, {id: b, url: 'https://b.gov'}]",
        "version: 1\npolicy: {certificate_min_days: 7, trust_stores: [Mozilla], tpm_without_pin: true}",
        "version: 1\nhosts: [{id: h, address: a, platform: linux, access: {password: {command: [a, b]}}}]",
        "version: 1\ndevices: [{id: d, source: csv, path: x, columns: {z: a, b: c}}]",
        "version: 1\nauthorization: {exclude: [10.0.0.1, 'fd00::/8'], window: '23:00-01:30', expires: 2027-01-01}",
    ],
)
def test_every_form_of_entry_survives_the_store(load_text, text: str) -> None:
    inventory = load_text(text)
    assert again(inventory) == inventory


def test_defaults_are_merged_and_absent_in_the_snapshot(load_text) -> None:
    inventory = load_text("version: 1\ndefaults: {hosts: {platform: linux}}\nhosts: [{id: h, address: a}]")
    assert inventory.snapshot["document"] == {
        "version": 1,
        "hosts": [{"id": "h", "address": "a", "platform": "linux"}],
    }


def test_the_inventory_of_a_url_survives_too(tmp_path: Path) -> None:
    inventory = for_url("https://www.city.gov", folder=tmp_path)
    assert again(inventory) == inventory


def test_a_waiver_of_a_check_that_is_gone_does_not_stop_a_stored_run(load_text) -> None:
    inventory = load_text(
        "version: 1\nmail_domains: [{id: m, domain: a.gov}]\n"
        "waivers: [{check: https-hsts, asset: m, reason: r, owner: o, expires: 2027-01-01}]"
    )
    assert again(inventory).waivers == inventory.waivers


@pytest.mark.parametrize(
    "snapshot",
    [
        {},
        {"format": 2, "document": {}, "lines": {}},
        {"format": 1, "document": [], "lines": {}},
        {"format": 1, "document": {"version": 1, "hosts": [{"id": 5}]}, "lines": {"hosts[0]": "x"}},
    ],
)
def test_data_that_are_no_snapshot_are_an_inventory_error(snapshot: dict, tmp_path: Path) -> None:
    with pytest.raises(InventoryError):
        from_snapshot(snapshot, path=tmp_path / "inventory.yaml", sha256="")
