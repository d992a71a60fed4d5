from pathlib import Path

import paramiko
import pytest

from demo.files import HOME
from demo.layout import ADDRESS, MACHINES, SSH_CLOSED_PORT, USER, Machine

pytestmark = pytest.mark.usefixtures("city")
EACH_MACHINE = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.id)


def connect(folder: Path, machine: Machine, **changed: object) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_host_keys(str(folder / "demo" / "known_hosts"))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    options: dict[str, object] = {
        "username": USER,
        "key_filename": str(folder / "demo" / "ssh-client-key"),
        "allow_agent": False,
        "look_for_keys": False,
        "timeout": 10,
    } | changed
    client.connect(ADDRESS, machine.port, **options)  # type: ignore[arg-type]
    return client


def recording(machine: Machine) -> bytes:
    return (HOME / "recordings" / f"{machine.id}.txt").read_bytes()


@EACH_MACHINE
def test_a_script_on_standard_input_is_answered_with_the_recording(folder: Path, machine: Machine) -> None:
    with connect(folder, machine) as client:
        script, output, errors = client.exec_command("/bin/sh -s", timeout=10)
        script.write(b"lsblk --json\n" * 5_000)
        script.channel.shutdown_write()
        assert output.read() == recording(machine)
        assert errors.read() == b""
        assert output.channel.recv_exit_status() == 0


@EACH_MACHINE
def test_a_script_as_the_command_is_answered_as_well(folder: Path, machine: Machine) -> None:
    with connect(folder, machine) as client:
        script, output, _ = client.exec_command("lsblk --json; cat /proc/swaps", timeout=10)
        script.channel.shutdown_write()
        assert output.read() == recording(machine)


@EACH_MACHINE
def test_nobody_else_gets_in(folder: Path, machine: Machine, tmp_path: Path) -> None:
    stranger = tmp_path / "key"
    paramiko.RSAKey.generate(2048).write_private_key_file(str(stranger))
    for changed in ({"username": "root"}, {"key_filename": str(stranger)}, {"key_filename": None, "password": "x"}):
        with pytest.raises(paramiko.SSHException):
            connect(folder, machine, **changed)


def test_the_host_that_is_down_refuses(folder: Path) -> None:
    with pytest.raises(OSError, match="17429"):
        connect(folder, Machine(id="backup1", port=SSH_CLOSED_PORT))
