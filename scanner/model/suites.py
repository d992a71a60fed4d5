"""What the IANA name of a cipher suite says about it. Pure: names in, words out.

The names are those of the IANA registry "TLS Cipher Suites" (RFC 8446, RFC 5246), the older `SSL_...` ones, and the
`SSL_CK_...` kinds of SSL 2. Nothing here knows what a server accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

MOZILLA_INTERMEDIATE: tuple[str, ...] = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
"""Mozilla Server Side TLS 6.0 (May 2026), intermediate: `ciphersuites` and `ciphers.iana` of guidelines/6.0.json."""

MOZILLA_FORMER: tuple[str, ...] = (
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
"""What version 5.7 of that list (2023) held besides: guidelines/5.7.json; version 6.0 has dropped it."""

NO_ENCRYPTION = frozenset({"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"})
"""TLS 1.3 suites that protect against change alone (RFC 9150)."""

# What the first word of the key exchange says, where a new key is made for every connection.
_EPHEMERAL = frozenset({"ECDHE", "DHE", "SRP", "ECCPWD", "CECPQ1"})
_AEAD = frozenset({"GCM", "CCM", "POLY1305", "OCB", "MGM", "AEGIS"})
_TLS_1_3 = "TLS 1.3"
# A city's servers accept the same few hundred suites again and again.
_REMEMBERED = 4096


def _words(suite: str) -> tuple[str, ...]:
    return tuple(suite.upper().split("_"))


def _is_null(suite: str) -> bool:
    return "NULL" in _words(suite) or suite in NO_ENCRYPTION


def _is_anonymous(suite: str) -> bool:
    words = _words(suite)
    return "ANON" in words or words[:3] == ("TLS", "NULL", "WITH")


def _is_triple_des(suite: str) -> bool:
    return not {"3DES", "EDE3"}.isdisjoint(_words(suite))


def _is_des(suite: str) -> bool:
    return not {"DES", "DES40"}.isdisjoint(_words(suite)) and not _is_triple_des(suite)


def _is_export(suite: str) -> bool:
    return any(word.startswith("EXPORT") for word in _words(suite))


_TESTS: Mapping[str, Callable[[str], bool]] = {
    "RC4": lambda suite: "RC4" in _words(suite),
    "3DES": _is_triple_des,
    "DES": _is_des,
    "RC2": lambda suite: "RC2" in _words(suite),
    "NULL": _is_null,
    "EXPORT": _is_export,
    "ANONYMOUS": _is_anonymous,
}


@lru_cache(maxsize=_REMEMBERED)
def weaknesses(suite: str) -> tuple[str, ...]:
    """What is wrong with a suite, in the words of `Policy.suites_forbidden`; empty where none of them fits.

    RC4, 3DES, DES, RC2: its cipher. NULL: it encrypts nothing. EXPORT: its key was cut short by a former law.
    ANONYMOUS: the server proves no identity.
    """
    return tuple(word for word, test in _TESTS.items() if test(suite))


@lru_cache(maxsize=_REMEMBERED)
def key_exchange(suite: str) -> str:
    """How the keys are agreed on: `ECDHE`, `DHE`, `RSA`, `PSK`, `ECDH` and so on, `TLS 1.3` for its suites.

    A fixed Diffie-Hellman key in the certificate is `DH` or `ECDH`; without any identity it is made anew for each
    connection, `DHE` or `ECDHE` (RFC 5246, section 7.4.3; RFC 8422, section 2.3). The kinds of SSL 2 all use `RSA`.
    """
    words = _words(suite)
    if words[:2] == ("SSL", "CK"):
        return "RSA"
    if words[0] == "TLS" and ("WITH" not in words or "MGM" in words):  # RFC 9367: the MGM suites are for TLS 1.3 too
        return _TLS_1_3
    first = words[1] if "WITH" in words[2:] else "unknown"
    return f"{first}E" if first in {"DH", "ECDH"} and "ANON" in words else first


@lru_cache(maxsize=_REMEMBERED)
def has_forward_secrecy(suite: str) -> bool:
    """Whether what was sent stays secret after the server's long-term key is stolen (RFC 9325, section 4.1).

    True for suites of TLS 1.3 and for those that make a new key for each connection, those without any identity among
    them; a key exchange that is not known counts as having none.
    """
    exchange = key_exchange(suite)
    return exchange == _TLS_1_3 or exchange in _EPHEMERAL


def is_aead(suite: str) -> bool:
    """Whether encryption and protection against change are one (AEAD, RFC 5116), as browsers prefer it."""
    return not _AEAD.isdisjoint(_words(suite))


@lru_cache(maxsize=_REMEMBERED)
def remarks(suite: str) -> str:
    """A suite with what sets it apart in brackets: its weaknesses, an old key exchange, a mode that is not AEAD."""
    told = list(weaknesses(suite))
    if not has_forward_secrecy(suite):
        told.append(f"{key_exchange(suite)} key exchange without forward secrecy")
    if not told and not is_aead(suite):
        told.append("not AEAD")
    return f"{suite} ({', '.join(told)})" if told else suite
