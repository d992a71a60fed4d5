"""Mozilla Server Side TLS, intermediate: what web servers are advised to set."""

from __future__ import annotations

from scanner.model.packs.base import Clause, Pack
from scanner.model.suites import MOZILLA_INTERMEDIATE

MOZILLA = Pack(
    id="mozilla-intermediate",
    name="Mozilla intermediate",
    version="6.0",
    date="2026-05",
    source=(
        "Mozilla Server Side TLS guidelines 6.0, configuration intermediate (guidelines/6.0.json of"
        " mozilla/ssl-config-generator, now at github.com/tlsref/configurator); clauses are the keys of that file"
    ),
    clauses=(
        Clause(check="tls-versions", id="tls_versions", requirement="Only TLS 1.2 and TLS 1.3 are on."),
        Clause(
            check="tls-ciphers",
            id="ciphers, ciphersuites",
            requirement="No suite is on but the three of TLS 1.3 and the six with ECDHE and AEAD of TLS 1.2.",
        ),
        Clause(check="tls-forward-secrecy", id="ciphers", requirement="Every suite makes a new key (ECDHE)."),
        Clause(
            check="certificate-strength",
            id="rsa_key_size, ecdh_param_size, certificate_signatures",
            requirement="RSA keys have 2048 bits at least, elliptic curves 256, and signatures use SHA-256 or longer.",
        ),
        Clause(check="https-hsts", id="hsts_min_age", requirement="HSTS with a max-age of two years at least."),
    ),
    values={
        "hsts_min_age": 63_072_000,
        "suites_allowed": MOZILLA_INTERMEDIATE,
        "tls_versions_forbidden": ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"),
        "rsa_min_bits": 2048,
        "ec_min_bits": 256,
        "weak_signature_hashes": ("md2", "md4", "md5", "sha1", "sha224"),
        "dh_min_bits": 2048,
    },
    left_out=(
        "tls_curves names X25519MLKEM768 first, but a server that lacks a group of the list still follows it, so"
        " tls-post-quantum is not judged here.",
        "maximum_certificate_lifespan and ocsp_staple are overtaken by the CA/Browser Forum's shorter lifetimes and by"
        " authorities that have ended OCSP.",
    ),
)
