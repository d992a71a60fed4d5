"""The shell of this machine."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports import local
from scanner.transports.shell import OUTPUT_LIMIT, End, ShellReply


async def run(script: str, *, deadline: float = 20) -> ShellReply | Unobserved:
    return await asyncio.wait_for(local.run(script, deadline=deadline), 60)


async def test_what_the_shell_says_comes_back() -> None:
    assert await run("printf 'a\\n'; echo bad >&2; exit 3\n") == ShellReply(output=b"a\n", errors=b"", end=End.FINISHED)


async def test_a_shell_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "pid"

    found = await run(f"echo so far; sleep 300 & echo $! > {mark}; wait\n", deadline=1)

    assert found == ShellReply(output=b"so far\n", errors=b"", end=End.TIMEOUT)
    child = int(mark.read_text())
    assert await asyncio.to_thread(_is_gone, child)


def _is_gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":  # killed, and nobody there to bury it
            return True
        time.sleep(0.05)
    return False


async def test_a_shell_that_never_stops_talking_is_cut_off() -> None:
    found = await run("exec yes\n")

    assert isinstance(found, ShellReply)
    assert (found.end, len(found.output)) == (End.TOO_LONG, OUTPUT_LIMIT)


async def test_a_shell_that_ends_before_it_has_read_the_script_does_no_harm() -> None:
    found = await run("echo early; exit 0\n" + "# nothing\n" * 100_000)

    assert isinstance(found, ShellReply)
    assert found.output == b"early\n"


async def test_windows_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")

    found = await local.run("true\n", deadline=1)

    assert isinstance(found, Unobserved)
    assert found.cause is Cause.UNSUPPORTED
