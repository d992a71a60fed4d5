"""A folder with a city's inventory and the files that it names."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scanner.inventory import InventoryError, Problem, load
from scanner.model.inventory import Inventory

CHECKS = frozenset({"disk-encrypted", "https-hsts", "https-served"})
NAMED = (
    "scan-letter.pdf",
    "keys/scan",
    "known_hosts",
    "exports/intune.csv",
    "exports/assets.csv",
    "backup.pdf",
    "contracts/acme.pdf",
    "keys.pdf",
)


@pytest.fixture(scope="session")
def ca_pem() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Riverton CA")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(days=365))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def city(tmp_path: Path, ca_pem: bytes) -> Path:
    """The contract's example with every file that it names."""
    for name in NAMED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs/city-ca.pem").write_bytes(ca_pem)
    (tmp_path / "inventory.yaml").write_bytes(Path(__file__).with_name("riverton.yaml").read_bytes())
    return tmp_path


Load = Callable[[str | bytes], Inventory]
Problems = Callable[[str | bytes], list[Problem]]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Loads a text as `inventory.yaml`."""

    def run(text: str | bytes) -> Inventory:
        path = tmp_path / "inventory.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path, known_checks=CHECKS)

    return run


@pytest.fixture
def problems_of(load_text: Load) -> Problems:
    """What is wrong with a text; an empty list where nothing is."""

    def run(text: str | bytes) -> list[Problem]:
        try:
            load_text(text)
        except InventoryError as error:
            return list(error.problems)
        return []

    return run
