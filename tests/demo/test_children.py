import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.children import start_all
from demo.city import City, DemoFailed, PortTaken
from demo.files import HOME
from demo.layout import ADDRESS, SITES, ports
from demo.ports import must_be_free
from demo.serve import SERVERS

pytestmark = pytest.mark.usefixtures("free_ports")


def answers() -> bool:
    try:
        socket.create_connection((ADDRESS, SITES[0].port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until_free() -> None:
    """Waits until every port is free; fails with the port that is not after half a minute."""
    end = time.monotonic() + 30
    while True:
        try:
            return must_be_free(ports())
        except PortTaken:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


_PROGRAM = """
import sys
from pathlib import Path
from demo.city import City
with City(Path(sys.argv[1]), Path(sys.argv[2])) as city:
    print(*(server.pid for server in city._servers), flush=True)
    sys.stdin.read()
    print("leaving", flush=True)
"""


@contextmanager
def city_of_another_process(folder: Path, state: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """A city that another process has started; that process and the ids of its servers."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, folder, state],
        cwd=HOME.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        servers = [int(pid) for pid in process.stdout.readline().split()]
        assert len(servers) == len(SERVERS)
        yield process, servers
    finally:
        process.kill()
        process.communicate()


def test_leaving_frees_every_port_and_the_city_can_start_again_at_once(folder: Path, state: Path) -> None:
    for _ in range(2):
        with City(folder, state):
            assert answers()
        must_be_free(ports())


def test_leaving_by_an_error_stops_the_servers_too(folder: Path, state: Path) -> None:
    with pytest.raises(ZeroDivisionError), City(folder, state):
        1 / 0  # noqa: B018
    must_be_free(ports())


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a matter of POSIX")
def test_servers_end_with_whoever_started_them_even_by_kill(folder: Path, state: Path) -> None:
    with city_of_another_process(folder, state) as (process, _):
        process.kill()
        process.wait(10)
        wait_until_free()


@pytest.mark.skipif(os.name != "posix", reason="process groups are a matter of POSIX")
def test_ctrl_c_leaves_the_servers_to_whoever_started_them(folder: Path, state: Path) -> None:
    with city_of_another_process(folder, state) as (process, servers):
        for pid in servers:
            os.kill(pid, signal.SIGINT)
        time.sleep(0.2)
        assert answers()
        out, _ = process.communicate(timeout=20)
        assert out == b"leaving\n"
    must_be_free(ports())


def test_a_server_that_does_not_start_is_told_with_its_log_and_the_others_stop(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match=r"server 'web' did not start; .*web\.log says why"):
        start_all(tmp_path)  # without certificates
    assert "FileNotFoundError" in (tmp_path / "web.log").read_text()
    must_be_free(ports())
