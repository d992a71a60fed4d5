"""The repository's inventory declares the demo city that is really served."""

from pathlib import Path
from typing import TypeVar

import pytest

from demo.files import CONTRACT, HOME, NAMED, shipped_inventory
from demo.layout import (
    ADDRESS,
    DNS_PORT,
    MACHINES,
    MAIL_SERVERS,
    S3_PORT,
    SITES,
    SSH_CLOSED_PORT,
    STORES,
    USER,
    ZONE,
)
from demo.planted import PLANTED, UNSEEN
from scanner.inventory import load
from scanner.model.asset import Asset, Bucket, Host, MailDomain, SshAccess, StartTls, TlsService, Vendor, Website
from scanner.model.inventory import Inventory

A = TypeVar("A", bound=Asset)


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return load(shipped_inventory(), known_checks=())


def of_kind(inventory: Inventory, kind: type[A]) -> list[A]:
    return [asset for asset in inventory.assets if isinstance(asset, kind)]


def test_every_website_is_declared_where_it_is_served(inventory: Inventory) -> None:
    declared = {
        (site.id, f"{site.url}/", site.http_url, site.address, site.ca_bundle) for site in of_kind(inventory, Website)
    }
    assert declared == {
        (
            site.id,
            site.url,
            site.http_port and f"http://{site.host}:{site.http_port}",
            ADDRESS,
            HOME / "city-ca.pem",
        )
        for site in SITES
    }


def test_every_host_is_declared_where_it_answers_or_is_down(inventory: Inventory) -> None:
    access = {host.id: host.access for host in of_kind(inventory, Host)}
    assert {id: each.port for id, each in access.items() if isinstance(each, SshAccess)} == {
        "backup1": SSH_CLOSED_PORT
    } | {machine.id: machine.port for machine in MACHINES}
    assert all(isinstance(each, SshAccess) and each.user == USER for each in access.values())


def test_every_bucket_is_declared(inventory: Inventory) -> None:
    buckets = of_kind(inventory, Bucket)
    assert {bucket.name for bucket in buckets} == {store.name for store in STORES}
    assert {bucket.endpoint for bucket in buckets} == {f"http://{ADDRESS}:{S3_PORT}"}


def test_every_mail_server_is_declared_as_a_service(inventory: Inventory) -> None:
    assert {(each.id, *each.reached_at, each.known_as) for each in of_kind(inventory, TlsService)} == {
        (server.id, ADDRESS, server.port, server.host) for server in MAIL_SERVERS
    }
    assert all(each.starttls is StartTls.SMTP for each in of_kind(inventory, TlsService))


def test_the_citys_own_dns_is_asked_and_knows_every_mail_domain(inventory: Inventory) -> None:
    assert inventory.settings.resolver == f"{ADDRESS}:{DNS_PORT}"
    assert all((each.domain, "MX") in ZONE for each in of_kind(inventory, MailDomain))


def test_one_vendor_has_a_contract_whose_document_is_there(inventory: Inventory) -> None:
    contracts = {vendor.id: vendor.contract for vendor in of_kind(inventory, Vendor)}
    assert contracts.pop("bluebell") is None
    assert contracts["larkspur"] is not None
    assert contracts["larkspur"].document == HOME / CONTRACT


def test_the_planted_faults_are_about_declared_assets(inventory: Inventory) -> None:
    assert {asset for _, asset, _ in PLANTED | UNSEEN.keys()} <= set(inventory.assets_by_id)
    assert not PLANTED & UNSEEN.keys()


def test_every_asset_belongs_to_a_department(inventory: Inventory) -> None:
    assert [asset.id for asset in inventory.assets if asset.department is None] == []


def test_every_file_that_the_inventory_names_is_shipped(inventory: Inventory) -> None:
    assert all((Path(HOME) / name).is_file() for name in NAMED)
