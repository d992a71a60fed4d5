import socket
import sys
from pathlib import Path

import pytest

import demo.city
from demo.city import City, DemoFailed, DemoMissing, PortTaken
from demo.layout import ADDRESS, ports
from demo.ports import must_be_free


def test_what_is_made_at_start_is_its_owners_alone(city: City, state: Path) -> None:
    assert state.stat().st_mode & 0o777 == 0o700
    assert state.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in state.iterdir()} == {0o600}
    assert (state / "www-key.pem").is_file()


def test_a_second_city_is_told_in_one_sentence_which_port_is_taken(city: City, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PortTaken) as taken, City(folder, tmp_path / "state"):
        pass
    assert taken.value.port == 17410
    assert str(taken.value) == (
        "Port 17410 is already in use; the demo city needs it for the DNS server. "
        "Stop the other program, or wait for an earlier `civicseal demo` to end, and try again."
    )
    assert not (tmp_path / "state").exists()


def listening() -> set[str]:
    """The addresses, as Linux writes them, on which anything listens at one of the demo city's ports."""
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    open_ports = [row[1].split(":") for row in rows if row[3] == "0A"]
    return {address for address, port in open_ports if int(port, 16) in ports()}


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own list of listeners")
def test_no_server_listens_beyond_this_machine(city: City) -> None:
    assert listening() == {"0100007F"}


def test_a_port_that_is_taken_is_seen_and_one_that_was_left_is_free() -> None:
    with socket.create_server((ADDRESS, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"^Port {port} is already in use; the demo city needs it for tea"):
            must_be_free({port: "tea"})
        with socket.create_connection((ADDRESS, port)):
            other.accept()[0].close()  # the port's side closes first: its connection lingers in TIME_WAIT
    must_be_free({port: "tea"})


def test_a_port_that_is_taken_for_datagrams_alone_is_seen_where_they_are_wanted() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((ADDRESS, 0))
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"^Port {port} "):
            must_be_free({port: "tea"}, datagrams=(port,))
        must_be_free({port: "tea"})


def test_missing_packages_are_told_with_the_command_that_installs_them(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo.city, "_PACKAGES", ("asyncssh", "no_such_package"))
    with pytest.raises(DemoMissing, match=r"\(no_such_package\): pip install 'civicseal\[demo\]'$"):
        City(folder, tmp_path / "state").__enter__()


def test_a_folder_without_the_demos_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match=r"demo/city-ca\.pem"):
        City(tmp_path, tmp_path / "state").__enter__()
