"""Runs a script in the shell of this machine, bounded in time and size."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.shell import COMMAND, OUTPUT_LIMIT, End, ShellReply

_CHUNK = 64 * 1024
_REAPING = 2.0  # seconds


async def run(script: str, *, deadline: float) -> ShellReply | Unobserved:
    """Gives a script to `/bin/sh -s` on this machine; kills the shell and its children after `deadline` seconds."""
    if os.name != "posix":
        detail = (
            "A Linux host with transport `local` needs civicseal to run on that host, and this is a Windows machine."
        )
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    try:
        process = await asyncio.create_subprocess_exec(
            *COMMAND.split(), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
        )
    except OSError as error:
        detail = f"The shell /bin/sh of this machine cannot be started ({error.strerror})."
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    try:
        return await _converse(process, script, deadline)
    finally:
        await _kill(process)


async def _converse(process: Process, script: str, deadline: float) -> ShellReply:
    output = bytearray()
    end = End.TIMEOUT
    try:
        async with asyncio.timeout(deadline):
            await _send(process, script)
            end = await _read(process, output)
    except TimeoutError:
        end = End.TIMEOUT
    return ShellReply(output=bytes(output), errors=b"", end=end)


async def _send(process: Process, script: str) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(script.encode())
        await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return  # the shell has ended early; what it said is read all the same


async def _read(process: Process, output: bytearray) -> End:
    while process.stdout and (chunk := await process.stdout.read(_CHUNK)):
        output += chunk
        if len(output) > OUTPUT_LIMIT:
            del output[OUTPUT_LIMIT:]
            return End.TOO_LONG
    return End.FINISHED


async def _kill(process: Process) -> None:
    """Ends the shell with everything that it started, where it has not ended by itself."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_REAPING):
            await process.wait()
