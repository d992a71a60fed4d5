"""A whole scan of services: what each listener says becomes the verdict that the contract wants."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from civicseal_greeters import UNWILLING, WILLING, Turn

NAME = "mx.city.example"
HEAD = """
version: 1
municipality: {name: Riverton}
settings: {timeout: 2, asset_budget: 20}
services:
"""


def service(name: str, port: int, starttls: str | None = None, **more: str) -> str:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    told = f", starttls: {starttls}" if starttls else ""
    return f"  - {{id: {name}, address: '127.0.0.1:{port}', server_name: {NAME}{told}{extra}}}\n"


BOMB = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'cccc'><!ENTITY d '&b;&b;&b;&b;'>]><a>&d;</a>"


def pour(connection: socket.socket, data: bytes) -> None:
    for _ in range(10_000_000 // len(data)):
        connection.sendall(data)


def drip(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"+")
        time.sleep(0.2)


@pytest.fixture
async def report(
    tmp_path: Path,
    civicseal: Any,
    greeter: Callable[..., int],
    raw: Callable[..., int],
    tls_server: Any,
    peers: Any,
    http_answer: Callable[..., bytes],
    issue: Any,
) -> dict[tuple[str, str], dict[str, Any]]:
    """Scans listeners of every sort; gives the findings by (asset, check)."""
    ca = issue(ca=True)
    leaf = issue(NAME, issuer=ca)
    (tmp_path / "ca.pem").write_text(ca.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*leaf.files(tmp_path))
    context.set_ecdh_curve("prime256v1")
    busy = [Turn(b"", b"421 4.7.0 too many connections\r\n")]
    listing = [
        service("smtp-good", greeter(WILLING["smtp"], context), "smtp", ca_bundle="ca.pem"),
        service("smtp-plain", greeter(UNWILLING["smtp"]), "smtp"),
        service("smtp-busy", greeter(busy), "smtp"),
        service("postgres-good", greeter(WILLING["postgres"], context), "postgres", ca_bundle="ca.pem"),
        service("postgres-plain", greeter(UNWILLING["postgres"]), "postgres"),
        service("ldaps", await tls_server(leaf), ca_bundle="ca.pem"),
        service("silent", await peers.silent()),
        service("endless", raw(lambda connection: pour(connection, b"220-and on\r\n" * 5000)), "smtp"),
        service("long-line", raw(lambda connection: pour(connection, b"x" * 65_536)), "imap"),
        service("drips", raw(drip), "pop3"),
        service("ber-bomb", greeter([Turn(b"..*", b"\x30\x84\xff\xff\xff\xff")]), "ldap"),
        service("xml-bomb", greeter([Turn(b"..*", BOMB)]), "xmpp"),
        service("injects", greeter([*WILLING["ftp"][:-1], Turn(b"AUTH TLS\r\n", b"234 go\r\n230 in\r\n")]), "ftp"),
        service("plain-web", await peers.http(lambda _: http_answer(200, body="hello"))),
    ]
    (tmp_path / "inventory.yaml").write_text(HEAD + "".join(listing), encoding="utf-8")
    done = await asyncio.to_thread(civicseal, "scan", "-o", "json=report.json")
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 3, done.stderr
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    return {(each["asset"], each["check"]): each for each in told["findings"] if each["subject"] is None}


EXPECTED = {
    ("smtp-good", "tls-served"): ("pass", None),
    ("smtp-good", "tls-versions"): ("pass", None),
    ("smtp-good", "certificate-trusted"): ("pass", None),
    ("smtp-good", "certificate-hostname"): ("pass", None),
    ("smtp-good", "certificate-expiry"): ("pass", None),
    ("smtp-plain", "tls-served"): ("fail", None),
    ("smtp-plain", "tls-versions"): ("not_applicable", None),
    ("smtp-plain", "certificate-expiry"): ("not_applicable", None),
    ("smtp-busy", "tls-served"): ("unknown", "rate_limited"),
    ("smtp-busy", "tls-versions"): ("unknown", "rate_limited"),
    ("smtp-busy", "certificate-expiry"): ("unknown", "rate_limited"),
    ("postgres-good", "tls-served"): ("pass", None),
    ("postgres-good", "certificate-hostname"): ("pass", None),
    ("postgres-plain", "tls-served"): ("fail", None),
    ("postgres-plain", "certificate-trusted"): ("not_applicable", None),
    ("ldaps", "tls-served"): ("pass", None),
    ("ldaps", "certificate-trusted"): ("pass", None),
    ("endless", "tls-served"): ("unknown", "malformed"),
    ("long-line", "tls-served"): ("unknown", "malformed"),
    ("drips", "tls-served"): ("unknown", "timeout"),
    ("ber-bomb", "tls-served"): ("unknown", "malformed"),
    ("ber-bomb", "tls-versions"): ("unknown", "malformed"),
    ("xml-bomb", "tls-served"): ("unknown", "malformed"),
    ("injects", "tls-served"): ("unknown", "malformed"),
    ("plain-web", "tls-served"): ("fail", None),
    ("plain-web", "tls-ciphers"): ("not_applicable", None),
    ("silent", "tls-served"): ("unknown", "timeout"),
    ("silent", "tls-versions"): ("unknown", "timeout"),
}


async def test_every_listener_ends_as_the_contract_says(report: dict[tuple[str, str], dict[str, Any]]) -> None:
    found = {key: (report[key]["status"], report[key]["cause"]) for key in EXPECTED}
    assert found == EXPECTED


async def test_the_evidence_tells_what_was_said(report: dict[tuple[str, str], dict[str, Any]]) -> None:
    (plain,) = report["smtp-plain", "tls-served"]["evidence"]
    assert "STARTTLS" in plain["value"]
    assert "127.0.0.1" in report["smtp-busy", "tls-served"]["reason"]
