"""The contract probe on real files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.model.asset import Contract, Vendor
from scanner.model.facts.contract import ContractDocument, ContractFacts
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes import contract as module
from scanner.probes.contract import PROBE, read_document
from scanner.transports.shared import Transports

Make = Callable[..., Transports]


def vendor(document: Path | None, *, contract: bool = True) -> Vendor:
    return Vendor(id="acme", name="Acme", contract=Contract(document=document) if contract else None)


async def ask(asset: Vendor, transports: Transports) -> object:
    return (await PROBE.run(asset, transports))[ContractFacts].outcome


async def test_a_document_is_known_by_its_digest(tmp_path: Path, transports: Make) -> None:
    (tmp_path / "acme.pdf").write_bytes(b"we promise")
    digest = hashlib.sha256(b"we promise").hexdigest()

    reply = (await PROBE.run(vendor(tmp_path / "acme.pdf"), transports()))[ContractFacts]

    assert reply.outcome == ContractFacts(document=ContractDocument(name="acme.pdf", size=10, sha256=digest))
    assert reply.digest == digest


async def test_a_relative_path_is_relative_to_the_inventory(tmp_path: Path, transports: Make) -> None:
    (tmp_path / "acme.pdf").write_bytes(b"x")

    assert isinstance(await ask(vendor(Path("acme.pdf")), transports()), ContractFacts)


@pytest.mark.parametrize("contract", [True, False])
async def test_without_a_document_there_is_nothing_to_read(contract: bool, transports: Make) -> None:
    assert await ask(vendor(None, contract=contract), transports()) == ContractFacts(document=None)


async def test_an_absent_document_is_not_declared_and_told_without_this_machines_paths(
    tmp_path: Path, transports: Make
) -> None:
    gap = await ask(vendor(tmp_path / "gone.pdf"), transports())

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.NOT_DECLARED
    assert "gone.pdf" in gap.detail
    assert str(tmp_path) not in gap.detail


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    gap = read_document(tmp_path)

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.NOT_DECLARED


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX")
def test_a_pipe_does_not_hang_the_scan(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert isinstance(read_document(tmp_path / "pipe"), Unobserved)


def test_a_path_that_no_file_can_have_is_a_gap() -> None:
    assert isinstance(read_document(Path("a\0b")), Unobserved)
    assert isinstance(read_document(Path("x" * 5000)), Unobserved)


def test_an_enormous_file_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 1024)
    (tmp_path / "huge.pdf").write_bytes(b"x" * 2048)

    gap = read_document(tmp_path / "huge.pdf")

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.UNSUPPORTED


def test_a_document_that_may_not_be_read_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme.pdf").write_bytes(b"x")

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    # An administrator, as whom tests may run, may read every file: the refusal itself has to be made.
    monkeypatch.setattr(Path, "open", refuse)

    gap = read_document(tmp_path / "acme.pdf")

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.DENIED


def test_the_plan_names_the_file(tmp_path: Path) -> None:
    (step,) = PROBE.plan(vendor(tmp_path / "acme.pdf"), Settings())

    assert step.action == "read file"
    assert step.target.endswith("acme.pdf")
    assert not list(PROBE.plan(vendor(None), Settings()))
