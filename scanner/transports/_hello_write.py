"""ClientHellos as bytes, made quickly: what stays the same from one hello to the next is made once.

The hellos are friendly to what stands between us and the server. None is 256 to 511 bytes long, which some load
balancers never answer (RFC 7685 pads them), none holds more than 64 suites, and each fits into one small record.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanner.transports._hello_numbers import CURVES, GROUPS, SIGNATURES, VERSION_CODES
from scanner.transports._hello_suites import FALLBACK_SCSV, RENEGOTIATION_SCSV

# The lengths of a handshake message at which F5 BIG-IP fell silent (RFC 7685, section 1).
_BAD_LENGTHS = range(256, 512)
_GOOD_LENGTH = 512

_TLS13 = VERSION_CODES["TLSv1.3"]
_OLDER = (0x0303, 0x0302, 0x0301)

_FEW_CURVES = tuple(CURVES)[:5]
_FEW_SIGNATURES = (0x0403, 0x0503, 0x0804, 0x0401, 0x0501, 0x0601, 0x0201)

# Values that mean nothing and that every server must skip (RFC 8701, section 2).
_GREASE_SUITE, _GREASE_GROUP, _GREASE_EXTENSION, _GREASE_VERSION = 0x0A0A, 0x1A1A, 0x2A2A, 0x3A3A


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a ClientHello says besides its suites.

    Attributes:
        version: the newest version that it offers, SSLv3 to TLSv1.3. TLS 1.3 is offered alone unless `older`; the
            others are an offer of everything older as well, as they always were.
        older: offers TLS 1.2 to 1.0 along with TLS 1.3.
        server_name: SNI; None sends none.
        groups: key exchange groups; None for all that the version is asked for.
        shares: groups with a key each, ready made; with none of them a TLS 1.3 server names the group that it wants.
        alpn: protocols to agree on (RFC 7301).
        heartbeat: offers the heartbeat extension (RFC 6520).
        compression: offers DEFLATE (RFC 3749).
        status: asks for a stapled OCSP answer (RFC 6066, section 8).
        master_secret: offers the extended master secret (RFC 7627).
        fallback: says that the hello is a fallback (RFC 7507).
        signatures: signature algorithms, which decide between a server's certificates.
        grease: adds values that every server must skip (RFC 8701).
        plain: as short as it gets, without anything that is not needed: for servers that stumble over more.
    """

    version: str
    older: bool = False
    server_name: str | None = None
    groups: tuple[int, ...] | None = None
    shares: tuple[tuple[int, bytes], ...] = ()
    alpn: tuple[str, ...] = ()
    heartbeat: bool = False
    compression: bool = False
    status: bool = False
    master_secret: bool = True
    fallback: bool = False
    signatures: tuple[int, ...] = SIGNATURES
    grease: bool = False
    plain: bool = False

    @property
    def extends(self) -> bool:
        """Whether its hellos have extensions: SSL 3 servers know none."""
        return self.version != "SSLv3"


class Writer:
    """Writes hellos of one shape, in their records.

    Raises:
        ValueError: on making, where the shape cannot be put into bytes: a name or a protocol that is too long.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        code = VERSION_CODES[shape.version]
        self._hello_version = struct.pack(">H", min(code, 0x0303))
        self._record = b"\x16" + struct.pack(">H", min(code, 0x0301))
        self._session = code == _TLS13  # some middleboxes let TLS 1.3 through only if it looks like a resumption
        self._compressions = b"\x02\x01\x00" if shape.compression else b"\x01\x00"
        self._extensions = _extensions(shape) if shape.extends else None
        self._signals = _signals(shape)
        self._first = (_GREASE_SUITE,) if shape.grease else ()

    def hello(self, suites: Sequence[int]) -> bytes:
        """A hello that offers these suites in this order."""
        codes = (*self._first, *suites, *self._signals)
        noise = os.urandom(64)
        session = b"\x20" + noise[32:] if self._session else b"\x00"
        chosen = struct.pack(f">H{len(codes)}H", 2 * len(codes), *codes)
        head = b"".join((self._hello_version, noise[:32], session, chosen, self._compressions))
        body = head + self._padded(len(head))
        return b"".join((self._record, struct.pack(">HBBH", len(body) + 4, 1, 0, len(body)), body))

    def _padded(self, before: int) -> bytes:
        """The extensions with their length, padded where the hello would else have a bad one."""
        if self._extensions is None:
            return b""
        extensions = self._extensions
        total = 4 + before + 2 + len(extensions)
        if total in _BAD_LENGTHS:
            extensions += _extension(21, bytes(max(0, _GOOD_LENGTH - total - 4)))
        return struct.pack(">H", len(extensions)) + extensions


def ssl2_hello(kinds: Sequence[int]) -> bytes:
    """A CLIENT-HELLO of SSL 2 that offers these cipher kinds (three-byte codes)."""
    offered = b"".join(kind.to_bytes(3, "big") for kind in kinds)
    body = struct.pack(">BHHHH", 1, 0x0002, len(offered), 0, 16) + offered + os.urandom(16)
    return struct.pack(">H", 0x8000 | len(body)) + body


def _signals(shape: Shape) -> tuple[int, ...]:
    renegotiation = () if shape.extends and not shape.plain else (RENEGOTIATION_SCSV,)
    return renegotiation + ((FALLBACK_SCSV,) if shape.fallback else ())


def _words(values: Iterable[int]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def _sized(content: bytes, width: int = 2) -> bytes:
    try:
        return len(content).to_bytes(width, "big") + content
    except OverflowError as error:
        raise ValueError(f"{len(content)} bytes do not fit into this part of a hello") from error


def _extension(number: int, content: bytes) -> bytes:
    return _words([number]) + _sized(content)


def _name(server_name: str) -> bytes:
    return _extension(0, _sized(b"\x00" + _sized(server_name.encode("ascii", "replace"))))


def _groups(shape: Shape) -> tuple[int, ...]:
    if shape.groups is not None:
        return shape.groups
    if shape.version == "TLSv1.3":
        return tuple(GROUPS)
    return _FEW_CURVES if shape.plain else tuple(CURVES)


def _extensions(shape: Shape) -> bytes:
    """All extensions but the padding, without their length."""
    parts = [_name(shape.server_name)] if shape.server_name is not None else []
    parts += _needed(shape)
    if not shape.plain:
        parts += [*_usual(shape), *_on_demand(shape)]
    if shape.version == "TLSv1.3":
        parts += _of_tls13(shape)
    return b"".join(parts)


def _needed(shape: Shape) -> list[bytes]:
    grease = (_GREASE_GROUP,) if shape.grease else ()
    parts = [_extension(10, _sized(_words((*grease, *_groups(shape))))), _extension(11, b"\x01\x00")]
    if VERSION_CODES[shape.version] >= VERSION_CODES["TLSv1.2"]:
        parts.append(_extension(13, _sized(_words(_FEW_SIGNATURES if shape.plain else shape.signatures))))
    return parts


def _usual(shape: Shape) -> list[bytes]:
    parts = [_extension(_GREASE_EXTENSION, b"")] if shape.grease else []
    if shape.master_secret:
        parts.append(_extension(23, b""))
    parts.append(_extension(0xFF01, b"\x00"))
    return parts


def _on_demand(shape: Shape) -> list[bytes]:
    parts = []
    if shape.status:
        parts.append(_extension(5, b"\x01\x00\x00\x00\x00"))
    if shape.heartbeat:
        parts.append(_extension(15, b"\x01"))
    if shape.alpn:
        names = b"".join(_sized(name.encode("ascii", "replace"), 1) for name in shape.alpn)
        parts.append(_extension(16, _sized(names)))
    return parts


def _of_tls13(shape: Shape) -> list[bytes]:
    grease = (_GREASE_VERSION,) if shape.grease else ()
    versions = (*grease, _TLS13, *(_OLDER if shape.older else ()))
    shares = b"".join(_words([group]) + _sized(key) for group, key in shape.shares)
    return [
        _extension(43, _sized(_words(versions), 1)),
        _extension(45, b"\x01\x01"),
        _extension(51, _sized(shares)),
    ]
