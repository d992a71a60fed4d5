"""LDAP: the StartTLS extended operation (RFC 4511, 4.12 and 4.14), in as much BER as it takes."""

from __future__ import annotations

from scanner.transports.starttls._talk import LONGEST_PIECE, NotOffered, Talk, Turned, quoted

_OID = b"1.3.6.1.4.1.1466.20037"

# LDAPMessage { messageID 1, extendedReq [APPLICATION 23] { requestName [0] OID } }
_REQUEST = bytes([0x30, 0x1D, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, len(_OID)]) + _OID

_SEQUENCE, _INTEGER, _OCTETS, _ENUMERATED, _EXTENDED_RESPONSE = 0x30, 0x02, 0x04, 0x0A, 0x78
_SUCCESS, _PROTOCOL_ERROR, _BUSY, _UNAVAILABLE = 0, 2, 51, 52


async def ldap(talk: Talk, name: str) -> None:
    """The request and its response.

    A server without TLS says protocolError (RFC 4511, 4.14.1). Active Directory without a certificate says unavailable
    and "Error initializing SSL/TLS".
    """
    await talk.send(_REQUEST)
    code, said = _result(talk, await _message(talk))
    if code == _SUCCESS:
        return
    told = _told(code, said)
    if code == _PROTOCOL_ERROR or (code == _UNAVAILABLE and "initializing SSL/TLS" in said):
        raise NotOffered(f"StartTLS was answered with {quoted(told)}")
    if code == _BUSY:
        raise talk.limited(told)
    raise talk.refused(told)


async def _message(talk: Talk) -> bytes:
    """The contents of one LDAPMessage."""
    tag, first = await talk.exactly(2)
    if tag != _SEQUENCE:
        raise talk.malformed(f"its first byte is 0x{tag:02x}")
    length = await _length(talk, first)
    if length > LONGEST_PIECE:
        raise talk.malformed(f"an answer of {length} bytes")
    return await talk.exactly(length)


async def _length(talk: Talk, first: int) -> int:
    """The definite length of the outermost value; LDAP forbids the indefinite form (RFC 4511, 5.1)."""
    if first < 0x80:
        return first
    if not 0x81 <= first <= 0x84:
        raise talk.malformed("a length that BER does not allow here")
    return int.from_bytes(await talk.exactly(first - 0x80), "big")


def _result(talk: Talk, message: bytes) -> tuple[int, str]:
    """Result code and diagnostic message of an ExtendedResponse."""
    try:
        number, rest = _value(message, _INTEGER)
        response, _ = _value(rest, _EXTENDED_RESPONSE)
        code, rest = _value(response, _ENUMERATED)
        _, rest = _value(rest, _OCTETS)
        said, _ = _value(rest, _OCTETS)
    except (ValueError, IndexError) as error:
        raise _not_ldap(talk) from error
    told = said.decode("utf-8", "replace")
    # 0 is a Notice of Disconnection (4.4.1), which says why as well.
    if len(code) != 1 or number not in (b"\x00", b"\x01") or (number == b"\x00" and code[0] == _SUCCESS):
        raise _not_ldap(talk)
    if number == b"\x00":
        raise talk.refused(f"disconnected, {_told(code[0], told)}")
    return code[0], told


def _told(code: int, said: str) -> str:
    """A result code, and the server's words if it has any."""
    return f"result code {code}: {said}" if said.strip() else f"result code {code}"


def _not_ldap(talk: Talk) -> Turned:
    return talk.malformed("it sent no response to an extended operation")


def _value(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The contents of a value with this tag at the start of some bytes, and what follows it."""
    if data[0] != tag:
        raise ValueError(f"tag 0x{data[0]:02x}")
    start, length = 2, data[1]
    if length >= 0x80:
        start = 2 + length - 0x80
        if not 3 <= start <= 6:
            raise ValueError("length")
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise ValueError("cut")
    return data[start : start + length], data[start + length :]
