"""Websites whose TLS is so old that Python does not speak it any more, seen by the probe of web answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from scanner.model.asset import Website
from scanner.model.facts.http import Answered, ChainEnd, HttpFacts, Unseen
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.http import PROBE
from scanner.transports.shared import Transports

HOST = "site.example"
OK = b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=31536000\r\nContent-Length: 2\r\n\r\nhi"


async def ask(transports: Transports, port: int) -> HttpFacts | Unobserved:
    site = Website(id="www", url=f"https://{HOST}:{port}/", http_url=None, address="127.0.0.1")
    async with transports.tls:
        replies = await asyncio.wait_for(PROBE.run(site, transports), 60)
    outcome = replies[HttpFacts].outcome
    assert isinstance(outcome, HttpFacts | Unobserved)
    return outcome


async def answered(transports: Transports, port: int) -> Answered:
    facts = await ask(transports, port)
    assert isinstance(facts, HttpFacts), facts
    (endpoint,) = facts.https
    assert isinstance(endpoint, Answered), endpoint
    return endpoint


@pytest.mark.parametrize(
    ("version", "ciphers", "name"),
    [
        ((3, 0), (), "SSLv3"),
        ((3, 1), ("rc4",), "TLSv1"),
        ((3, 3), ("rc4",), "TLSv1.2"),
        ((3, 1), ("3des",), "TLSv1"),
        ((3, 3), ("3des",), "TLSv1.2"),
    ],
)
async def test_a_site_with_old_tls_alone_answers(
    transports: Callable[..., Transports], old_server, issue, version, ciphers, name
) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), version, ciphers=ciphers, reply=(OK,))
    endpoint = await answered(transports(timeout=3), port)
    assert (endpoint.first.status, endpoint.first.tls_version) == (200, name)
    assert endpoint.first.hsts == ("max-age=31536000",)
    assert endpoint.end is ChainEnd.ANSWER
    assert isinstance(endpoint.page, Unobserved)


async def test_an_answer_in_many_records_is_read_to_the_end_of_its_head(transports, old_server, issue) -> None:
    pieces = tuple(OK[place : place + 7] for place in range(0, len(OK), 7))
    port = old_server(issue(HOST, rsa_bits=2048), (3, 0), reply=pieces)
    assert (await answered(transports(timeout=3), port)).first.hsts == ("max-age=31536000",)


async def test_a_redirect_is_kept_and_not_followed_over_old_tls(transports, old_server, issue) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nLocation: https://site.example/home\r\nContent-Length: 0\r\n\r\n"
    port = old_server(issue(HOST, rsa_bits=2048), (3, 0), reply=(moved,))
    endpoint = await answered(transports(timeout=3), port)
    assert endpoint.first.location == "https://site.example/home"
    assert (endpoint.further, endpoint.end) == ((), ChainEnd.GAP)
    assert endpoint.gap is not None
    assert endpoint.gap.cause is Cause.UNSUPPORTED


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ((b"220 mail.example ESMTP\r\n\r\n",), Cause.MALFORMED),
        ((b"HTTP/1.1 200 OK\r\nX: y\r\n",), Cause.MALFORMED),
        ((b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"y" * 8000 + b"\r\n"] * 20), Cause.MALFORMED),
        ((b"",), Cause.UNREACHABLE),
    ],
)
async def test_what_is_no_http_over_old_tls_is_a_gap(transports, old_server, issue, reply: Any, cause: Cause) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), (3, 0), reply=reply)
    found = await ask(transports(timeout=3), port)
    assert isinstance(found, Unobserved)
    assert found.cause is cause, found


async def test_a_peer_that_refuses_every_version_stays_unsupported(transports, tls_peer) -> None:
    async def alerts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(bytes.fromhex("15030300020228"))

    found = await ask(transports(timeout=1), await tls_peer(alerts))
    assert isinstance(found, HttpFacts)
    (endpoint,) = found.https
    assert isinstance(endpoint, Unseen)
    assert (endpoint.declined, endpoint.gap.cause) == (True, Cause.UNSUPPORTED)


async def test_a_server_of_tls_1_3_that_knows_no_alpn_is_read(transports, old_server, issue) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), (3, 4), reply=(OK,))
    endpoint = await answered(transports(timeout=3), port)
    assert endpoint.first.tls_version == "TLSv1.3"
