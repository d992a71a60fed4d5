"""Every cipher suite that is worth asking a server for: its code, its IANA name and the versions it can occur in.

The numbers are those of the IANA registry "TLS Cipher Suites" (RFC 8446, section 11) and, for SSL 2, of the Netscape
specification of 1995 (draft-hickman-netscape-ssl-00, section 4). Left out are the suites that need a secret shared in
advance (PSK, SRP, Kerberos): no resident's browser could use them. The order of the table is the order in which they
are asked for: what servers commonly accept first, so that it fits into one hello; within it the strong ones first, as
a browser does it. ChaCha20 never comes first while others are there: OpenSSL gives it precedence then
(SSL_OP_PRIORITIZE_CHACHA), which would hide the server's own order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from scanner.model.facts.tls import VERSIONS
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
"""The cipher kinds of SSL 2 by their three-byte code."""


class Suite(NamedTuple):
    """One row of the table; `since` is the oldest of `VERSIONS` in which it can occur."""

    code: int
    name: str
    since: str


def _rows() -> Iterator[Suite]:
    with Path(__file__).with_name("_hello_suites.csv").open(encoding="ascii", newline="") as table:
        for row in csv.DictReader(table):
            yield Suite(int(row["code"], 16), row["name"], row["since"])


SUITES = tuple(_rows())
"""All suites of SSL 3 to TLS 1.3, in the order of asking."""

NAMES = {suite.code: suite.name for suite in SUITES}


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
