"""Fixtures that several parts of the tests share."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Registers what several tests share: in import mode importlib no module beside a test can be imported by its name.

    `peers.py` is `civicseal_peers`, `greeters.py` is `civicseal_greeters`, and so on; the folder `zoo` is
    `civicseal_zoo`.
    """
    here = Path(__file__).parent
    _load("civicseal_zoo", here / "zoo" / "__init__.py")
    plugins = {
        "civicseal_peers": here / "peers.py",
        "civicseal_name_server": here / "name_server.py",
        "civicseal_mail_server": here / "mail_server.py",
        "civicseal_greeters": here / "greeters.py",
        "civicseal_zoo.keeper": here / "zoo" / "keeper.py",
    }
    for name, path in plugins.items():
        config.pluginmanager.register(_load(name, path), name)


def _load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that skips has failed: what CI does not test, nobody tests."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture
def needs() -> Callable[[str], str]:
    """`needs("sshd")` gives the program's path; without it the test skips with the reason, and fails in CI."""

    def find(program: str) -> str:
        found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if found:
            return found
        message = f"{program} is not installed on this machine"
        if os.environ.get("CI"):
            pytest.fail(f"{message}, and CI must have it")
        pytest.skip(message)

    return find


@pytest.fixture(scope="session")
def make_certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`make_certificate("name", ...)` gives a PEM file with a key and its self-signed certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def make(*names: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = tmp_path_factory.mktemp("certificate") / "server.pem"
        path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
        return path

    return make
