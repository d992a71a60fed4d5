"""The cipher suites of a hello: which of the table to put into it for a version, and how to name what comes back."""

from __future__ import annotations

from functools import cache

from scanner.model.facts.tls import VERSIONS
from scanner.model.suite_table import NAMES, SUITES
from scanner.model.suites import key_exchange

MOST_SUITES = 63
"""Suites in one hello. With one signalling value they are 64: more than that some middleboxes do not take."""

RENEGOTIATION_SCSV = 0x00FF
"""Says that secure renegotiation is known, for hellos without extensions (RFC 5746, section 3.3)."""

FALLBACK_SCSV = 0x5600
"""Says that this hello follows a failed one of a newer version (RFC 7507)."""

SSL2_KINDS = {
    0x010080: "SSL_CK_RC4_128_WITH_MD5",
    0x020080: "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
    0x030080: "SSL_CK_RC2_128_CBC_WITH_MD5",
    0x040080: "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
    0x050080: "SSL_CK_IDEA_128_CBC_WITH_MD5",
    0x060040: "SSL_CK_DES_64_CBC_WITH_MD5",
    0x060140: "SSL_CK_DES_64_CBC_WITH_SHA",
    0x0700C0: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
    0x0701C0: "SSL_CK_DES_192_EDE3_CBC_WITH_SHA",
    0x080080: "SSL_CK_RC4_64_WITH_MD5",
}
"""The cipher kinds of SSL 2 by their three-byte code: the Netscape specification of 1995
(draft-hickman-netscape-ssl-00, section 4)."""


def name_of(code: int) -> str:
    """The IANA name of a suite, or its code in hex where we have none."""
    return NAMES.get(code) or f"0x{code:04X}"


@cache
def suites_of(version: str) -> tuple[int, ...]:
    """The codes of all suites that can occur in a version of `VERSIONS`, in the order of asking."""
    if version == "SSLv2":
        return tuple(SSL2_KINDS)
    if version == "TLSv1.3":
        return tuple(suite.code for suite in SUITES if suite.since == version)
    place = VERSIONS.index(version)
    older = [suite for suite in SUITES if suite.since != "TLSv1.3" and VERSIONS.index(suite.since) <= place]
    return tuple(suite.code for suite in older)


@cache
def exchange_of(code: int) -> str:
    """How the keys are agreed on, as `key_exchange` says it for the suite's name."""
    return key_exchange(name_of(code))


@cache
def identity_of(code: int) -> str | None:
    """What the server proves itself with, e.g. `RSA` or `ECDSA`; None for an anonymous suite and for TLS 1.3."""
    before, found, _ = name_of(code).removeprefix("TLS_").partition("_WITH_")
    if not found:
        return None
    words = [word for word in before.split("_") if word != "FIPS" and not word.startswith("EXPORT")]
    return None if not words or words[-1] in {"anon", "NULL"} else words[-1]
