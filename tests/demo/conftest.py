"""The demo city, started once for each module that asks for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.city import City, PortTaken
from demo.files import unpack
from demo.layout import ports
from demo.ports import must_be_free


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("riverton")).parent


@pytest.fixture(scope="session")
def state(folder: Path) -> Path:
    return folder / ".civicseal" / "demo"


@pytest.fixture(scope="module")
def free_ports() -> None:
    """Skips where another program has a port of the demo city; fails there in CI."""
    try:
        must_be_free(ports())
    except PortTaken as taken:
        if "CI" in os.environ:
            raise
        pytest.skip(str(taken))


@pytest.fixture(scope="module")
def city(folder: Path, state: Path, free_ports: None) -> Iterator[City]:
    with City(folder, state) as running:
        yield running
