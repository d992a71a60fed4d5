"""Connections that are kept for a next request, and those that are not; every peer is a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from scanner.transports.http import LARGEST_BODY, USER_AGENT, Answer, Kept, get

SHORT = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 5\r\n\r\nmoved"
OPEN = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"


@pytest_asyncio.fixture
async def kept() -> AsyncIterator[Kept]:
    held = Kept()
    yield held
    await held.close()


async def ask(kept: Kept, port: int, *, scheme: str = "http", reads: bool = False, step: float = 5) -> Answer:
    url = f"{scheme}://www.city.example:{port}/"
    answer = await asyncio.wait_for(get(url, "127.0.0.1", step, kept=kept, reads=lambda _: reads), 20)
    assert isinstance(answer, Answer), answer
    return answer


async def in_turn(peers: Any, *replies: bytes, **given: Any) -> int:
    """Answers the requests of each connection one after the other, and hangs up when asked once more."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in replies:
            peers.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(reply)
            await writer.drain()
        await reader.readuntil(b"\r\n\r\n")

    return await peers.serve(handle, **given)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("reads", [False, True])
async def test_the_next_request_goes_over_the_same_connection(peers: Any, kept: Kept, scheme: str, reads: bool) -> None:
    port = await in_turn(peers, *[SHORT] * 3, tls=peers.tls() if scheme == "https" else None)
    answers = [await ask(kept, port, scheme=scheme, reads=reads) for _ in range(3)]
    assert len(peers.accepted) == 1
    assert {each.status for each in answers} == {302}
    assert {each.tls_version for each in answers} == {"TLSv1.3" if scheme == "https" else None}
    assert [each.body.content for each in answers if each.body] == [b"moved"] * 3 * reads


async def test_another_name_gets_a_connection_of_its_own(peers: Any, kept: Kept) -> None:
    port = await in_turn(peers, SHORT, SHORT, tls=peers.tls())
    for name in ("www.city.example", "city.example", "www.city.example"):
        await get(f"https://{name}:{port}/", "127.0.0.1", 5, kept=kept)
    assert peers.server_names == ["www.city.example", "city.example"]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_peer_that_gave_the_connection_up_is_asked_anew(peers: Any, kept: Kept, scheme: str) -> None:
    port = await in_turn(peers, SHORT, tls=peers.tls() if scheme == "https" else None)
    for _ in range(3):
        await ask(kept, port, scheme=scheme)
    assert len(peers.accepted) == 3


@pytest.mark.parametrize("reads", [False, True])
async def test_a_body_without_end_costs_the_connection(peers: Any, kept: Kept, reads: bool) -> None:
    port = await peers.saying(b"HTTP/1.1 302 Found\r\n\r\n", b"x" * 65536, endless=True)
    for _ in range(2):
        answer = await ask(kept, port, reads=reads)
        assert (answer.body is not None and len(answer.body.content) == LARGEST_BODY) is reads
    assert len(peers.accepted) == 2


async def test_a_body_that_stops_is_a_gap_and_the_next_request_goes_through(peers: Any, kept: Kept) -> None:
    port = await in_turn(peers, OPEN + b"half")
    for _ in range(2):
        body = (await ask(kept, port, reads=True, step=0.3)).body
        assert body is not None
        assert body.content == b"half"
        assert body.gap is not None
    assert len(peers.accepted) == 2


async def test_a_request_that_is_given_up_leaves_no_connection_behind(peers: Any, kept: Kept) -> None:
    ended, reached = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        try:
            while await reader.read(4096):
                continue
        finally:
            ended.set()

    port = await peers.serve(handle)
    for scheme in ("http", "https"):
        asking = asyncio.create_task(ask(kept, port, scheme=scheme))
        await asyncio.wait_for(reached.wait(), 10)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asyncio.wait_for(ended.wait(), 10)
        reached.clear()
        ended.clear()


async def test_the_request_says_no_more_than_it_must(peers: Any, kept: Kept) -> None:
    port = await in_turn(peers, SHORT)
    await ask(kept, port)
    lines = [f"Host: www.city.example:{port}", f"User-Agent: {USER_AGENT}", "Accept: */*", "Accept-Encoding: identity"]
    assert peers.requests == ["\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode()]


async def test_no_alpn_is_offered(peers: Any, kept: Kept) -> None:
    chosen: list[str | None] = []
    tls = peers.tls()
    tls.set_alpn_protocols(["http/1.1"])

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chosen.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(SHORT)

    await ask(kept, await peers.serve(handle, tls=tls), scheme="https")
    assert chosen == [None]
