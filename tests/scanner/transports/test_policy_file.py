"""A policy file over verified HTTPS, from real servers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.policy_file import LONGEST, Fetched, fetch

HOST = "mta-sts.city.example"


@pytest.fixture
def authority(issue: Callable[..., Any]) -> Any:
    return issue(ca=True)


@pytest.fixture
def context(issue: Callable[..., Any], authority: Any, tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    def make(name: str = HOST, **how: Any) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*issue(name, issuer=how.pop("issuer", authority), **how).files(tmp_path))
        return made

    return make


async def get(port: int, bundle: str | None, step: float = 2.0) -> Fetched | Unobserved:
    url = f"https://{HOST}:{port}/.well-known/mta-sts.txt"
    return await asyncio.wait_for(fetch(url, "127.0.0.1", step=step, ca_bundle=bundle), 30)


async def test_a_file_is_fetched_with_its_type(
    peers: Any, http_answer: Any, authority: Any, context: Callable[..., ssl.SSLContext]
) -> None:
    answer = http_answer(200, "Content-Type: Text/Plain; charset=utf-8", body="version: STSv1\n")
    port = await peers.https(lambda _: answer, tls=context())
    expected = Fetched(status=200, content_type="text/plain", body="version: STSv1\n", is_whole=True)
    assert await get(port, authority.pem) == expected
    assert b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n" in peers.requests[0]
    assert f"host: {HOST}:{port}\r\n".encode() in peers.requests[0].lower()


async def test_a_bundle_may_hold_text_and_must_hold_certificates(
    peers: Any, http_answer: Any, authority: Any, context: Callable[..., ssl.SSLContext]
) -> None:
    port = await peers.https(lambda _: http_answer(200), tls=context())
    assert isinstance(await get(port, f"die Stadt für alle \ufffd\n{authority.pem}\nEnde"), Fetched)
    for broken in ("", "no certificate", authority.pem.replace("M", "?")):
        found = await get(port, broken)
        assert isinstance(found, Unobserved)
        assert found.cause is Cause.NOT_DECLARED


async def test_redirects_are_not_followed(
    peers: Any, http_answer: Any, authority: Any, context: Callable[..., ssl.SSLContext]
) -> None:
    port = await peers.https(lambda _: http_answer(301, "Location: /else"), tls=context())
    found = await get(port, authority.pem)
    assert isinstance(found, Fetched)
    assert found.status == 301
    assert len(peers.requests) == 1


@pytest.mark.parametrize(
    "how", [{"name": "else.example"}, {"start": timedelta(days=-9), "end": timedelta(days=-1)}, {"issuer": None}]
)
async def test_a_certificate_that_is_not_valid_ends_it_before_anything_is_sent(
    peers: Any, http_answer: Any, authority: Any, context: Callable[..., ssl.SSLContext], how: dict[str, Any]
) -> None:
    port = await peers.https(lambda _: http_answer(200), tls=context(**how))
    found = await get(port, authority.pem)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.HOST_KEY
    assert peers.requests == []


async def test_without_a_bundle_only_public_authorities_are_trusted(
    peers: Any, http_answer: Any, context: Callable[..., ssl.SSLContext]
) -> None:
    port = await peers.https(lambda _: http_answer(200), tls=context())
    found = await get(port, None)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.HOST_KEY


async def test_a_file_that_is_too_long_is_cut(
    peers: Any, http_answer: Any, authority: Any, context: Callable[..., ssl.SSLContext]
) -> None:
    port = await peers.https(lambda _: http_answer(200, body="x" * 300_000), tls=context())
    found = await get(port, authority.pem)
    assert isinstance(found, Fetched)
    assert (found.is_whole, len(found.body)) == (False, LONGEST)


async def test_hostile_peers_are_gaps_in_time(
    peers: Any, authority: Any, context: Callable[..., ssl.SSLContext]
) -> None:
    tls = context()
    cases = [
        (await peers.closing(), {Cause.UNREACHABLE}),
        (await peers.silent(), {Cause.TIMEOUT}),
        (peers.closed(), {Cause.UNREACHABLE}),
        (await peers.saying(b"HTTP/1.1 200 OK\r\nX: ", b"y", pause=0.05, endless=True, tls=tls), {Cause.TIMEOUT}),
        (await peers.saying(b"SSH-2.0-x\r\n", tls=tls), {Cause.MALFORMED}),
        (await peers.saying(b"SSH-2.0-x\r\n"), {Cause.MALFORMED}),
    ]
    for port, causes in cases:
        found = await get(port, authority.pem, step=0.5)
        assert isinstance(found, Unobserved), found
        assert found.cause in causes, found
