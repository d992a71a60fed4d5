"""What a server can say to a hello, as values; the bytes are read by `_hello_read` and `_hello_read_ssl2`."""

from __future__ import annotations

from typing import NamedTuple


class Malformed(Exception):
    """What a peer sent breaks the rules of TLS.

    Attributes:
        what: completes "the peer sent …".
        head: the first bytes that came, where they are no TLS at all; else empty.
    """

    def __init__(self, what: str, head: bytes = b"") -> None:
        super().__init__(what)
        self.what = what
        self.head = head


class Alert(NamedTuple):
    """An alert (RFC 8446, section 6): level 1 is a warning, 2 the end."""

    level: int
    description: int


class ServerHello(NamedTuple):
    """A ServerHello, or a HelloRetryRequest where `retry`.

    Attributes:
        version: the version agreed on, as on the wire; that of the extension in TLS 1.3.
        suite: code of the chosen suite.
        compression: code of the chosen method, 0 for none.
        extensions: numbers of the extensions that came along.
        group: code of the group that TLS 1.3 uses, or wants to use; None where it is not said.
        alpn: the protocol agreed on (RFC 7301), as bytes; None for none.
    """

    version: int
    suite: int
    compression: int
    retry: bool
    extensions: frozenset[int]
    group: int | None = None
    alpn: bytes | None = None


class Certificates(NamedTuple):
    """A Certificate message up to TLS 1.2: each certificate in DER, leaf first."""

    chain: tuple[bytes, ...]


class Stapled(NamedTuple):
    """A CertificateStatus message (RFC 6066, section 8): an OCSP answer of that many bytes came along."""

    size: int


class KeyExchange(NamedTuple):
    """A ServerKeyExchange.

    Attributes:
        prime_bits: of a finite-field Diffie-Hellman prime; 0 where it is none.
        prime_name: the standard group that the prime belongs to, None for one of the server's own.
        curve: code of the elliptic curve, 0xFF01 or 0xFF02 for one that is spelt out; None where it is none.
    """

    prime_bits: int = 0
    prime_name: str | None = None
    curve: int | None = None


class CertificateRequest(NamedTuple):
    """The server wants to know who we are."""


class Done(NamedTuple):
    """The server has said all that it says before it is our turn."""


class Ssl2Hello(NamedTuple):
    """A SERVER-HELLO of SSL 2: the cipher kinds that are left, and the certificate in DER (empty for none)."""

    kinds: tuple[int, ...]
    certificate: bytes


class Ssl2Error(NamedTuple):
    """An ERROR message of SSL 2."""

    code: int


Event = (
    Alert
    | ServerHello
    | Certificates
    | Stapled
    | KeyExchange
    | CertificateRequest
    | Done
    | Ssl2Hello
    | Ssl2Error
)  # fmt: skip
