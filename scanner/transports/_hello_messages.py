"""The handshake messages of a server, each from its whole body. Pure, bounded, and strict about lengths.

Everything raises `Malformed` for a body that breaks the rules, and nothing else.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from scanner.transports._hello_events import Certificates, KeyExchange, Malformed, ServerHello, Stapled
from scanner.transports._hello_numbers import PRIMES
from scanner.transports._hello_suites import exchange_of

MOST_CERTIFICATES = 16

_MOST_EXTENSIONS = 64

# The random value that makes a ServerHello a HelloRetryRequest (RFC 8446, section 4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

_ALPN, _SUPPORTED_VERSIONS, _KEY_SHARE = 16, 43, 51
_NAMED_CURVE = 3
_SPELT_OUT = {1: 0xFF01, 2: 0xFF02}


class _Body:
    """Takes a message apart from its beginning."""

    __slots__ = ("_at", "_bytes", "_what")

    def __init__(self, body: bytes, what: str) -> None:
        self._bytes, self._at, self._what = body, 0, what

    def take(self, count: int) -> bytes:
        """The next bytes, exactly so many."""
        end = self._at + count
        if end > len(self._bytes):
            raise Malformed(f"{self._what} that ends too early")
        part = self._bytes[self._at : end]
        self._at = end
        return part

    def number(self, width: int) -> int:
        """The next number, big-endian."""
        return int.from_bytes(self.take(width), "big")

    def sized(self, width: int) -> bytes:
        """The next bytes, which follow their own length."""
        return self.take(self.number(width))

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._bytes) - self._at

    def end(self) -> None:
        """Insists that nothing is left."""
        if self.left:
            raise Malformed(f"{self._what} with {self.left} bytes too many")


def server_hello(body: bytes) -> ServerHello:
    """A ServerHello or HelloRetryRequest (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3)."""
    what = "a ServerHello"
    if len(body) < 38:
        raise Malformed(f"{what} that ends too early")
    size = body[34]
    if size > 32 or len(body) < 38 + size:
        raise Malformed(f"{what} with a broken session id")
    version, (suite, compression) = int.from_bytes(body[:2], "big"), struct.unpack_from(">HB", body, 35 + size)
    retry = body[2:34] == _RETRY
    found = _extensions(body[38 + size :])
    if _SUPPORTED_VERSIONS in found:
        version = _two(found[_SUPPORTED_VERSIONS], "a supported_versions extension")
    return ServerHello(
        version=version,
        suite=suite,
        compression=compression,
        retry=retry,
        extensions=frozenset(found),
        group=_group(found.get(_KEY_SHARE), retry),
        alpn=_agreed(found.get(_ALPN)),
    )


def _two(content: bytes, what: str) -> int:
    if len(content) != 2:
        raise Malformed(f"{what} of {len(content)} bytes")
    return int.from_bytes(content, "big")


def _extensions(block: bytes) -> dict[int, bytes]:
    """The extensions of a ServerHello with their content; a server without any may leave out their length too."""
    found: dict[int, bytes] = {}
    if not block:
        return found
    if len(block) < 2 or int.from_bytes(block[:2], "big") != len(block) - 2:
        raise Malformed("a ServerHello whose extensions have a wrong length")
    at, size = 2, len(block)
    while at < size:
        if at + 4 > size:
            raise Malformed("a ServerHello with a broken extension")
        number, length = struct.unpack_from(">HH", block, at)
        at += 4 + length
        if at > size or number in found or len(found) >= _MOST_EXTENSIONS:
            raise Malformed("a ServerHello with a broken, repeated or superfluous extension")
        found[number] = block[at - length : at]
    return found


def _group(content: bytes | None, retry: bool) -> int | None:
    """What the key_share extension names: in a HelloRetryRequest the group alone, else a key as well."""
    if content is None:
        return None
    if retry:
        return _two(content, "a key_share extension")
    share = _Body(content, "a key_share extension")
    group = share.number(2)
    share.sized(2)
    share.end()
    return group


def _agreed(content: bytes | None) -> bytes | None:
    if content is None:
        return None
    names = _Body(content, "an ALPN extension")
    name = _Body(names.sized(2), "an ALPN extension")
    names.end()
    agreed = name.sized(1)
    name.end()
    return agreed


def certificates(body: bytes) -> Certificates:
    """A Certificate message up to TLS 1.2 (RFC 5246, section 7.4.2)."""
    message = _Body(body, "a Certificate message")
    chain = tuple(_ders(_Body(message.sized(3), "a Certificate message")))
    message.end()
    return Certificates(chain)


def _ders(entries: _Body) -> Iterator[bytes]:
    count = 0
    while entries.left:
        count += 1
        der = entries.sized(3)
        if count > MOST_CERTIFICATES or not der:
            raise Malformed(f"an empty certificate or more than {MOST_CERTIFICATES} of them")
        yield der


def certificate_status(body: bytes) -> Stapled:
    """A CertificateStatus message (RFC 6066, section 8), or the list of RFC 6961."""
    message = _Body(body, "a CertificateStatus message")
    kind = message.number(1)
    if kind not in (1, 2):
        raise Malformed(f"a CertificateStatus message of the unknown kind {kind}")
    answer = message.sized(3)
    message.end()
    return Stapled(len(answer))


def key_exchange(body: bytes, suite: int) -> KeyExchange:
    """A ServerKeyExchange as far as the suite's kind of key exchange is one that we look at."""
    message = _Body(body, "a ServerKeyExchange message")
    exchange = exchange_of(suite)
    if exchange == "DHE":
        return _finite_field(message)
    if exchange == "ECDHE":
        return _elliptic(message)
    return KeyExchange()


def _finite_field(message: _Body) -> KeyExchange:
    prime = message.sized(2).lstrip(b"\0")
    message.sized(2)  # the generator
    message.sized(2)  # the server's public value; its signature follows
    if not prime:
        raise Malformed("a Diffie-Hellman key whose prime is zero")
    bits = 8 * len(prime) - 8 + prime[0].bit_length()
    return KeyExchange(prime_bits=bits, prime_name=PRIMES.get(hashlib.sha256(prime).hexdigest()))


def _elliptic(message: _Body) -> KeyExchange:
    kind = message.number(1)
    if kind in _SPELT_OUT:
        return KeyExchange(curve=_SPELT_OUT[kind])
    if kind != _NAMED_CURVE:
        raise Malformed(f"a ServerKeyExchange message with the unknown kind of curve {kind}")
    curve = message.number(2)
    message.sized(1)  # the server's public value; its signature follows
    return KeyExchange(curve=curve)
