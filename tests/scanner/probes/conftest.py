"""What the tests of probes share: an S3 server of the whole session, and servers that misbehave on purpose."""

from __future__ import annotations

import logging
import os
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

ACCOUNT = "123456789012"  # the account that moto gives everybody


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No profile, key or region of the person who runs the tests, and no metadata service."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Moto's S3 server. Unlike AWS it makes buckets without encryption, block and ownership, and never redirects."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(moto_url: str) -> Any:
    """A client that may do everything, to plant buckets with. Moto starts empty for each test."""
    return _fresh(moto_url, "s3")


@pytest.fixture
def iam(moto_url: str, s3: Any) -> Any:
    """A client that may do everything, to make users with."""
    return _client(moto_url, "iam")


@pytest.fixture
def s3control(moto_url: str, s3: Any) -> Any:
    """A client for the settings of whole accounts, without the account before the host, which is no name here."""
    client = _client(moto_url, "s3control")

    def without_account(request: Any, **_: object) -> None:
        request.url = request.url.replace(f"//{ACCOUNT}.", "//")

    client.meta.events.register_first("before-sign.s3-control", without_account)
    return client


def _fresh(url: str, service: str) -> Any:
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST"), timeout=10).close()
    return _client(url, service)


def _client(url: str, service: str) -> Any:
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "setup", "aws_secret_access_key": "setup"}
    return boto3.session.Session(region_name="us-east-1").client(service, endpoint_url=url, config=config, **keys)  # type: ignore[call-overload]


@pytest.fixture
def strict_moto(moto_url: str) -> Callable[[], Any]:
    """Gives a context in which moto checks keys, signatures and permissions as AWS does."""

    @contextmanager
    def strict() -> Iterator[None]:
        _after(moto_url, "0")
        try:
            yield
        finally:
            _after(moto_url, "100000000")

    return strict


def _after(url: str, calls: str) -> None:
    request = urllib.request.Request(f"{url}/moto-api/reset-auth", data=calls.encode(), method="POST")
    request.add_header("Content-Type", "text/plain")
    urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture
def transports(tmp_path: Path) -> Callable[..., Transports]:
    """Makes what a run's probes share, with short timeouts."""

    def make(*, timeout: float = 1.0, authorization: Authorization | None = None) -> Transports:
        inventory = Inventory(
            path=tmp_path / "inventory.yaml",
            sha256="",
            municipality=Municipality(name="Riverton"),
            authorization=authorization,
            settings=Settings(timeout=timeout),
        )
        return Transports(inventory=inventory, addresses=Addresses(inventory), tls=TlsWorkers())

    return make


Answering = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def web_server() -> Iterator[Callable[..., str]]:
    """Starts HTTP servers that answer GET and HEAD with a given function; gives their URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answering, *, wrap: Callable[[socket.socket], socket.socket] | None = None) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if wrap is not None:
            server.socket = wrap(server.socket)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up are expected
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"{'https' if wrap else 'http'}://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def raw_server(raw: Callable[..., int]) -> Callable[[Callable[[socket.socket], None]], str]:
    """Starts TCP servers that do with each connection what a given function does; gives their URL."""
    return lambda behave: f"http://127.0.0.1:{raw(behave)}"
