"""The table of suites: complete, without doubles, and named as everybody else names them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tlslite.constants import CipherSuite

from scanner.model.facts.tls import VERSIONS
from scanner.model.suite_table import NAMES, SUITES
from scanner.transports._hello_suites import (
    MOST_SUITES,
    SSL2_KINDS,
    exchange_of,
    identity_of,
    name_of,
    suites_of,
)

_SSLYZE = """
import json
from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository as known
from sslyze.server_connectivity import TlsVersionEnum as versions
print(json.dumps({each.name: [suite.name for suite in known.get_all_cipher_suites(each)] for each in versions}))
"""


@pytest.fixture(scope="module")
def sslyze_asks() -> dict[str, list[str]]:
    done = subprocess.run([sys.executable, "-c", _SSLYZE], capture_output=True, check=True, timeout=60)
    return dict(json.loads(done.stdout))


def test_every_suite_that_sslyze_asks_for_is_there(sslyze_asks: dict[str, list[str]]) -> None:
    ours = set(NAMES.values()) | set(SSL2_KINDS.values())
    assert {name for names in sslyze_asks.values() for name in names} <= ours


@pytest.mark.parametrize(("ours", "theirs"), [("TLSv1.2", "TLS_1_2"), ("TLSv1.3", "TLS_1_3")])
def test_new_versions_are_asked_for_all_that_sslyze_asks_for(
    sslyze_asks: dict[str, list[str]], ours: str, theirs: str
) -> None:
    assert set(sslyze_asks[theirs]) <= {name_of(code) for code in suites_of(ours)}


@pytest.mark.parametrize(("ours", "theirs"), [("SSLv3", "SSL_3_0"), ("TLSv1.0", "TLS_1_0"), ("TLSv1.1", "TLS_1_1")])
def test_old_versions_are_asked_for_all_but_what_came_with_tls_1_2(
    sslyze_asks: dict[str, list[str]], ours: str, theirs: str
) -> None:
    new = {name_of(code) for code in suites_of("TLSv1.2")} - {name_of(code) for code in suites_of(ours)}
    assert set(sslyze_asks[theirs]) <= {name_of(code) for code in suites_of(ours)} | new
    assert all("SHA256" in name or "SHA384" in name or "CCM" in name or "GOST" in name for name in new)


def test_codes_are_those_of_another_implementation() -> None:
    theirs = {name: code for name, code in vars(CipherSuite).items() if name.startswith("TLS_") and "SCSV" not in name}
    by_name = {suite.name.upper(): suite.code for suite in SUITES}
    shared = [name for name in theirs if name.upper() in by_name]
    assert len(shared) > 90
    assert {name: by_name[name.upper()] for name in shared} == {name: theirs[name] for name in shared}


def test_no_suite_stands_there_twice() -> None:
    assert len({suite.code for suite in SUITES}) == len({suite.name for suite in SUITES}) == len(SUITES)
    assert all(suite.since in VERSIONS for suite in SUITES)


def test_few_hellos_ask_for_everything() -> None:
    hellos = {version: -(-len(suites_of(version)) // MOST_SUITES) for version in VERSIONS}
    assert hellos == {"SSLv2": 1, "SSLv3": 2, "TLSv1.0": 2, "TLSv1.1": 2, "TLSv1.2": 3, "TLSv1.3": 1}


def test_chacha_does_not_come_first_while_others_are_there() -> None:
    for version in VERSIONS[1:]:
        assert "CHACHA" not in name_of(suites_of(version)[0])
    assert "CHACHA" in name_of(suites_of("TLSv1.3")[-1])


@pytest.mark.parametrize(
    ("code", "exchange", "identity"),
    [
        (0xC02F, "ECDHE", "RSA"),
        (0xC02B, "ECDHE", "ECDSA"),
        (0x0033, "DHE", "RSA"),
        (0x0034, "DHE", None),
        (0xC018, "ECDHE", None),
        (0x002F, "RSA", "RSA"),
        (0x0003, "RSA", "RSA"),
        (0xFEFE, "RSA", "RSA"),
        (0x0013, "DHE", "DSS"),
        (0x0000, "NULL", None),
        (0x1301, "TLS 1.3", None),
    ],
)
def test_a_suite_says_how_keys_and_identity_are_proved(code: int, exchange: str, identity: str | None) -> None:
    assert (exchange_of(code), identity_of(code)) == (exchange, identity)


def test_a_suite_without_a_name_shows_its_code() -> None:
    assert name_of(0xABCD) == "0xABCD"
