"""Secrets by reference, and that they are never shown."""

from __future__ import annotations

import copy
import pickle
import sys
import types
from pathlib import Path

import pytest

from scanner import credentials
from scanner.credentials import resolve
from scanner.model.secret import Secret, SecretRef, SecretSource
from scanner.model.unobserved import Cause, Unobserved

VALUE = "correct horse battery staple"


def ref(source: SecretSource, *value: str) -> SecretRef:
    return SecretRef(source=source, value=value)


def revealed(found: Secret | Unobserved) -> str:
    assert isinstance(found, Secret), found
    return found.reveal()


def gap(found: Secret | Unobserved) -> str:
    assert isinstance(found, Unobserved), "a secret was found"
    assert found.cause is Cause.CREDENTIALS
    return found.detail


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(VALUE)

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", "%s" % secret, repr([secret])]  # noqa: UP031

    assert not any("horse" in each for each in shown)
    for way in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            way(secret)


def test_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY_SECRET", VALUE)
    monkeypatch.setenv("CITY_EMPTY", "")
    monkeypatch.delenv("CITY_NONE", raising=False)

    assert revealed(resolve(ref(SecretSource.ENV, "CITY_SECRET"))) == VALUE
    assert "CITY_NONE" in gap(resolve(ref(SecretSource.ENV, "CITY_NONE")))
    assert "CITY_EMPTY" in gap(resolve(ref(SecretSource.ENV, "CITY_EMPTY")))
    gap(resolve(ref(SecretSource.ENV)))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_without_its_line_end(end: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes((VALUE + end).encode())
    path.chmod(0o640)

    assert revealed(resolve(ref(SecretSource.FILE, str(path)))) == VALUE


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 100_000])
def test_a_file_that_holds_no_secret_is_told_without_its_content(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o600)

    assert "secret" in gap(resolve(ref(SecretSource.FILE, str(path))))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "gone" in gap(resolve(ref(SecretSource.FILE, str(tmp_path / "gone"))))
    gap(resolve(ref(SecretSource.FILE, str(tmp_path))))
    gap(resolve(ref(SecretSource.FILE, "nul\0byte")))


def test_a_command_without_a_shell() -> None:
    told = resolve(ref(SecretSource.COMMAND, sys.executable, "-c", "print('a;b $HOME')"))

    assert revealed(told) == "a;b $HOME"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("import sys; print('horse'); sys.exit(3)", "exit status 3"),
        ("pass", "nothing"),
        ("import sys; sys.stdout.write('horse' * 100_000)", "KiB"),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "UTF-8"),
    ],
)
def test_a_command_that_gives_no_secret_is_told_without_its_words(code: str, wanted: str) -> None:
    told = gap(resolve(ref(SecretSource.COMMAND, sys.executable, "-c", code, "--token=horse")))

    assert wanted in told
    assert "horse" not in told


def test_a_command_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "COMMAND_SECONDS", 0.5)

    told = gap(resolve(ref(SecretSource.COMMAND, "/bin/sh", "-c", "sleep 300 & wait")))

    assert "within 0.5 s" in told


def test_a_command_that_does_not_exist() -> None:
    assert "no-such-program" in gap(resolve(ref(SecretSource.COMMAND, "/no/such/no-such-program")))
    gap(resolve(ref(SecretSource.COMMAND)))


def test_without_the_keyring_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert "pipx inject civicseal keyring" in gap(resolve(ref(SecretSource.KEYRING, "city/scanner")))


def test_a_keyring_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is not installed here: a module of its shape stands for it."""

    def get_password(service: str, user: str) -> str | None:
        if service == "locked":
            raise RuntimeError(VALUE)
        return VALUE if (service, user) == ("city/db", "scanner") else None

    module = types.ModuleType("keyring")
    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)

    assert revealed(resolve(ref(SecretSource.KEYRING, "city/db/scanner"))) == VALUE
    assert "keyring set city other" in gap(resolve(ref(SecretSource.KEYRING, "city/other")))
    told = gap(resolve(ref(SecretSource.KEYRING, "locked/x")))
    assert "RuntimeError" in told
    assert "horse" not in told
