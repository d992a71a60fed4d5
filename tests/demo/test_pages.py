import pytest

from demo.layout import Site
from demo.pages import answer

SITE = Site(id="town", host="town.riverton.example", port=17499, http_port=17498)


def test_a_redirect_keeps_the_path_and_stays_with_the_site() -> None:
    reply = answer(SITE, b"GET /a/b?c HTTP/1.1\r\n\r\n", secure=False)
    assert b"\r\nLocation: https://town.riverton.example:17499/a/b?c\r\n" in reply


@pytest.mark.parametrize("target", [b"//evil.example/", b"https://evil.example/", b"*"])
def test_no_request_can_send_a_visitor_elsewhere(target: bytes) -> None:
    reply = answer(SITE, b"GET " + target + b" HTTP/1.1\r\n\r\n", secure=False)
    assert b"\r\nLocation: https://town.riverton.example:17499/" in reply


@pytest.mark.parametrize(
    "head",
    [b"", b"GET /", b"GET / SPDY/3\r\n\r\n", b"GET /\nSet-Cookie:a HTTP/1.1\r\n\r\n", b"\xff\0 / HTTP/1.1\r\n\r\n"],
)
def test_what_is_no_request_is_a_bad_request(head: bytes) -> None:
    assert answer(SITE, head, secure=True).startswith(b"HTTP/1.1 400 ")


def test_the_length_of_the_body_is_said_and_sent() -> None:
    head, body = answer(SITE, b"GET / HTTP/1.1\r\n\r\n", secure=True).split(b"\r\n\r\n", 1)
    assert f"Content-Length: {len(body)}".encode() in head
