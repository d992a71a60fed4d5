"""A whole scan among hostile peers: each ends as the contract says, none costs another, and nothing is a traceback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAD = """
version: 1
municipality: {name: "<script>alert(1)</script> Riverton"}
settings: {timeout: 2, asset_budget: 20}
vendors:
  - {id: acme, name: Acme Permits}
websites:
"""


def site(name: str, port: int, plain: int | None = None, host: str = "127.0.0.1") -> str:
    twin = "null" if plain is None else f"'http://{host}:{plain}/'"
    return f"  - {{id: {name}, url: 'https://{host}:{port}/', http_url: {twin}, address: 127.0.0.1}}\n"


@pytest.fixture
async def report(tmp_path: Path, peers: Any, http_answer: Callable[..., bytes], civicseal: Any) -> Any:
    """Scans a good site and many hostile ones; gives the findings by (asset, check)."""
    loop_port = await peers.https(lambda _: http_answer(302, "Location: /again"))
    private = await peers.https(lambda _: http_answer(302, "Location: https://169.254.169.254/latest/"))
    listing = [
        site("closed", peers.closed()),
        site("silent", await peers.silent()),
        site("garbage", await peers.saying(b"\x00\xff garbage\r\n" * 200)),
        site("hangs-up", await peers.closing()),
        site("resets", await peers.resetting()),
        site("plain-on-tls", await peers.http(lambda _: http_answer(200, body="hello"))),
        site("loop", loop_port),
        site("to-metadata", private),
        site("headers", await peers.https(lambda _: b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 10_000_000)),
        site("endless", await peers.https(lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000_000)),
        site("wall", await peers.https(lambda _: http_answer(403)), await peers.http(lambda _: http_answer(429))),
        site("escapes", await peers.https(lambda _: http_answer(200, "Server: \x1b[31m<script>alert(1)</script>"))),
        "  - {id: nowhere, url: 'https://nowhere.invalid/', http_url: null}\n",
    ]
    text = HEAD + "".join(listing)
    known = tmp_path / "known_hosts"
    known.write_text("")
    text += "hosts:\n"
    for name, port in (
        ("ssh-silent", await peers.silent()),
        ("ssh-garbage", await peers.saying(b"HTTP/1.1 400\r\n\r\n")),
    ):
        access = f"{{user: u, port: {port}, password: {{env: SSH_PASSWORD}}, known_hosts: known_hosts}}"
        text += f"  - {{id: {name}, address: 127.0.0.1, platform: linux, access: {access}}}\n"
    (tmp_path / "inventory.yaml").write_text(text, encoding="utf-8")
    done = await asyncio.to_thread(
        civicseal, "scan", "-o", "json=report.json", "-o", "html=page", SSH_PASSWORD="hunter2-canary"
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 3, done.stderr
    return json.loads((tmp_path / "report.json").read_text(encoding="utf-8")), done, tmp_path


EXPECTED = {
    ("closed", "https-served"): ("unknown", "unreachable"),
    ("closed", "certificate-expiry"): ("unknown", "unreachable"),
    ("silent", "https-served"): ("unknown", "timeout"),
    ("silent", "tls-versions"): ("unknown", "timeout"),
    ("garbage", "https-served"): ("unknown", "malformed"),
    ("hangs-up", "https-served"): ("unknown", "unreachable"),
    ("resets", "https-served"): ("unknown", "unreachable"),
    ("plain-on-tls", "https-served"): ("fail", None),
    ("plain-on-tls", "tls-versions"): ("not_applicable", None),
    ("plain-on-tls", "https-hsts"): ("not_applicable", None),
    ("loop", "https-served"): ("fail", None),
    ("to-metadata", "https-served"): ("pass", None),
    ("headers", "https-served"): ("unknown", "malformed"),
    ("endless", "https-served"): ("pass", None),
    ("wall", "https-served"): ("pass", None),
    ("wall", "https-enforced"): ("unknown", "rate_limited"),
    ("escapes", "https-served"): ("pass", None),
    ("nowhere", "https-served"): ("unknown", "dns"),
    ("nowhere", "certificate-trusted"): ("unknown", "dns"),
    ("ssh-silent", "disk-encrypted"): ("unknown", "timeout"),
    ("ssh-garbage", "disk-encrypted"): ("unknown", "malformed"),
    ("acme", "vendor-contract"): ("fail", None),
}


async def test_each_hostile_peer_ends_as_the_contract_says(report: Any) -> None:
    told, done, folder = report
    found = {(each["asset"], each["check"]): (each["status"], each["cause"]) for each in told["findings"]}
    assert {key: found.get(key) for key in EXPECTED} == EXPECTED
    assert told["run"]["complete"] is True
    assert not [each for each in told["findings"] if each["status"] == "error"]

    pages = "".join(path.read_text(encoding="utf-8") for path in (folder / "page").rglob("*.html"))
    everything = pages + done.stdout + done.stderr + json.dumps(told)
    assert "<script>alert" not in pages
    assert "\x1b" not in pages + done.stdout + done.stderr
    assert "hunter2-canary" not in everything
    assert b"hunter2-canary" not in (folder / ".civicseal" / "history.db").read_bytes()
