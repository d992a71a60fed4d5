"""What the name of a suite says: right for every suite that sslyze knows, and for the odd ones it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sslyze import TlsVersionEnum
from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository

from scanner.model.policy import Policy
from scanner.model.suites import (
    MOZILLA_FORMER,
    MOZILLA_INTERMEDIATE,
    has_forward_secrecy,
    is_aead,
    key_exchange,
    remarks,
    weaknesses,
)

KNOWN = sorted(
    {
        (suite.name, suite.openssl_name, suite.is_anonymous, version.name)
        for version in TlsVersionEnum
        for suite in CipherSuitesRepository.get_all_cipher_suites(version)
    }
)
# OpenSSL's own names say the same things in other words, and so hold ours to account.
EPHEMERAL = ("ECDHE-", "DHE-", "EDH-", "EXP-EDH-", "EXP-ADH-", "ADH-", "AECDH-", "TLS_")


@pytest.mark.parametrize(("name", "openssl", "anonymous", "version"), KNOWN)
def test_every_known_suite_is_judged_as_its_openssl_name_says(
    name: str, openssl: str, anonymous: bool, version: str
) -> None:
    expected = {
        "RC4": "RC4" in openssl,
        "3DES": "CBC3" in openssl,
        "DES": "DES-CBC-" in openssl,
        "RC2": "RC2" in openssl,
        "NULL": "NULL" in openssl,
        "EXPORT": openssl.startswith("EXP-"),
        "ANONYMOUS": anonymous,
    }
    assert weaknesses(name) == tuple(word for word, there in expected.items() if there)
    assert has_forward_secrecy(name) == openssl.startswith(EPHEMERAL)
    aead = any(mode in openssl for mode in ("GCM", "CCM", "POLY1305"))
    assert is_aead(name) == aead


@pytest.mark.parametrize(
    ("name", "wrong", "exchange", "secret"),
    [
        ("TLS_NULL_WITH_NULL_NULL", ("NULL", "ANONYMOUS"), "NULL", False),
        ("TLS_SHA256_SHA256", ("NULL",), "TLS 1.3", True),
        ("TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA", ("DES", "EXPORT"), "KRB5", False),
        ("TLS_KRB5_WITH_3DES_EDE_CBC_MD5", ("3DES",), "KRB5", False),
        ("TLS_RSA_EXPORT1024_WITH_RC4_56_SHA", ("RC4", "EXPORT"), "RSA", False),
        ("SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA", ("3DES",), "RSA", False),
        ("TLS_ECDHE_PSK_WITH_NULL_SHA256", ("NULL",), "ECDHE", True),
        ("TLS_PSK_WITH_AES_128_GCM_SHA256", (), "PSK", False),
        ("TLS_RSA_PSK_WITH_RC4_128_SHA", ("RC4",), "RSA", False),
        ("TLS_SRP_SHA_RSA_WITH_3DES_EDE_CBC_SHA", ("3DES",), "SRP", True),
        ("TLS_SM4_GCM_SM3", (), "TLS 1.3", True),
        ("TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_L", (), "TLS 1.3", True),
        ("TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC", (), "GOSTR341112", False),
        ("TLS_GOSTR341001_WITH_NULL_GOSTR3411", ("NULL",), "GOSTR341001", False),
        ("TLS_DH_anon_WITH_AES_128_GCM_SHA256", ("ANONYMOUS",), "DHE", True),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", ("ANONYMOUS",), "ECDHE", True),
        ("SSL_CK_DES_192_EDE3_CBC_WITH_MD5", ("3DES",), "RSA", False),
        ("SSL_CK_DES_64_CBC_WITH_MD5", ("DES",), "RSA", False),
        ("0x1301", (), "unknown", False),
    ],
)
def test_the_odd_ones(name: str, wrong: tuple[str, ...], exchange: str, secret: bool) -> None:
    assert (weaknesses(name), key_exchange(name), has_forward_secrecy(name)) == (wrong, exchange, secret)


@given(st.one_of(st.text(), st.lists(st.sampled_from(["TLS", "SSL", "CK", "WITH", "DH", "anon", ""])).map("_".join)))
def test_any_text_is_judged_without_a_crash(name: str) -> None:
    assert set(weaknesses(name)) <= set(Policy().suites_forbidden)
    assert has_forward_secrecy(name) in (True, False)
    assert remarks(name).startswith(name)


def test_mozillas_lists_hold_nothing_that_is_forbidden() -> None:
    known = {name for name, *_ in KNOWN}
    for suite in (*MOZILLA_INTERMEDIATE, *MOZILLA_FORMER):
        assert suite in known
        assert weaknesses(suite) == ()
        assert has_forward_secrecy(suite)
        assert is_aead(suite)
        assert remarks(suite) == suite


def test_remarks_say_what_sets_a_suite_apart() -> None:
    assert remarks("TLS_RSA_WITH_RC4_128_SHA").endswith("(RC4, RSA key exchange without forward secrecy)")
    assert remarks("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA").endswith("(not AEAD)")
