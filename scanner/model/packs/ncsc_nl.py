"""NCSC-NL: the Dutch government's guidelines for TLS, as its own scanner judges them."""

from __future__ import annotations

from itertools import product

from scanner.model.packs.base import Clause, Pack

_EC = ("TLS_ECDHE_ECDSA", "TLS_ECDHE_RSA")
# Good and sufficient. CCM with RSA is not in appendix B but meets all that it asks for.
_STRONG = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_128_CCM_SHA256",
    *(
        f"{exchange}_WITH_{cipher}"
        for exchange, cipher in product(
            _EC, ("CHACHA20_POLY1305_SHA256", "AES_256_GCM_SHA384", "AES_256_CCM", "AES_128_GCM_SHA256", "AES_128_CCM")
        )
    ),
)
_MODES = ("256_GCM_SHA384", "128_GCM_SHA256", "128_CBC_SHA256")
_PHASE_OUT_EC = (
    *(f"{cipher}_{mode}" for cipher, mode in product(("CAMELLIA", "ARIA"), (*_MODES, "256_CBC_SHA384"))),
    "AES_256_CBC_SHA384",
    "AES_128_CBC_SHA256",
)
_PHASE_OUT_DHE = (
    "CHACHA20_POLY1305_SHA256",
    *(f"CAMELLIA_{mode}" for mode in (*_MODES, "256_CBC_SHA256")),
    *(f"ARIA_{mode}" for mode in (*_MODES, "256_CBC_SHA384")),
    *(f"AES_{mode}" for mode in (*_MODES, "256_CBC_SHA256", "256_CCM", "128_CCM")),
)
PHASED_OUT: tuple[str, ...] = (
    *(f"{exchange}_WITH_{cipher}" for exchange, cipher in product(_EC, _PHASE_OUT_EC)),
    *(f"TLS_DHE_RSA_WITH_{cipher}" for cipher in _PHASE_OUT_DHE),
)
"""Suites that are to be phased out; having them on is no failure yet."""

NCSC_NL = Pack(
    id="ncsc-nl-2025",
    name="NCSC-NL",
    version="2025-05",
    date="2025-05",
    source=(
        "NCSC-NL, IT Security Guidelines for Transport Layer Security, 2025-05; second-hand: sections and thresholds as"
        " Internet.nl v1.11.2 (2026) cites and applies them (checks/tasks/tls/tls_constants.py), not read in the"
        " original. `Phase out` counts as met, `insufficient` as not met"
    ),
    clauses=(
        Clause(check="tls-versions", id="3.3.1", requirement="Only TLS 1.2 and TLS 1.3 are on."),
        Clause(
            check="tls-ciphers",
            id="3.3.3, 3.3.4, appendix B",
            requirement=(
                "No suite is on that is not in appendix B, and finite-field Diffie-Hellman uses a group of RFC 7919 of"
                " 3072 bits at least."
            ),
        ),
        Clause(check="tls-forward-secrecy", id="3.3.3", requirement="Every suite makes a new key (ECDHE or DHE)."),
        Clause(
            check="certificate-strength",
            id="3.3.2.1, 3.3.5",
            requirement="RSA keys have 2048 bits at least, elliptic curves 224, and signatures use SHA-2.",
        ),
    ),
    values={
        "tls_versions_forbidden": ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"),
        "suites_allowed": (*_STRONG, *PHASED_OUT),
        "dh_min_bits": 3072,
        "dh_groups_allowed": ("ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"),
        "rsa_min_bits": 2048,
        "ec_min_bits": 224,
    },
    left_out=(
        "RSA keys of 2048 to 3071 bits, P-224, DHE, CBC with SHA-2, Camellia and ARIA are to be phased out; that is no"
        " failure yet.",
        "Hybrid groups against quantum computers are advice, so tls-post-quantum is not judged here.",
        "Compression, renegotiation, early data and the extended master secret are in the guidelines too; their"
        " sections are not known second-hand, so tls-vulnerabilities is not judged here.",
    ),
)
