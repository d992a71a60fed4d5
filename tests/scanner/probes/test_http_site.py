"""What the HTTP probe sees of a site beside its first answers: the page, cookies, its other name, security.txt."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from scanner.model.asset import Asset, Website
from scanner.model.facts.http import Answered, ChainEnd, HttpFacts, OtherName, Refused, Unseen
from scanner.model.facts.page import Page, SecurityTxt
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._asker import LONGEST_WAIT, waiting_time
from scanner.probes._other_name import other_name
from scanner.probes.http import PROBE
from scanner.transports.addresses import Addresses
from scanner.transports.http import Answer
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

NAME, OTHER = "www.city.example", "city.example"
HTML = "Content-Type: text/html"
MIXED = "<script src=http://cdn.example/x.js></script>"
Answering = Callable[..., bytes]


def site(port: int, plain: int | None = None, *, address: str | None = "127.0.0.1") -> Website:
    http_url = None if plain is None else f"http://{NAME}:{plain}/"
    return Website(id="www", url=f"https://{NAME}:{port}/", http_url=http_url, address=address)


async def seen(
    website: Website, *others: Asset, exclude: Sequence[str] = (), resolver: str | None = None, **settings: Any
) -> HttpFacts:
    inventory = Inventory(
        path=Path("inventory.yaml"),
        sha256="",
        municipality=Municipality(name="City"),
        authorization=Authorization(exclude=tuple(ip_network(each) for each in exclude)),
        settings=Settings(**{"timeout": 5, "resolver": resolver, **settings}),
        assets=(website, *others),
    )
    async with TlsWorkers(1) as tls:
        transports = Transports(inventory=inventory, addresses=Addresses(inventory), tls=tls)
        replies = await asyncio.wait_for(PROBE.run(website, transports), 60)
    facts = replies[HttpFacts].outcome
    assert isinstance(facts, HttpFacts), facts
    adapter = TypeAdapter(HttpFacts)
    assert adapter.validate_json(adapter.dump_json(facts)) == facts
    return facts


async def page(website: Website, **settings: Any) -> Page:
    endpoint = (await seen(website, **settings)).https[0]
    assert isinstance(endpoint, Answered), endpoint
    assert isinstance(endpoint.page, Page), endpoint.page
    return endpoint.page


def keeping(reply: Callable[[bytes], bytes]) -> Any:
    """A server that keeps connections open."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(reply(await reader.readuntil(b"\r\n\r\n")).replace(b"Connection: close\r\n", b""))

    return handle


async def test_the_page_is_read_behind_redirects(peers: Any, http_answer: Answering) -> None:
    def reply(request: bytes) -> bytes:
        home = b"GET /home " in request
        return http_answer(200, HTML, body=MIXED) if home else http_answer(302, "Location: /home", HTML, body="<img>")

    found = await page(site(await peers.https(reply)))
    assert (found.html, found.found, found.rest) == (True, 1, None)
    assert found.loads[0].url == "http://cdn.example/x.js"


async def test_a_page_over_plain_http_is_not_read(peers: Any, http_answer: Answering) -> None:
    plain = await peers.http(lambda _: http_answer(200, HTML, body=MIXED))
    facts = await seen(site(await peers.https(lambda _: http_answer(200)), plain))
    (endpoint,) = facts.plain
    assert isinstance(endpoint, Answered)
    assert endpoint.page is None


async def test_what_is_no_html_is_not_read(peers: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n"
    port = await peers.saying(head, b"x" * 65536, endless=True, tls=peers.tls())
    started = time.monotonic()
    assert not (await page(site(port), timeout=10)).html
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("chunk", [b"<p>" + b" " * 60_000, MIXED.encode() * 1000, b"\x00\xff" * 30_000])
async def test_an_endless_page_is_cut_and_says_so(peers: Any, chunk: bytes) -> None:
    port = await peers.saying(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", chunk, endless=True, tls=peers.tls()
    )
    tracemalloc.start()
    found = await page(site(port))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.rest is not None
    assert found.rest.cause is Cause.UNSUPPORTED
    assert peak < 40_000_000


async def test_a_page_of_ten_megabytes_is_read_in_part(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(200, HTML, body=MIXED + "<p>" * 3_500_000))
    found = await page(site(port))
    assert found.found == 1
    assert found.rest is not None


async def test_a_page_that_drips_is_cut_in_time_and_what_came_counts(peers: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + MIXED.encode()
    port = await peers.saying(head, b"<p>", pause=0.05, endless=True, tls=peers.tls())
    found = await page(site(port), timeout=0.5)
    assert found.found == 1
    assert found.rest is not None
    assert found.rest.cause is Cause.TIMEOUT


async def test_who_drips_a_page_is_asked_for_nothing_more(peers: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    port = await peers.saying(head, b"<p>", pause=0.05, endless=True, tls=peers.tls())
    facts = await seen(site(port), timeout=0.5)
    assert isinstance(facts.security_txt, Unobserved)
    assert facts.security_txt.cause is Cause.TIMEOUT
    assert len(peers.requests) == 1


@pytest.mark.parametrize("framing", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
async def test_a_page_that_breaks_off_says_so(peers: Any, framing: str) -> None:
    said = f"HTTP/1.1 200 OK\r\n{HTML}\r\n{framing}\r\n\r\n5\r\n<img>".encode()
    assert (await page(site(await peers.saying(said, tls=peers.tls())))).rest is not None


async def test_a_gzip_bomb_is_unpacked_within_bounds(peers: Any) -> None:
    bomb = gzip.compress(MIXED.encode() + b" " * 300_000_000)
    head = f"HTTP/1.1 200 OK\r\n{HTML}\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    port = await peers.saying(head + bomb, tls=peers.tls())
    tracemalloc.start()
    found = await page(site(port))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.found == 1
    assert found.rest is not None
    assert peak < 40_000_000


async def test_thousands_of_cookies_are_bounded_and_none_without_secure_is_lost(
    peers: Any, http_answer: Answering
) -> None:
    lines = [f"Set-Cookie: c{number}=v; Secure" for number in range(2500)]
    port = await peers.https(
        lambda _: http_answer(200, *lines, "Set-Cookie: late=secret-value", "X-Frame-Options: DENY")
    )
    (endpoint,) = (await seen(site(port))).https
    assert isinstance(endpoint, Answered)
    assert endpoint.first.cookies[0].name == "late"
    assert len(endpoint.first.cookies) == 50
    assert [header.name for header in endpoint.first.headers] == ["x-frame-options"]
    assert "secret-value" not in repr(endpoint)


async def test_one_connection_serves_the_page_and_security_txt(peers: Any, http_answer: Answering) -> None:
    def reply(request: bytes) -> bytes:
        peers.requests.append(request)
        if b"security.txt" in request:
            text = "Contact: mailto:a@city.example\nExpires: 2027-01-31T00:00:00Z\n"
            return http_answer(200, "Content-Type: text/plain", body=text)
        redirected = b"GET /home " in request
        return http_answer(200, HTML, body="<p>") if redirected else http_answer(301, "Location: /home", body="moved")

    port = await peers.serve(keeping(reply), tls=peers.tls())
    facts = await seen(site(port))
    assert len(peers.requests) == 3
    assert len(peers.accepted) == 1
    assert isinstance(facts.security_txt, SecurityTxt)
    assert (facts.security_txt.contacts, facts.security_txt.text_plain) == (1, True)


async def test_a_connection_that_was_given_up_meanwhile_is_made_anew(peers: Any, http_answer: Answering) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http_answer(200, HTML, body="<p>").replace(b"Connection: close\r\n", b""))
        await reader.read(1)

    facts = await seen(site(await peers.serve(once, tls=peers.tls())))
    assert isinstance(facts.security_txt, SecurityTxt)
    assert len(peers.accepted) == 2


async def test_chains_that_meet_ask_once(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(200, HTML, body="<p>"))
    plain = await peers.http(lambda _: http_answer(301, f"Location: https://{NAME}:{port}/"))
    facts = await seen(site(port, plain))
    assert len([request for request in peers.requests if b"GET / " in request]) == 2
    assert isinstance(facts.plain[0], Answered)
    assert [hop.status for hop in facts.plain[0].hops] == [301, 200]


@pytest.mark.parametrize("status", [403, 429])
async def test_a_wall_is_not_asked_for_more(peers: Any, http_answer: Answering, status: int) -> None:
    facts = await seen(site(await peers.https(lambda _: http_answer(status))))
    assert facts.security_txt is None
    assert len(peers.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_who_asks_for_a_moment_is_asked_once_more(peers: Any, http_answer: Answering, status: int) -> None:
    port = await peers.https(
        lambda _: http_answer(status, "Retry-After: 1") if len(peers.requests) < 2 else http_answer(200, HTML)
    )
    (endpoint,) = (await seen(site(port))).https
    assert isinstance(endpoint, Answered)
    assert endpoint.first.status == 200


@pytest.mark.parametrize("after", ["3600", "99999999999999", "soon", "-1", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_who_asks_for_more_than_a_moment_is_not_waited_for(
    peers: Any, http_answer: Answering, after: str
) -> None:
    port = await peers.https(lambda _: http_answer(429, f"Retry-After: {after}"))
    (endpoint,) = (await seen(site(port))).https
    assert isinstance(endpoint, Answered)
    assert endpoint.first.wall is not None
    assert len(peers.requests) == 1


def test_a_waiting_time_is_seconds_or_a_date() -> None:
    def waits(value: str, status: int = 503) -> float | None:
        return waiting_time(Answer(status=status, headers=(("retry-after", value),), tls_version=None, digest=""))

    assert waits("5") == 5
    soon = waits(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert soon is not None
    assert 50 < soon <= 60
    assert waits("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    assert waits("5", status=200) is None
    assert waits("tomorrow") is None
    assert LONGEST_WAIT < 30


@pytest.mark.parametrize(
    ("host", "other"),
    [
        (NAME, OTHER),
        (OTHER, NAME),
        ("permits.city.example", "www.permits.city.example"),
        ("WWW.City.Example.", OTHER),
        ("192.0.2.1", None),
        ("[2001:db8::1]", None),
        ("localhost", None),
        ("www.localhost", None),
        ("intranet", None),
        ("www.example", None),
    ],
)
def test_a_site_has_another_name_where_a_browser_might_go_there(host: str, other: str | None) -> None:
    assert other_name(Website(id="x", url=f"https://{host}:8443/a", http_url=None)) == other
    assert other_name(Website(id="x", url=f"https://{host}/", http_url=None, address="127.0.0.1")) is None


def declared(port: int) -> Website:
    return Website(id="other", url=f"https://{OTHER}:{port}/", http_url=None)


async def test_the_other_name_is_asked_over_http_and_https(
    peers: Any, http_answer: Answering, name_server: Any, free_port: int
) -> None:
    name_server.zone[NAME, "A"] = name_server.zone[OTHER, "A"] = ["127.0.0.1"]
    port = await peers.https(lambda _: http_answer(200, HTML))
    plain = await peers.http(lambda _: http_answer(301, f"Location: https://{NAME}:{port}/"))
    website = site(port, plain, address=None)
    other = (await seen(website, declared(port), resolver=name_server.resolver)).other
    assert isinstance(other, OtherName)
    assert isinstance(other.plain, Answered)
    assert other.plain.first.leads_to_https
    assert isinstance(other.https, Answered)
    assert f"Host: {OTHER}:{port}".encode() in b"".join(peers.requests)


async def test_what_the_other_name_does_not_answer_is_told(
    peers: Any, http_answer: Answering, name_server: Any
) -> None:
    name_server.zone[NAME, "A"], name_server.zone[OTHER, "A"] = ["127.0.0.1"], ["127.0.0.2"]
    port = await peers.https(lambda _: http_answer(200, HTML))
    facts = await seen(site(port, peers.closed(), address=None), declared(port), resolver=name_server.resolver)
    assert isinstance(facts.other, OtherName)
    assert isinstance(facts.other.https, Refused)
    assert isinstance(facts.other.plain, Refused | Unseen)


async def test_no_packet_goes_to_a_private_address_of_another_name_that_nobody_declared(
    peers: Any, http_answer: Answering, name_server: Any
) -> None:
    name_server.zone[NAME, "A"], name_server.zone[OTHER, "A"] = ["127.0.0.1"], ["127.0.0.2"]
    port = await peers.https(lambda _: http_answer(200, HTML))
    await peers.https(lambda _: http_answer(200, HTML), host="127.0.0.2", port=port)
    website = site(port, address=None)
    facts = await seen(website, resolver=name_server.resolver)
    assert isinstance(facts.other, Unobserved)
    assert facts.other.cause is Cause.NOT_DECLARED
    excluded = await seen(website, declared(port), exclude=["127.0.0.2/32"], resolver=name_server.resolver)
    assert isinstance(excluded.other, Unobserved)
    assert all(host == "127.0.0.1" for host, _ in peers.accepted)


async def test_another_name_that_does_not_exist_is_no_gap_and_one_that_nobody_answers_for_is(
    peers: Any, http_answer: Answering, name_server: Any
) -> None:
    name_server.zone[NAME, "A"] = ["127.0.0.1"]
    website = site(await peers.https(lambda _: http_answer(200, HTML)), address=None)
    facts = await seen(website, resolver=name_server.resolver)
    assert facts.other == OtherName(host=OTHER)
    name_server.silent.add(OTHER)
    facts = await seen(website, resolver=name_server.resolver, timeout=1)
    assert isinstance(facts.other, Unobserved)
    assert facts.other.cause is Cause.DNS


async def test_where_an_address_is_declared_no_other_name_is_looked_up(
    peers: Any, http_answer: Answering, name_server: Any
) -> None:
    facts = await seen(site(await peers.https(lambda _: http_answer(200))), resolver=name_server.resolver)
    assert facts.other is None
    assert name_server.asked == []


@pytest.mark.parametrize("location", ["https://user:secret@WWW.CITY.EXAMPLE:{port}/x", "//WWW.City.Example.:{port}/x"])
async def test_a_redirect_with_a_login_or_in_upper_case_stays_on_the_site(
    peers: Any, http_answer: Answering, location: str
) -> None:
    port = await peers.https(
        lambda request: (
            http_answer(200, HTML)
            if b"GET /x" in request
            else http_answer(302, f"Location: {location.format(port=port)}")
        )
    )
    (endpoint,) = (await seen(site(port))).https
    assert isinstance(endpoint, Answered)
    assert (endpoint.end, len(endpoint.hops)) == (ChainEnd.ANSWER, 2)
    assert b"uthorization" not in b"".join(peers.requests)
    assert b"secret" not in b"".join(peers.requests)


async def test_a_site_that_hides_in_the_preload_list_is_found_there(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(200))
    facts = await seen(Website(id="x", url=f"https://x.dev:{port}/", http_url=None, address="127.0.0.1"))
    assert facts.preload is not None
    assert facts.preload.entry == "dev"
