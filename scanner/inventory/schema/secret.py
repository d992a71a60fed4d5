"""References to secrets. A literal is refused, and nothing of what stood there is ever repeated."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo

from scanner.inventory.addresses import wrong
from scanner.inventory.schema.base import Schema
from scanner.inventory.schema.types import MAX_LINE, folder_of, resolve_path

SOURCES = ("env", "file", "command", "keyring")
_HOW = "{env: NAME}, {file: PATH}, {command: [PROGRAM, WORD]} or {keyring: SERVICE/USER}"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_KEYRING = re.compile(r"[^/]+/.+")
_MAX_WORDS = 100


class SecretModel(Schema):
    """Where a secret is kept. Exactly one of the four."""

    model_config = ConfigDict(title="Secret", json_schema_extra={"minProperties": 1, "maxProperties": 1})

    env: str | None = Field(default=None, description="Name of an environment variable that holds the secret.")
    file: str | None = Field(default=None, description="Path of a file that holds the secret and nothing else.")
    command: list[str] | None = Field(
        default=None, description="Program and words; what it prints is the secret. No shell is used."
    )
    keyring: str | None = Field(default=None, description="SERVICE/USER of an entry in this machine's keyring.")


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_LINE and value.isprintable()


def _words(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= _MAX_WORDS and all(_is_line(word) for word in value)


def _reference(data: Any, info: ValidationInfo) -> Any:
    """A checked reference as a mapping; one sentence for everything else."""
    if not isinstance(data, dict):
        raise wrong(f"a secret never stands in the inventory; write {_HOW}, and change a secret that stood here")
    given = {key: value for key, value in data.items() if value is not None}
    if len(given) != 1 or not set(data) <= set(SOURCES):
        raise wrong(f"must be exactly one reference to a secret: {_HOW}")
    [(source, value)] = given.items()
    if source == "command":
        if not _words(value):
            raise wrong("command must be a list of a program and its words, such as [pass, show, scanner]")
    elif not _is_line(value):
        raise wrong(f"the reference after {source} must be one line of text")
    elif source == "env" and not _VARIABLE.fullmatch(value):
        raise wrong("the reference after env must be the name of an environment variable, not the secret itself")
    elif source == "keyring" and not _KEYRING.fullmatch(value):
        raise wrong("the reference after keyring must be SERVICE/USER")
    elif source == "file":
        return {"file": resolve_path(value, folder_of(info))}
    return given


Secret = Annotated[SecretModel, BeforeValidator(_reference)]
