"""Names to addresses, with a real DNS server, and where no packet may go."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dns.rcode
import pytest

from scanner.model.asset import Asset, Host, Platform, SshAccess, TlsService, Website
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.addresses import Addresses, endpoint

SITE = Website(id="www", url="https://www.city.example", http_url=None)


def addresses(*assets: Asset, exclude: str = "", resolver: str | None = None, timeout: float = 5) -> Addresses:
    networks = tuple(ip_network(each) for each in exclude.split())
    return Addresses(
        Inventory(
            path=Path("inventory.yaml"),
            sha256="",
            municipality=Municipality(name="City"),
            authorization=Authorization(exclude=networks),
            settings=Settings(resolver=resolver, timeout=timeout),
            assets=assets,
        )
    )


async def cause_of(found: object) -> Cause:
    assert isinstance(found, Unobserved), found
    assert found.detail.endswith(".")
    return found.cause


@pytest.mark.parametrize(
    ("host", "address"), [("192.0.2.7", "192.0.2.7"), ("[2001:DB8::1]", "2001:db8::1"), ("::1", "::1")]
)
async def test_an_address_literal_is_its_own_address(host: str, address: str) -> None:
    assert await addresses().of(host) == (address,)


async def test_every_address_of_a_name_is_found_ipv4_first(name_server: Any) -> None:
    name_server.zone["www.city.example", "A"] = ["192.0.2.9", "192.0.2.1"]
    name_server.zone["www.city.example", "AAAA"] = ["2001:db8::5"]
    found = await addresses(resolver=name_server.resolver).of("WWW.City.Example.")
    assert found == ("192.0.2.1", "192.0.2.9", "2001:db8::5")


async def test_a_name_is_looked_up_once_per_run_even_when_asked_at_once(name_server: Any) -> None:
    name_server.zone["www.city.example", "A"] = ["192.0.2.1"]
    asking = addresses(resolver=name_server.resolver)
    await asyncio.gather(*(asking.of("www.city.example") for _ in range(5)))
    await asking.of("www.city.example.")
    assert sorted(name_server.asked) == [("www.city.example", "A"), ("www.city.example", "AAAA")]


async def test_who_gives_up_waiting_does_not_spoil_the_answer_for_others(name_server: Any) -> None:
    name_server.zone["www.city.example", "A"] = ["192.0.2.1"]
    asking = addresses(resolver=name_server.resolver)
    impatient = asyncio.create_task(asking.of("www.city.example"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await asking.of("www.city.example") == ("192.0.2.1",)


async def test_an_international_name_is_asked_in_its_ascii_form(name_server: Any) -> None:
    name_server.zone["xn--bcher-kva.example", "A"] = ["192.0.2.1"]
    assert await addresses(resolver=name_server.resolver).of("bücher.example") == ("192.0.2.1",)


@pytest.mark.parametrize("code", [dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOERROR])
async def test_a_name_that_dns_does_not_answer_for_is_a_dns_gap(name_server: Any, code: dns.rcode.Rcode) -> None:
    name_server.codes["www.city.example"] = code
    assert await cause_of(await addresses(resolver=name_server.resolver).of("www.city.example")) is Cause.DNS


async def test_a_silent_dns_server_is_a_dns_gap_in_time(name_server: Any) -> None:
    name_server.silent.add("www.city.example")
    asking = addresses(resolver=name_server.resolver, timeout=0.3)
    found = await asyncio.wait_for(asking.of("www.city.example"), 10)
    assert await cause_of(found) is Cause.DNS


async def test_a_dns_server_that_is_not_there_is_a_dns_gap(peers: Any) -> None:
    asking = addresses(resolver=f"127.0.0.1:{peers.closed()}", timeout=0.3)
    assert await cause_of(await asyncio.wait_for(asking.of("www.city.example"), 10)) is Cause.DNS


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "www..example", "x." * 200 + "example", "\x00", "."])
async def test_a_name_that_is_none_is_a_dns_gap(name_server: Any, host: str) -> None:
    assert await cause_of(await addresses(resolver=name_server.resolver).of(host)) is Cause.DNS


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "www..example", "\x00"])
async def test_a_name_that_the_system_refuses_is_a_dns_gap(host: str) -> None:
    assert await cause_of(await asyncio.wait_for(addresses().of(host), 30)) is Cause.DNS


async def test_the_system_is_asked_without_a_resolver_of_the_inventory(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(host: str, *_: object, **__: object) -> list[tuple[Any, ...]]:
        assert host == "www.city.example"
        return [(0, 0, 0, "", ("192.0.2.1", 0)), (0, 0, 0, "", ("192.0.2.1", 0))]

    monkeypatch.setattr("socket.getaddrinfo", known)
    assert await addresses().of("www.city.example") == ("192.0.2.1",)


async def test_localhost_is_this_machine_whatever_dns_says(name_server: Any) -> None:
    name_server.zone["localhost", "A"] = ["192.0.2.1"]
    assert await addresses(resolver=name_server.resolver).of("localhost") == ("127.0.0.1",)


async def test_excluded_addresses_are_left_out_and_named(name_server: Any) -> None:
    name_server.zone["www.city.example", "A"] = ["192.0.2.1", "198.51.100.4"]
    asking = addresses(exclude="198.51.100.0/24", resolver=name_server.resolver)
    assert await asking.of("www.city.example") == ("192.0.2.1",)
    ((address, gap),) = await asking.excluded("www.city.example")
    assert (address, gap.cause) == ("198.51.100.4", Cause.NOT_DECLARED)


async def test_a_host_with_excluded_addresses_alone_is_not_declared(name_server: Any) -> None:
    name_server.zone["www.city.example", "A"] = ["198.51.100.4"]
    asking = addresses(exclude="198.51.100.0/24 2001:db8::/32", resolver=name_server.resolver)
    for host in ("www.city.example", "198.51.100.9", "2001:db8::9", "::ffff:198.51.100.9"):
        found = await asking.of(host)
        assert await cause_of(found) is Cause.NOT_DECLARED


def test_barred_is_none_for_what_the_authorization_allows() -> None:
    assert addresses().barred("192.0.2.1") is None
    assert addresses(exclude="10.0.0.0/8").barred("192.0.2.1") is None
    assert addresses(exclude="10.0.0.0/8").barred("no address") is None


PRIVATE = (
    "127.0.0.1 127.9.9.9 ::1 169.254.169.254 fe80::1 10.1.2.3 172.16.0.1 192.168.1.1 fd00::1 100.64.0.1 0.0.0.0 :: "
    "224.0.0.1 239.1.1.1 ff02::1 ff0e::1 255.255.255.255 240.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 "
    "64:ff9b::a00:1 2002:a00:1:: 2002:7f00:1:: ::7f00:1 192.0.2.1 fec0::1"
)


@pytest.mark.parametrize("address", [*PRIVATE.split(), "no address", ""])
def test_no_redirect_reaches_a_private_address(address: str) -> None:
    assert not addresses(SITE).may_redirect_to("elsewhere.example", address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_redirect_may_reach_a_public_address(address: str) -> None:
    assert addresses(SITE).may_redirect_to("elsewhere.example", address)


def test_a_redirect_may_reach_a_private_address_that_the_inventory_names_or_whose_host_it_names() -> None:
    asking = addresses(
        SITE,
        Website(id="a", url="https://a.example", http_url="http://b.example", address="10.0.0.1"),
        TlsService(id="mx", host="mx.example", port=25, server_name="mail.example"),
        Host(id="db", address="10.0.0.2", platform=Platform.LINUX, access=SshAccess()),
    )
    for host in ("WWW.city.example.", "a.example", "b.example", "mx.example", "mail.example"):
        assert asking.may_redirect_to(host, "10.9.9.9")
    for address in ("10.0.0.1", "10.0.0.2", "::ffff:10.0.0.2"):
        assert asking.may_redirect_to("elsewhere.example", address)
    assert not asking.may_redirect_to("elsewhere.example", "10.0.0.3")


def test_endpoints_are_written_as_people_write_them() -> None:
    assert endpoint("192.0.2.1", 443) == "192.0.2.1:443"
    assert endpoint("2001:db8::1", 443) == "[2001:db8::1]:443"
