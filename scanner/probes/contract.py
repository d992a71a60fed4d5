"""Contracts with vendors: whether the document that the inventory names is there, and its digest."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from scanner.model.asset import Asset, Vendor
from scanner.model.facts.base import Facts
from scanner.model.facts.contract import ContractDocument, ContractFacts
from scanner.model.inventory import Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.base import Reply, Step
from scanner.transports._threads import in_thread
from scanner.transports.shared import Transports

LIMIT = 256 * 1024 * 1024  # bytes; a scanned contract has a few megabytes
_CHUNK = 1024 * 1024


class ContractProbe:
    """Reads the contract document of one vendor from the city's own files."""

    name = "contract"
    about: type[Asset] = Vendor
    provides: tuple[type[Facts], ...] = (ContractFacts,)

    def plan(self, asset: Asset, settings: Settings) -> Iterable[Step]:
        """One file to read, where the inventory names one."""
        document = _document(asset)
        if document is not None:
            yield Step(action="read file", target=str(document))

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        """Reads the document, which may lie on a share that hangs: so under a deadline."""
        document = _document(asset)
        if document is None:
            return {ContractFacts: Reply(outcome=ContractFacts(document=None))}
        path = transports.inventory.folder / document
        try:
            found = await in_thread(lambda: read_document(path), deadline=transports.settings.asset_budget / 2)
        except TimeoutError:
            found = _gap(Cause.TIMEOUT, path, "could not be read in time")
        if isinstance(found, Unobserved):
            return {ContractFacts: Reply(outcome=found)}
        return {ContractFacts: Reply(outcome=ContractFacts(document=found), digest=found.sha256)}


PROBE = ContractProbe()


def _document(asset: Asset) -> Path | None:
    contract = asset.contract if isinstance(asset, Vendor) else None
    return contract.document if contract else None


def read_document(path: Path) -> ContractDocument | Unobserved:
    """Name, size and digest of a document, or why it cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would block for ever
            return _gap(Cause.NOT_DECLARED, path, "is no regular file")
        return _hashed(path)
    except PermissionError:
        return _gap(Cause.DENIED, path, "may not be read by the account that scans")
    except (OSError, ValueError) as error:
        absent = isinstance(error, FileNotFoundError | NotADirectoryError)
        return _gap(Cause.NOT_DECLARED, path, "does not exist" if absent else "cannot be read")


def _hashed(path: Path) -> ContractDocument | Unobserved:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size > LIMIT:
                return _gap(Cause.UNSUPPORTED, path, f"is larger than {LIMIT // _CHUNK} MiB")
    return ContractDocument(name=path.name, size=size, sha256=digest.hexdigest())


def _gap(cause: Cause, path: Path, what: str) -> Unobserved:
    return Unobserved(
        cause=cause,
        detail=f"The contract document {path.name} {what}; put it where the inventory says, or correct its path there.",
    )
