"""Secrets: where one is kept, and one in memory, usable and never shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn


class SecretSource(StrEnum):
    """Where a secret is kept."""

    ENV = "env"
    FILE = "file"
    COMMAND = "command"
    KEYRING = "keyring"


@dataclass(frozen=True, kw_only=True)
class SecretRef:
    """A reference to a secret: an environment variable, a file, a command or a keyring entry.

    Attributes:
        source: the kind of reference.
        value: variable name, path, or `SERVICE/USER`; for a command its words.
    """

    source: SecretSource
    value: tuple[str, ...]


class Secret:
    """A password, passphrase or key. Only `reveal` gives the value; nothing prints, stores or compares it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one library call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(not shown)"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a secret is not stored")
