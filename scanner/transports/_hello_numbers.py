"""Numbers of TLS and their names: versions, key exchange groups, signature algorithms, standard primes, alerts.

From the IANA registries "TLS Supported Groups", "TLS SignatureScheme" and "TLS Alerts" as of 2026.
"""

from __future__ import annotations

VERSION_CODES = {
    "SSLv2": 0x0002,
    "SSLv3": 0x0300,
    "TLSv1.0": 0x0301,
    "TLSv1.1": 0x0302,
    "TLSv1.2": 0x0303,
    "TLSv1.3": 0x0304,
}
VERSION_NAMES = {code: name for name, code in VERSION_CODES.items()}

HYBRID_GROUPS = {0x11EC: "X25519MLKEM768", 0x11EB: "SecP256r1MLKEM768", 0x11ED: "SecP384r1MLKEM1024"}
"""draft-ietf-tls-ecdhe-mlkem."""

_MODERN_CURVES = {0x001D: "x25519", 0x0017: "secp256r1", 0x0018: "secp384r1", 0x0019: "secp521r1", 0x001E: "x448"}

_OLD_CURVES = {
    0x001A: "brainpoolP256r1",
    0x001B: "brainpoolP384r1",
    0x001C: "brainpoolP512r1",
    0x0016: "secp256k1",
    0x0015: "secp224r1",
    0x0014: "secp224k1",
    0x0013: "secp192r1",
    0x0012: "secp192k1",
    0x0011: "secp160r2",
    0x0010: "secp160r1",
    0x000F: "secp160k1",
    0x000E: "sect571r1",
    0x000D: "sect571k1",
    0x000C: "sect409r1",
    0x000B: "sect409k1",
    0x000A: "sect283r1",
    0x0009: "sect283k1",
    0x0008: "sect239k1",
    0x0007: "sect233r1",
    0x0006: "sect233k1",
    0x0005: "sect193r2",
    0x0004: "sect193r1",
    0x0003: "sect163r2",
    0x0002: "sect163r1",
    0x0001: "sect163k1",
}

_FINITE_FIELDS = {
    0x0100: "ffdhe2048",
    0x0101: "ffdhe3072",
    0x0102: "ffdhe4096",
    0x0103: "ffdhe6144",
    0x0104: "ffdhe8192",
}

_TLS13_ONLY = {
    0x001F: "brainpoolP256r1tls13",
    0x0020: "brainpoolP384r1tls13",
    0x0021: "brainpoolP512r1tls13",
    0x0029: "curveSM2",
    0x0200: "MLKEM512",
    0x0201: "MLKEM768",
    0x0202: "MLKEM1024",
    0x6399: "X25519Kyber768Draft00",
}

GROUPS = {**HYBRID_GROUPS, **_MODERN_CURVES, **_FINITE_FIELDS, **_TLS13_ONLY}
"""The groups that TLS 1.3 is asked for, in the order of asking."""

CURVES = {**_MODERN_CURVES, **_OLD_CURVES}
"""The groups that older versions are asked for (RFC 8422, RFC 4492, RFC 7027), in the order of asking.

Finite fields (RFC 7919) are left out: a server that knows them would then choose a prime to please us, and we want to
see the one that it uses for everybody else.
"""

GROUP_NAMES = {**GROUPS, **CURVES}

X25519 = 0x001D

SIGNATURES = (
    *(0x0403, 0x0503, 0x0603, 0x0807, 0x0808),  # ECDSA, EdDSA
    *(0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B),  # RSA-PSS
    *(0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201),  # SHA-224 and SHA-1 too, for old servers
    *(0x0402, 0x0302, 0x0202),  # DSA
    *(0x081A, 0x081B, 0x081C, 0x0904, 0x0905, 0x0906),  # ECDSA on Brainpool curves, ML-DSA
)

PRIMES = {
    "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966": "ffdhe2048",
    "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17": "ffdhe3072",
    "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e": "ffdhe4096",
    "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7": "ffdhe6144",
    "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833": "ffdhe8192",
}
"""The primes of RFC 7919, appendix A, by the SHA-256 of their big-endian bytes."""

CLOSE_NOTIFY, HANDSHAKE_FAILURE, PROTOCOL_VERSION = 0, 40, 70
INAPPROPRIATE_FALLBACK, UNRECOGNIZED_NAME = 86, 112

ALERTS = {
    0: "close notify",
    10: "unexpected message",
    20: "bad record MAC",
    40: "handshake failure",
    42: "bad certificate",
    47: "illegal parameter",
    49: "access denied",
    50: "decode error",
    51: "decrypt error",
    70: "protocol version",
    71: "insufficient security",
    80: "internal error",
    86: "inappropriate fallback",
    90: "user canceled",
    109: "missing extension",
    110: "unsupported extension",
    112: "unrecognized name",
    116: "certificate required",
    120: "no application protocol",
}
"""What peers commonly say when they break a handshake off."""
