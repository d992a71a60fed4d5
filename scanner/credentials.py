"""Secrets by reference: environment variable, file, command or keyring entry.

No value ever enters an error, a log or an exception text; what is named is where it was looked for.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import threading
from pathlib import Path

from scanner.model.secret import Secret, SecretRef, SecretSource
from scanner.model.unobserved import Cause, Unobserved

__all__ = ["Secret", "resolve"]

LIMIT = 64 * 1024  # bytes; a PEM key has a few thousand
COMMAND_SECONDS = 15.0


def resolve(ref: SecretRef) -> Secret | Unobserved:
    """The secret that a reference names, or why there is none (always `credentials`).

    Blocks: a command for at most `COMMAND_SECONDS`, a keyring for as long as it asks its user. Call it in a thread.
    """
    match ref.source:
        case SecretSource.ENV:
            return _from_env(ref.value[0] if ref.value else "")
        case SecretSource.FILE:
            return _from_file(Path(ref.value[0] if ref.value else ""))
        case SecretSource.COMMAND:
            return _from_command(ref.value)
        case SecretSource.KEYRING:
            return _from_keyring(ref.value[0] if ref.value else "")


def _gap(detail: str) -> Unobserved:
    return Unobserved(cause=Cause.CREDENTIALS, detail=detail)


def _from_env(name: str) -> Secret | Unobserved:
    value = os.environ.get(name, "")
    if not value:
        return _gap(f"The environment variable {name} is not set; set it to the secret before the scan.")
    return Secret(value)


def _from_file(path: Path) -> Secret | Unobserved:
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
    except (OSError, ValueError):
        return _gap(f"The secret file {path.name} cannot be read; put it there, or correct its path in the inventory.")
    return _secret(raw, f"The secret file {path.name}")


def _secret(raw: bytes, what: str) -> Secret | Unobserved:
    """The text of a secret without its final line end."""
    if len(raw) > LIMIT:
        return _gap(f"{what} gives more than {LIMIT // 1024} KiB, which is no secret; check what the inventory names.")
    try:
        value = raw.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return _gap(f"{what} gives no UTF-8 text; check what the inventory names.")
    return Secret(value) if value else _gap(f"{what} gives nothing; check what the inventory names.")


def _from_command(words: tuple[str, ...]) -> Secret | Unobserved:
    if not words:
        return _gap("The secret's command is empty; name a program in the inventory.")
    # The program's name alone is told: its arguments may be delicate.
    what = f"The command {Path(words[0]).name}"
    try:
        process = subprocess.Popen(  # noqa: S603 (the inventory's own words, without a shell)
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return _gap(f"{what} for a secret cannot be started; check its path in the inventory.")
    late = threading.Event()
    raw, code = _output(process, late)
    if late.is_set():
        return _gap(f"{what} gave no secret within {COMMAND_SECONDS:g} s; run it by hand to see what it waits for.")
    if code != 0 and len(raw) <= LIMIT:
        return _gap(f"{what} for a secret failed (exit status {code}); run it by hand to see why.")
    return _secret(raw, what)


def _output(process: subprocess.Popen[bytes], late: threading.Event) -> tuple[bytes, int]:
    """What a process prints, up to one byte more than allowed, and its exit status; ended when its time is up."""

    def expire() -> None:
        """Ends the command and remembers that its time was up."""
        late.set()
        _end(process)

    timer = threading.Timer(COMMAND_SECONDS, expire)
    timer.daemon = True
    timer.start()
    try:
        with process:
            raw = process.stdout.read(LIMIT + 1) if process.stdout else b""
            if len(raw) > LIMIT:
                _end(process)
        return raw, process.returncode
    finally:
        timer.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills a process with the children that it started (they would keep its output open)."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:
        return  # it has ended by itself


def _from_keyring(entry: str) -> Secret | Unobserved:
    service, _, user = entry.rpartition("/")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return _gap(
            "The inventory names a keyring entry but the package keyring is missing; install it beside civicseal, "
            "e.g. with `pipx inject civicseal keyring`."
        )
    try:
        value = keyring.get_password(service, user)
    except Exception as error:  # each keyring raises errors of its own, and their texts are not ours to print
        return _gap(f"The keyring could not be asked for {entry} ({type(error).__name__}); unlock it and scan again.")
    if not isinstance(value, str) or not value:
        return _gap(f"The keyring has no entry {entry}; add it with `keyring set {service} {user}`.")
    return Secret(value)
