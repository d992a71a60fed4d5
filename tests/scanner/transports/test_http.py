"""One GET, at peers that behave and at those that do not. Every peer is a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from scanner import __version__
from scanner.model.unobserved import Cause
from scanner.transports.http import LONGEST_URL, Answer, NoAnswer, Stage, get

STEP = 0.4


async def ask(url: str, address: str = "127.0.0.1", step: float = STEP) -> Answer | NoAnswer:
    return await asyncio.wait_for(get(url, address, step), 20)


async def missing(url: str, step: float = STEP) -> tuple[Stage, Cause]:
    answer = await ask(url, step=step)
    assert isinstance(answer, NoAnswer), answer
    assert "127.0.0.1" in answer.gap.detail
    return answer.stage, answer.gap.cause


async def answered(url: str, step: float = 5) -> Answer:
    answer = await ask(url, step=step)
    assert isinstance(answer, Answer), answer
    return answer


async def test_asks_one_address_under_the_names_of_the_url(peers: Any, http_answer: Callable[..., bytes]) -> None:
    port = await peers.https(lambda _: http_answer(204, "X-A: 1", "X-A: 2"))
    answer = await answered(f"https://www.city.example:{port}/path?q=1#part")
    head = peers.requests[0].decode()
    assert head.startswith("GET /path?q=1 HTTP/1.1\r\n")
    assert f"Host: www.city.example:{port}\r\n" in head
    assert f"User-Agent: civicseal/{__version__} (+security scan of the city's own services)\r\n" in head
    assert peers.server_names == ["www.city.example"]
    assert (answer.status, answer.values("x-a"), answer.tls_version) == (204, ("1", "2"), "TLSv1.3")
    assert len(answer.digest) == 64


async def test_user_name_password_and_cookies_are_never_sent(peers: Any, http_answer: Callable[..., bytes]) -> None:
    port = await peers.http(lambda _: http_answer(200, "Set-Cookie: a=b"))
    for _ in range(2):
        await answered(f"http://clerk:secret@www.city.example:{port}/")
    for head in peers.requests:
        assert b"uthorization" not in head
        assert b"ookie" not in head
        assert b"clerk" not in head


async def test_an_address_literal_is_asked_without_a_server_name(peers: Any, http_answer: Callable[..., bytes]) -> None:
    port = await peers.https(lambda _: http_answer())
    await answered(f"https://127.0.0.1:{port}/")
    assert peers.server_names == [None]
    assert f"Host: 127.0.0.1:{port}".encode() in peers.requests[0]


async def test_an_international_name_is_asked_in_its_ascii_form(peers: Any, http_answer: Callable[..., bytes]) -> None:
    port = await peers.https(lambda _: http_answer())
    await answered(f"https://bücher.example:{port}/")
    assert peers.server_names == ["xn--bcher-kva.example"]
    assert b"Host: xn--bcher-kva.example" in peers.requests[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_old_tls_with_a_weak_suite_still_counts_as_an_answer(
    peers: Any, http_answer: Callable[..., bytes]
) -> None:
    old = peers.tls()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    port = await peers.https(lambda _: http_answer(), tls=old)
    assert (await answered(f"https://www.city.example:{port}/")).tls_version == "TLSv1"


async def test_what_a_peer_sends_is_harmless_and_bounded(peers: Any, http_answer: Callable[..., bytes]) -> None:
    lines = ["X-Escape: a\x1b[31mb", "X-Long: " + "y" * 50_000, *(f"X-{i}: v" for i in range(3000))]
    port = await peers.http(lambda _: http_answer(200, *lines))
    answer = await answered(f"http://www.city.example:{port}/")
    assert answer.values("x-escape") == ("a\ufffd[31mb",)
    assert len(answer.values("x-long")[0]) == LONGEST_URL
    assert len(answer.headers) == 200


async def test_an_endless_body_is_never_read(peers: Any) -> None:
    port = await peers.saying(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, endless=True)
    tracemalloc.start()
    assert (await answered(f"http://www.city.example:{port}/")).status == 200
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


async def test_a_gzip_bomb_is_not_unpacked(peers: Any) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    port = await peers.saying(head + bomb)
    tracemalloc.start()
    assert (await answered(f"http://www.city.example:{port}/")).status == 200
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


async def test_ten_megabytes_of_headers_are_cut_off_early(peers: Any) -> None:
    line = b"X-Header: " + b"y" * 1000 + b"\r\n"
    port = await peers.saying(b"HTTP/1.1 200 OK\r\n", *[line * 100] * 100)
    tracemalloc.start()
    assert await missing(f"http://www.city.example:{port}/", step=5) == (Stage.ANSWER, Cause.MALFORMED)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


async def test_headers_that_drip_for_ever_end_as_a_timeout(peers: Any) -> None:
    port = await peers.saying(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.05, endless=True)
    assert await missing(f"http://www.city.example:{port}/", step=0.3) == (Stage.ANSWER, Cause.TIMEOUT)


async def test_interim_answers_without_end_end_as_a_timeout(peers: Any) -> None:
    port = await peers.saying(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.02, endless=True)
    assert await missing(f"http://www.city.example:{port}/", step=0.3) == (Stage.ANSWER, Cause.TIMEOUT)


async def test_a_closed_port_is_refused(peers: Any) -> None:
    port = peers.closed()
    for scheme in ("http", "https"):
        assert await missing(f"{scheme}://www.city.example:{port}/") == (Stage.REFUSED, Cause.UNREACHABLE)


async def test_silence_is_a_timeout(peers: Any) -> None:
    port = await peers.silent()
    assert await missing(f"http://www.city.example:{port}/") == (Stage.ANSWER, Cause.TIMEOUT)
    assert await missing(f"https://www.city.example:{port}/") == (Stage.SILENT, Cause.TIMEOUT)


async def test_hanging_up_at_once_is_unreachable(peers: Any) -> None:
    port = await peers.closing()
    assert await missing(f"http://www.city.example:{port}/", 5) == (Stage.ANSWER, Cause.UNREACHABLE)
    assert await missing(f"https://www.city.example:{port}/", 5) == (Stage.SILENT, Cause.UNREACHABLE)


async def test_a_reset_in_the_handshake_is_unreachable(peers: Any) -> None:
    port = await peers.resetting()
    assert await missing(f"https://www.city.example:{port}/", 5) == (Stage.SILENT, Cause.UNREACHABLE)
    assert await missing(f"http://www.city.example:{port}/", 5) == (Stage.ANSWER, Cause.UNREACHABLE)


async def test_garbage_is_malformed(peers: Any) -> None:
    port = await peers.saying(b"SSH-2.0-OpenSSH_9.7\r\n\x1b[31m\r\n\r\n")
    assert await missing(f"http://www.city.example:{port}/", 5) == (Stage.ANSWER, Cause.MALFORMED)
    assert await missing(f"https://www.city.example:{port}/", 5) == (Stage.NOT_TLS, Cause.MALFORMED)
    answer = await ask(f"http://www.city.example:{port}/", step=5)
    assert isinstance(answer, NoAnswer)
    assert "\x1b" not in answer.gap.detail


HALF_ANSWERS = [b"SSH-2.0-foo\r\n", b"220 mail ready\r\n", b"HTTP/1.1 200", b"\x00\xff\xfe\x01", b"H"]


@pytest.mark.parametrize("said", HALF_ANSWERS)
@pytest.mark.parametrize("secured", [False, True])
async def test_any_byte_before_the_end_is_a_malformed_answer(said: bytes, secured: bool, peers: Any) -> None:
    port = await peers.saying(said, tls=peers.tls() if secured else None)
    scheme = "https" if secured else "http"
    assert await missing(f"{scheme}://www.city.example:{port}/", 5) == (Stage.ANSWER, Cause.MALFORMED)


async def test_garbage_behind_tls_is_malformed(peers: Any) -> None:
    port = await peers.saying(b"\x00\x01\x02 what\r\n\r\n", tls=peers.tls())
    assert await missing(f"https://www.city.example:{port}/", 5) == (Stage.ANSWER, Cause.MALFORMED)


@pytest.mark.parametrize("alert", [40, 70, 71, 80, 86, 120])
async def test_a_tls_alert_is_a_peer_that_we_cannot_ask(peers: Any, alert: int) -> None:
    port = await peers.saying(bytes([21, 3, 1, 0, 2, 2, alert]))
    assert await missing(f"https://www.city.example:{port}/", 5) == (Stage.TLS, Cause.UNSUPPORTED)


async def test_a_name_that_is_not_served_is_told(peers: Any) -> None:
    port = await peers.saying(bytes([21, 3, 1, 0, 2, 2, 112]))
    answer = await ask(f"https://www.city.example:{port}/", step=5)
    assert isinstance(answer, NoAnswer)
    assert (answer.stage, answer.gap.cause) == (Stage.NAME, Cause.UNSUPPORTED)
    assert "does not serve the name www.city.example over TLS" in answer.gap.detail


@pytest.mark.parametrize("length", [5, 6, 20, 51])
async def test_a_hello_that_breaks_off_is_malformed(peers: Any, length: int) -> None:
    hello = bytes([22, 3, 3, 0, 46, 2, 0, 0, 42, 3, 3]) + bytes(33) + bytes([0xC0, 0x2F, 0, 0, 0, 0, 0])
    port = await peers.saying(hello[:length])
    assert await missing(f"https://www.city.example:{port}/", 5) == (Stage.TLS, Cause.MALFORMED)


async def test_a_number_of_an_alert_that_nobody_knows_leaves_no_empty_word(peers: Any) -> None:
    answer = await ask(f"https://www.city.example:{await peers.saying(bytes([21, 3, 3, 0, 2, 2, 200]))}/", step=5)
    assert isinstance(answer, NoAnswer)
    assert "()" not in answer.gap.detail
    assert " )" not in answer.gap.detail


async def test_an_sslv3_hello_is_a_peer_that_we_cannot_ask(peers: Any) -> None:
    hello = bytes([2, 0, 0, 38, 3, 0]) + bytes(32) + bytes([0, 0, 0x35, 0])
    port = await peers.saying(bytes([22, 3, 0, 0, len(hello)]) + hello)
    assert await missing(f"https://www.city.example:{port}/", 5) == (Stage.TLS, Cause.UNSUPPORTED)


async def test_broken_tls_is_malformed(peers: Any) -> None:
    port = await peers.saying(bytes([22, 3, 3, 0, 4, 99, 0, 0, 0]))
    stage, cause = await missing(f"https://www.city.example:{port}/", 5)
    assert (stage, cause) == (Stage.TLS, Cause.MALFORMED)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_demanded_client_certificate_is_denied(
    peers: Any, http_answer: Callable[..., bytes], newest: ssl.TLSVersion
) -> None:
    strict = peers.tls()
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.load_verify_locations(peers.certificate)
    strict.maximum_version = newest
    port = await peers.https(lambda _: http_answer(), tls=strict)
    stage, cause = await missing(f"https://www.city.example:{port}/", 5)
    assert cause is Cause.DENIED
    assert stage in {Stage.TLS, Stage.ANSWER}


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_an_alert_for_want_of_a_client_certificate_is_denied(peers: Any, newest: ssl.TLSVersion) -> None:
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.load_cert_chain(peers.certificate)
    strict.load_verify_locations(peers.certificate)
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.maximum_version = newest

    def serve_once(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.settimeout(5)
        with contextlib.suppress(OSError), connection:
            strict.wrap_socket(connection, server_side=True).recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        serving = asyncio.create_task(asyncio.to_thread(serve_once, listener))
        _, cause = await missing(f"https://www.city.example:{listener.getsockname()[1]}/", 5)
        await serving
    assert cause is Cause.DENIED


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "ftp://www.city.example/",
        "https://a" + "b" * 64 + ".example/",
        "https://www..example/",
        "http://[::1/",
        "http://www.city.example:99999/",
        "http://www.city.example/" + "a" * 5000,
        "http://exa\x00mple/",
        "",
    ],
)
async def test_a_url_that_is_none_is_malformed_and_sends_nothing(url: str) -> None:
    answer = await ask(url)
    assert isinstance(answer, NoAnswer)
    assert (answer.stage, answer.gap.cause) == (Stage.CONNECT, Cause.MALFORMED)


async def test_an_ipv6_address_is_asked(peers: Any, http_answer: Callable[..., bytes]) -> None:
    try:
        port = await peers.http(lambda _: http_answer(), host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    answer = await ask(f"http://[::1]:{port}/", "::1", 5)
    assert isinstance(answer, Answer)
    assert f"Host: [::1]:{port}".encode() in peers.requests[0]
