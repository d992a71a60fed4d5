import hashlib
from datetime import date, time
from ipaddress import ip_network
from pathlib import Path

import pytest

from scanner.inventory import InventoryError, load
from scanner.model.asset import ASSET_KINDS, Host, LocalAccess, SshAccess, TlsService, Vendor, Website, WinrmAccess
from scanner.model.secret import SecretRef, SecretSource

CHECKS = {"disk-encrypted"}


def test_the_example_of_the_contract_loads_with_every_kind_of_asset(city: Path) -> None:
    inventory = load(city / "inventory.yaml", known_checks=CHECKS, with_files=True)
    assert {type(asset) for asset in inventory.assets} == set(ASSET_KINDS)
    assert inventory.sha256 == hashlib.sha256((city / "inventory.yaml").read_bytes()).hexdigest()
    assert inventory.path == city / "inventory.yaml"
    assert inventory.municipality.name == "City of Riverton"
    assert inventory.settings.resolver == "127.0.0.1:5353"
    assert inventory.policy == {"permitted_countries": ["US"], "hsts_min_age": 31536000}


def test_the_authorization_has_its_window_and_networks(city: Path) -> None:
    authorization = load(city / "inventory.yaml", known_checks=CHECKS).authorization
    assert authorization is not None
    assert authorization.window == (time(22), time(5))
    assert authorization.exclude == (ip_network("10.1.9.0/24"),)
    assert authorization.expires == date(2027, 6, 30)
    assert authorization.document == city / "scan-letter.pdf"


def test_paths_are_absolute_and_relative_to_the_inventorys_folder(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(city.parent)
    inventory = load(Path(city.name) / "inventory.yaml", known_checks=CHECKS)
    www, db1 = inventory.assets_by_id["www"], inventory.assets_by_id["db1"]
    assert isinstance(www, Website)
    assert www.ca_bundle == city / "certs/city-ca.pem"
    assert isinstance(db1, Host)
    assert isinstance(db1.access, SshAccess)
    assert db1.access.key_file == city / "keys/scan"
    assert www.place.file == f"{city.name}/inventory.yaml"
    assert inventory.path == city / "inventory.yaml"


def test_defaults_of_ssh_do_not_reach_hosts_with_another_transport(city: Path) -> None:
    assets = load(city / "inventory.yaml", known_checks=CHECKS).assets_by_id
    fs1, here = assets["fs1"], assets["here"]
    assert isinstance(fs1, Host)
    assert fs1.access == WinrmAccess(
        user="scanner",
        scheme="http",
        port=5985,
        auth="ntlm",
        password=SecretRef(source=SecretSource.ENV, value=("FS1_PASSWORD",)),
    )
    assert isinstance(here, Host)
    assert here.access == LocalAccess()
    assert here.address is None


def test_assets_keep_the_line_of_their_entry(city: Path) -> None:
    text = (city / "inventory.yaml").read_text().splitlines()
    inventory = load(city / "inventory.yaml", known_checks=CHECKS)
    for asset in inventory.assets:
        assert f"id: {asset.id}" in text[asset.place.line - 1]
    assert "check: disk-encrypted" in text[inventory.waivers[0].place.line - 1]


def test_a_contract_keeps_which_clauses_it_has(city: Path) -> None:
    vendor = load(city / "inventory.yaml", known_checks=CHECKS).assets_by_id["acme-permits"]
    assert isinstance(vendor, Vendor)
    assert vendor.contract is not None
    assert dict(vendor.contract.clauses)["notice_of_demand"] is True
    assert dict(vendor.contract.clauses)["data_location_fixed"] is False


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", "http://www.city.gov/"),
        ("http_url: null", None),
        ("http_url:", None),
        ("http_url: http://city.gov:8080/x", "http://city.gov:8080/x"),
    ],
)
def test_the_plain_twin_is_the_same_host_unless_said_otherwise(load_text, said: str, expected: str | None) -> None:
    text = f"version: 1\nwebsites:\n- id: www\n  url: https://www.city.gov:8443/path\n  {said}\n"
    [site] = load_text(text).assets
    assert site.http_url == expected


def test_the_plain_twin_of_an_ipv6_literal_has_brackets(load_text) -> None:
    [site] = load_text('version: 1\nwebsites: [{id: a, url: "https://[fd00::1]:8443/"}]').assets
    assert (site.http_url, site.host, site.port) == ("http://[fd00::1]/", "fd00::1", 8443)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("mx.city.gov:25", ("mx.city.gov", 25)), ("'[fd00::1]:636'", ("fd00::1", 636)), ("10.0.0.1:1", ("10.0.0.1", 1))],
)
def test_a_service_address_is_host_and_port(load_text, address: str, expected: tuple[str, int]) -> None:
    [service] = load_text(f"version: 1\nservices:\n- id: s\n  address: {address}\n").assets
    assert isinstance(service, TlsService)
    assert (service.host, service.port) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("platform: linux", SshAccess()),
        ("platform: macos", SshAccess()),
        ("platform: windows", WinrmAccess()),
        ("platform: windows, access: {scheme: http}", WinrmAccess(scheme="http", port=5985)),
        ("platform: windows, access: {transport: ssh, port: 2222, sudo: true}", SshAccess(port=2222, sudo=True)),
        ("platform: linux, access: {agent: true}", SshAccess(agent=True)),
    ],
)
def test_the_transport_follows_the_platform(load_text, entry: str, expected: object) -> None:
    [host] = load_text(f"version: 1\nhosts: [{{id: h, address: 10.0.0.1, {entry}}}]").assets
    assert host.access == expected


def test_an_empty_list_and_a_key_without_value_count_as_absent(load_text) -> None:
    inventory = load_text(
        "version: 1\nwebsites:\nsettings:\ndepartments: []\nhosts: [{id: h, platform: linux, note: ,"
        " access: {transport: local, user: }}]"
    )
    assert [asset.id for asset in inventory.assets] == ["h"]


def test_keys_that_start_with_x_are_ignored(load_text) -> None:
    assert load_text("version: 1\nx-anything: {a: [1, {b: c}]}\n").assets == ()


def test_a_byte_order_mark_is_accepted(load_text) -> None:
    assert load_text(b"\xef\xbb\xbfversion: 1\n").assets == ()


def test_a_problem_reads_as_file_line_key_and_message(tmp_path: Path) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_text("version: 1\nwebsites:\n  - id: www\n    url: http://www.city.gov\n")
    with pytest.raises(InventoryError) as caught:
        load(path, known_checks=CHECKS)
    assert str(caught.value) == f"{path}:4: websites[0].url: must start with https://"


def test_ten_thousand_assets_load(load_text) -> None:
    sites = "".join(f"- {{id: w{n}, url: 'https://w{n}.city.gov', department: clerk}}\n" for n in range(10_000))
    inventory = load_text(f"version: 1\ndepartments: [{{id: clerk}}]\nwebsites:\n{sites}")
    assert len(inventory.assets) == 10_000
