"""What the demo city's web servers answer: pure functions from a request's head to a whole HTTP/1.1 response."""

from __future__ import annotations

from demo.layout import Site

HEAD_LIMIT = 16 * 1024
HSTS = "max-age=63072000; includeSubDomains"

_REASONS = {200: "OK", 301: "Moved Permanently", 400: "Bad Request", 405: "Method Not Allowed"}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>City of Riverton: {id}</title>
<h1>City of Riverton</h1><p>{id}: a page of the civicseal demo city.</p></html>
"""


def _response(status: int, body: str, method: str, *headers: str) -> bytes:
    content = body.encode()
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + (b"" if method == "HEAD" else content)


def answer(site: Site, head: bytes, *, secure: bool) -> bytes:
    """The response to a request whose head (request line and headers) is given.

    Args:
        secure: whether the request came over TLS.
    """
    line = head.split(b"\r\n", 1)[0].decode("latin-1")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not line.isprintable():
        return _response(400, "", "GET")
    method, target, _ = words
    headers = (f"Strict-Transport-Security: {HSTS}",) if secure and site.hsts else ()
    if method not in ("GET", "HEAD"):
        return _response(405, "", method, "Allow: GET, HEAD", *headers)
    if not secure and site.redirects:
        path = target.lstrip("/") if target.startswith("/") else ""
        return _response(301, "", method, f"Location: {site.url}{path}")
    return _response(200, _PAGE.format(id=site.id), method, *headers)
