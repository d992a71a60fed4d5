"""RDP: the X.224 connection request with protocol negotiation (MS-RDPBCGR 2.2.1.1 and 2.2.1.2)."""

from __future__ import annotations

import struct

from scanner.transports.starttls._talk import LONGEST_PIECE, NotOffered, Talk

# PROTOCOL_SSL and PROTOCOL_HYBRID (CredSSP, "network level authentication"): both begin with TLS.
_REQUESTED = 0x1 | 0x2
_NEGOTIATION = struct.pack("<BBHI", 1, 0, 8, _REQUESTED)
_REQUEST = struct.pack("!BBHBBHHB", 3, 0, 11 + len(_NEGOTIATION), 6 + len(_NEGOTIATION), 0xE0, 0, 0, 0) + _NEGOTIATION

_CONFIRM, _DISCONNECT = 0xD0, 0x80
_RESPONSE, _FAILURE = 2, 3
_WITHOUT_TLS = {2: "SSL_NOT_ALLOWED_BY_SERVER", 3: "SSL_CERT_NOT_ON_SERVER"}


async def rdp(talk: Talk, name: str) -> None:
    """Asks for TLS, and reads what the server chose."""
    await talk.send(_REQUEST)
    version, _, length = struct.unpack("!BBH", await talk.exactly(4))
    if version != 3 or not 11 <= length <= LONGEST_PIECE:
        raise talk.malformed("it sent no TPKT header")
    packet = await talk.exactly(length - 4)
    if packet[1] & 0xF0 == _DISCONNECT:
        raise talk.blocked("answered the connection request with a disconnect")
    if packet[1] & 0xF0 != _CONFIRM:
        raise talk.malformed("it did not confirm the connection")
    _negotiated(talk, packet[7:])


def _negotiated(talk: Talk, data: bytes) -> None:
    """Returns where the server chose a protocol that begins with TLS."""
    if not data:
        raise NotOffered("it knows no negotiation and speaks Standard RDP Security alone")
    if len(data) < 8:
        raise talk.malformed("its negotiation is cut")
    kind, _, _, value = struct.unpack("<BBHI", data[:8])
    if kind == _FAILURE and value in _WITHOUT_TLS:
        raise NotOffered(f"the negotiation ended with {_WITHOUT_TLS[value]}")
    if kind == _FAILURE:
        raise talk.blocked(f"ended the negotiation with failure code {value}")
    if kind != _RESPONSE or value not in (0, 1, 2):
        raise talk.malformed(f"its negotiation has type {kind} and value {value}")
    if value == 0:
        raise NotOffered("it chose Standard RDP Security, which is not TLS")
