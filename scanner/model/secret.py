"""A secret in memory: usable, never shown."""

from __future__ import annotations

from typing import Any, NoReturn


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
