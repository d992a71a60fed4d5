"""Every cipher suite that is worth asking a server for: its code, its IANA name and the versions it can occur in.

The numbers are those of the IANA registry "TLS Cipher Suites" (RFC 8446, section 11). Left out are the suites that need
a secret shared in advance (PSK, SRP, Kerberos): no resident's browser could use them. The order of the table is the
order in which they are asked for: what servers commonly accept first, so that it fits into one hello; within it the
strong ones first, as a browser does it. ChaCha20 never comes first while others are there: OpenSSL gives it precedence
then (SSL_OP_PRIORITIZE_CHACHA), which would hide the server's own order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Suite(NamedTuple):
    """One row of the table; `since` is the oldest of `scanner.model.facts.tls.VERSIONS` in which it can occur."""

    code: int
    name: str
    since: str


def _rows() -> Iterator[Suite]:
    with Path(__file__).with_suffix(".csv").open(encoding="ascii", newline="") as table:
        for row in csv.DictReader(table):
            yield Suite(int(row["code"], 16), row["name"], row["since"])


SUITES = tuple(_rows())
"""All suites of SSL 3 to TLS 1.3, in the order of asking."""

NAMES = {suite.code: suite.name for suite in SUITES}
