"""The farm of the benchmarks, and its hostile peers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.farm import ADDRESS, Farm
from benchmarks.hostile import KINDS, Hostile
from scanner.inventory import load
from scanner.model.asset import Website


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for each in (tmp_path, tmp_path.parent, tmp_path.parent.parent):  # nginx's workers may run as another account
        each.chmod(0o755)
    return tmp_path


def shake_hands(farm: Farm, port: int, host: str, *, oldest: bool = False) -> str | None:
    context = ssl.create_default_context(cafile=str(farm.authority))
    if oldest:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1
    with socket.create_connection((ADDRESS, port), 5) as raw, context.wrap_socket(raw, server_hostname=host) as tls:
        return tls.version()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_site_answers_with_its_own_key_and_half_speak_the_oldest_version(
    folder: Path, needs: Callable[[str], str]
) -> None:
    needs("nginx")
    with Farm(folder, listeners=4, names=2) as farm:
        sites = list(farm.sites)
        assert len({site.host for site in sites}) == 8
        assert [shake_hands(farm, site.port, site.host) for site in sites] == ["TLSv1.3"] * 8
        modern, old = sites[0], sites[2]
        assert shake_hands(farm, old.port, old.host, oldest=True) == "TLSv1"
        with pytest.raises(ssl.SSLError):
            shake_hands(farm, modern.port, modern.host, oldest=True)


def test_the_farms_inventory_declares_every_site(folder: Path) -> None:
    farm = Farm(folder, listeners=3, names=2)
    farm.authority.write_bytes((Path(__file__).parents[2] / "demo" / "city-ca.pem").read_bytes())

    inventory = load(farm.inventory(folder / "inventory.yaml", settings="{timeout: 3}"), known_checks=())

    websites = [each for each in inventory.assets if isinstance(each, Website)]
    assert [(each.id, each.host, each.port, each.address) for each in websites] == [
        (site.id, site.host, site.port, ADDRESS) for site in farm.sites
    ]
    assert inventory.settings.timeout == 3


def test_every_kind_of_hostile_peer_takes_connections_until_it_is_ended(
    tmp_path: Path, server_certificate: Path
) -> None:
    (tmp_path / "0.pem").write_bytes(server_certificate.read_bytes())
    with Hostile(tmp_path, count=len(KINDS)) as hostile:
        assert len({name for name, _ in hostile.ports}) == len(KINDS)
        for _, port in hostile.ports:
            socket.create_connection((ADDRESS, port), 5).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((ADDRESS, hostile.ports[0][1]), 5)
