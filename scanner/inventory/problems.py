"""What is wrong with an inventory, told with file, line and key, and never with a value of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to correct.

    Attributes:
        file: the file as the user named it.
        line: counted from 1; 0 where the problem is the file itself.
        key: where in the document, such as `websites[0].url`; empty for the whole file.
        message: what is wrong; what to do. Never holds a value that may be a secret.
    """

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.key, self.message) if part)


class InventoryError(Exception):
    """The inventory cannot be used; `problems` holds everything that is wrong with it, in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def problem_with(file: str, message: str, *, line: int = 0, key: str = "") -> InventoryError:
    """An error of one problem."""
    return InventoryError([Problem(file, line, key, message)])
