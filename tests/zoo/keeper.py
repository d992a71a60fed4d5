"""Fixtures of the zoo: `animal` goes through every listener, `zoo` starts them, once for all tests.

The listeners start when they are first asked for, each on a free loopback port, and end with the session.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from civicseal_zoo import nginx, old, openssl
from civicseal_zoo.certificates import dh_parameters, make
from civicseal_zoo.truth import Animal, Truth

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ANIMALS: dict[str, Animal] = {each.name: each for each in (*old.ANIMALS, *nginx.ANIMALS, *openssl.ANIMALS)}


@dataclass(frozen=True)
class Listener:
    """A listener that is up; `server_name` is what its certificate is for."""

    name: str
    port: int
    truth: Truth
    server_name: str = nginx.NAME


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=PATH)


@dataclass
class Zoo:
    """Starts listeners and ends them; `folder` is for their files."""

    folder: Path
    _up: dict[str, Listener] = field(default_factory=dict)
    _ends: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pairs = {kind: make(self.folder, kind, nginx.NAME) for kind in ("RSA", "ECDSA")}
        self._parameters = partial(dh_parameters, self.folder)

    def names(self) -> list[str]:
        """All that can live on this machine."""
        return [name for name, animal in ANIMALS.items() if all(map(_program, animal.needs))]

    def meet(self, name: str) -> Listener:
        """The listener of that name, started if it is not up yet."""
        if name not in self._up:
            self._start(ANIMALS[name])
        return self._up[name]

    def _start(self, animal: Animal) -> None:
        match animal:
            case nginx.Block():
                ports, end = nginx.serve(
                    nginx.ANIMALS, self.folder, self._pairs, self._parameters, _program("nginx") or "nginx"
                )
            case openssl.Process():
                port, end = openssl.serve(animal, self._pairs, self._parameters)
                ports = {animal.name: port}
            case old.Old():
                port, end = old.serve(animal, self._pairs)
                ports = {animal.name: port}
            case _:
                raise TypeError(f"nobody keeps {animal}")
        self._ends.append(end)
        for each, port in ports.items():
            self._up[each] = Listener(each, port, ANIMALS[each].truth())

    def end(self) -> None:
        """Ends all of them."""
        for end in self._ends:
            end()


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    """Real TLS listeners of every age."""
    kept = Zoo(tmp_path_factory.mktemp("zoo"))
    yield kept
    kept.end()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `animal` runs for every listener."""
    if "animal" in metafunc.fixturenames:
        metafunc.parametrize("animal", sorted(ANIMALS), indirect=True)


@pytest.fixture
def animal(request: pytest.FixtureRequest, zoo: Zoo, needs: Callable[[str], str]) -> Listener:
    """One listener after the other."""
    for program in ANIMALS[request.param].needs:
        needs(program)
    return zoo.meet(request.param)
