"""Our enumerator at the listeners of the zoo: beside the truth about them, and beside what sslyze finds there.

Everything is asked once: every listener by us, all at the same time, then by sslyze's own command line.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from nassl.ssl_client import OpenSSLError, OpenSslVersionEnum, SslClient

from scanner.model.facts.tls import VERSIONS, AddressTls
from scanner.model.unobserved import Unobserved
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports.pace import Pace
from scanner.transports.tls_enumerator import look

Suites = Mapping[str, frozenset[str]]
BUDGET = 60.0  # seconds for all listeners together

# Where sslyze 6.3 sees less than there is, and why: its OpenSSL lists these suites, by OpenSSL's names, and cannot
# offer them; with these listeners it cannot open a connection at all, and says so. Tests below prove both.
NOT_IN_SSLYZE = {
    "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256": "ADH-CAMELLIA128-SHA256",
    "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256": "ADH-CAMELLIA256-SHA256",
}
CANNOT_CONNECT = {
    "anonymous": "it opens every scan with suites that need a certificate",
    "null": "it opens every scan with suites that encrypt",
    "x25519mlkem768": "its OpenSSL knows no hybrid group",
    "secp256r1mlkem768": "its OpenSSL knows no hybrid group",
    "secp384r1mlkem1024": "its OpenSSL knows no hybrid group",
}


@pytest.fixture(scope="session")
def sights(zoo: Any) -> Mapping[str, AddressTls | Unobserved]:
    """What we see, by listener."""
    up = [zoo.meet(name) for name in zoo.names()]

    async def all_at_once() -> list[Any]:
        pace, until = Pace(), asyncio.get_running_loop().time() + BUDGET
        return await asyncio.gather(*(look(_target(each), pace, until=until) for each in up))

    found = asyncio.run(all_at_once())
    return {
        each.name: sight if isinstance(sight, Unobserved) else sight.tls for each, sight in zip(up, found, strict=True)
    }


def _target(listener: Any) -> TlsTarget:
    return TlsTarget(address="127.0.0.1", port=listener.port, server_name=listener.server_name, timeout=10.0)


@pytest.fixture
def seen(animal: Any, sights: Mapping[str, AddressTls | Unobserved]) -> AddressTls:
    """What we see of one listener."""
    sight = sights[animal.name]
    assert isinstance(sight, AddressTls), sight
    return sight


def _suites(tls: AddressTls) -> Suites:
    return {each.version: frozenset(each.suites) for each in tls.accepted if isinstance(each.suites, tuple)}


def test_every_version_is_answered_for_and_no_suite_is_left_open(animal: Any, seen: AddressTls) -> None:
    assert tuple(each.version for each in seen.versions) == VERSIONS
    assert [each for each in seen.versions if isinstance(each.suites, Unobserved) or each.gap] == []


def test_the_suites_of_every_version_are_the_true_ones(animal: Any, seen: AddressTls) -> None:
    assert _suites(seen) == {version: frozenset(suites) for version, suites in animal.truth.suites.items()}


def test_a_suite_is_seen_once(animal: Any, seen: AddressTls) -> None:
    assert all(len(set(each.suites)) == len(each.suites) for each in seen.accepted if isinstance(each.suites, tuple))


def test_a_server_with_an_order_of_its_own_is_seen_in_that_order(animal: Any, seen: AddressTls) -> None:
    if animal.truth.ordered:
        assert {each.version: each.suites for each in seen.accepted} == dict(animal.truth.suites)


def test_the_groups_are_the_true_ones(animal: Any, seen: AddressTls) -> None:
    if animal.truth.groups is not None:
        assert isinstance(seen.groups, tuple)
        assert set(seen.groups) == animal.truth.groups


def test_the_lengths_of_finite_field_keys_are_the_true_ones(animal: Any, seen: AddressTls) -> None:
    assert isinstance(seen.dh_keys, tuple)
    assert {key.version: key.bits for key in seen.dh_keys if key.version != "TLSv1.3"} == dict(animal.truth.dh)


def test_what_else_the_server_does_is_true(animal: Any, seen: AddressTls) -> None:
    assert {name: getattr(seen.traits, name) for name in animal.truth.traits} == dict(animal.truth.traits)


_ASKED = {
    "SSLv2": ("--sslv2", "ssl_2_0_cipher_suites"),
    "SSLv3": ("--sslv3", "ssl_3_0_cipher_suites"),
    "TLSv1.0": ("--tlsv1", "tls_1_0_cipher_suites"),
    "TLSv1.1": ("--tlsv1_1", "tls_1_1_cipher_suites"),
    "TLSv1.2": ("--tlsv1_2", "tls_1_2_cipher_suites"),
    "TLSv1.3": ("--tlsv1_3", "tls_1_3_cipher_suites"),
}


@pytest.fixture(scope="session")
def sslyze_says(zoo: Any, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """sslyze's result by listener."""
    up = [zoo.meet(name) for name in zoo.names()]
    report = tmp_path_factory.mktemp("sslyze") / "report.json"
    flags = [flag for flag, _ in _ASKED.values()]
    places = [f"{each.server_name}:{each.port}{{127.0.0.1}}" for each in up]
    command = [sys.executable, "-m", "sslyze", "--quiet", f"--json_out={report}", *flags, *places]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert report.is_file(), done.stderr
    results = json.loads(report.read_text())["server_scan_results"]
    by_port = {each["server_location"]["port"]: each for each in results}
    return {each.name: by_port[each.port] for each in up}


def _by_sslyze(result: Mapping[str, Any]) -> Suites:
    found = {}
    for version, (_, key) in _ASKED.items():
        answer = result["scan_result"][key]
        assert answer["status"] == "COMPLETED", (version, answer)
        accepted = answer["result"]["accepted_cipher_suites"]
        if accepted:
            found[version] = frozenset(each["cipher_suite"]["name"] for each in accepted)
    return found


def test_sslyze_sees_the_same_versions_and_suites(
    animal: Any, seen: AddressTls, sslyze_says: Mapping[str, Mapping[str, Any]]
) -> None:
    result = sslyze_says[animal.name]
    if animal.name in CANNOT_CONNECT:
        assert "ServerTlsConfigurationNotSupported" in result["connectivity_error_trace"]
    else:
        ours = {version: suites - NOT_IN_SSLYZE.keys() for version, suites in _suites(seen).items()}
        assert ours == _by_sslyze(result)


@pytest.mark.parametrize("suite", sorted(NOT_IN_SSLYZE))
def test_a_suite_that_sslyze_does_not_see_is_there_and_sslyze_itself_cannot_offer_it(
    suite: str, zoo: Any, needs: Callable[[str], str]
) -> None:
    port, name = zoo.meet("openssl-every-suite").port, NOT_IN_SSLYZE[suite]
    command = [needs("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2"]
    command += ["-cipher", f"{name}:@SECLEVEL=0"]
    openssl = subprocess.run(command, input="", capture_output=True, text=True, timeout=20, check=False)
    assert f"Cipher is {name}" in openssl.stdout
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        client = SslClient(ssl_version=OpenSslVersionEnum.TLSV1_2, underlying_socket=connection)
        client.set_cipher_list(name)
        with pytest.raises(OpenSSLError, match="no ciphers available"):
            client.do_handshake()
