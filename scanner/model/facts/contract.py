"""What was seen of a contract with a vendor: the document in the city's own files."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.model.facts.base import Facts


@dataclass(frozen=True, kw_only=True)
class ContractDocument:
    """A contract document: file name, size in bytes, SHA-256 of its bytes in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ContractFacts(Facts):
    """The document that the inventory names for a contract; None where it names none."""

    document: ContractDocument | None
