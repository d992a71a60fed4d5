"""known_hosts as OpenSSH reads it."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._ssh_known_hosts import KnownKeys, fingerprint, known_keys

KEY = base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519 and so on").decode()
OTHER = base64.b64encode(b"\x00\x00\x00\x07ssh-rsa and so on").decode()


def read(tmp_path: Path, text: str, host: str = "db1.city.example", port: int = 22) -> KnownKeys:
    path = tmp_path / "known_hosts"
    path.write_text(text)
    found = known_keys(path, host, port)
    assert isinstance(found, KnownKeys)
    return found


@pytest.mark.parametrize(
    ("hosts", "host", "port", "known"),
    [
        ("db1.city.example", "db1.city.example", 22, True),
        ("DB1.city.example", "db1.CITY.example", 22, True),
        ("other,db1.city.example", "db1.city.example", 22, True),
        ("db1.city.example", "db1.city.example", 2222, False),
        ("[db1.city.example]:2222", "db1.city.example", 2222, True),
        ("[db1.city.example]:2222", "db1.city.example", 2223, False),
        ("*.city.example", "db1.city.example", 22, True),
        ("*.city.example,!db1.city.example", "db1.city.example", 22, False),
        ("db?.city.example", "db1.city.example", 22, True),
        ("[*.city.example]:2222", "db1.city.example", 2222, True),
        ("10.1.2.3", "10.1.2.3", 22, True),
        ("2001:db8::1", "2001:db8::1", 22, True),
        ("[2001:db8::1]:2222", "[2001:db8::1]", 2222, True),
        ("db1", "db1.city.example", 22, False),
        ("|1|broken", "db1.city.example", 22, False),
        ("|1|!!!|!!!", "db1.city.example", 22, False),
    ],
)
def test_names_are_matched_as_ssh_does(hosts: str, host: str, port: int, known: bool, tmp_path: Path) -> None:
    found = read(tmp_path, f"{hosts} ssh-ed25519 {KEY} a comment\n", host, port)

    assert found.keys == (frozenset({base64.b64decode(KEY)}) if known else frozenset())


@pytest.mark.parametrize(("host", "port"), [("db1.city.example", 22), ("db1.city.example", 2222)])
def test_names_that_ssh_keygen_has_hashed_are_found(
    host: str, port: int, needs: Callable[[str], str], tmp_path: Path
) -> None:
    subprocess.run(
        [needs("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True, timeout=30
    )
    public = (tmp_path / "key.pub").read_text()
    name = host if port == 22 else f"[{host}]:{port}"
    path = tmp_path / "known_hosts"
    path.write_text(f"{name} {public}")
    subprocess.run([needs("ssh-keygen"), "-H", "-f", str(path)], check=True, timeout=30, capture_output=True)
    assert host not in path.read_text()

    found = known_keys(path, host, port)

    assert isinstance(found, KnownKeys)
    assert found.keys == {base64.b64decode(public.split()[1])}
    assert not known_keys(path, "other", port).keys  # type: ignore[union-attr]
    listed = subprocess.run([needs("ssh-keygen"), "-lf", str(tmp_path / "key.pub")], capture_output=True, check=True)
    assert fingerprint(next(iter(found.keys))).encode() in listed.stdout


def test_markers_are_kept_apart(tmp_path: Path) -> None:
    found = read(
        tmp_path, f"@revoked * ssh-ed25519 {KEY}\n@cert-authority * ssh-rsa {OTHER}\ndb1.city.example ssh-rsa {OTHER}\n"
    )

    assert found.revoked == {base64.b64decode(KEY)}
    assert found.keys == {base64.b64decode(OTHER)}


def test_rsa_keys_are_asked_for_with_sha_2(tmp_path: Path) -> None:
    found = read(tmp_path, f"db1.city.example ssh-rsa {OTHER}\ndb1.city.example ssh-ed25519 {KEY}\n")

    assert found.algorithms == ("rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519")


def test_broken_lines_are_passed_over(tmp_path: Path) -> None:
    text = f"\n# comment\nx\n@revoked\ndb1.city.example ssh-rsa not-base64\ndb1.city.example ssh-ed25519 {KEY}\n"

    assert len(read(tmp_path, text).keys) == 1


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    found = known_keys(tmp_path, "db1", 22)

    assert isinstance(found, Unobserved)
    assert found.cause is Cause.CREDENTIALS
