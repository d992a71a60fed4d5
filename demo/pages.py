"""What the demo city's web servers answer: pure functions from a request's head to a whole HTTP/1.1 response."""

from __future__ import annotations

from demo.layout import MTA_STS_POLICY, Site

HEAD_LIMIT = 16 * 1024
HSTS = "max-age=63072000; includeSubDomains"
POLICY_PATH = "/.well-known/mta-sts.txt"  # RFC 8461, section 3.3

_HTML = "text/html; charset=utf-8"
_REASONS = {
    200: "OK",
    301: "Moved Permanently",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>City of Riverton: {id}</title>
<h1>City of Riverton</h1><p>{id}: a page of the civicseal demo city.</p>{embeds}</html>
"""


def _response(status: int, body: str, method: str, *headers: str, kind: str = _HTML) -> bytes:
    content = body.encode()
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        f"Content-Type: {kind}",
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
    headers = _headers(site) if secure else ()
    if method not in ("GET", "HEAD"):
        return _response(405, "", method, "Allow: GET, HEAD", *headers)
    if not secure and site.redirects:
        path = target.lstrip("/") if target.startswith("/") else ""
        return _response(301, "", method, f"Location: {site.url}{path}")
    if target.startswith("/.well-known/"):
        return _well_known(site, target, method, headers)
    return _response(200, _PAGE.format(id=site.id, embeds=site.embeds), method, *headers)


def _headers(site: Site) -> tuple[str, ...]:
    """What only an https answer carries."""
    hsts = (f"Strict-Transport-Security: {HSTS}",) if site.hsts else ()
    return hsts if site.cookie is None else (*hsts, f"Set-Cookie: {site.cookie}")


def _well_known(site: Site, target: str, method: str, headers: tuple[str, ...]) -> bytes:
    """The mail policy at the one site that has it; nothing else is there."""
    if site.id == "mta-sts" and target == POLICY_PATH:
        return _response(200, MTA_STS_POLICY, method, *headers, kind="text/plain")
    return _response(404, "", method, *headers)
