"""PostgreSQL: SSLRequest and its answer of one byte (PostgreSQL manual, 53.2.10 and 53.7)."""

from __future__ import annotations

import struct

from scanner.transports.starttls._talk import LONGEST_PIECE, NotOffered, Talk, Turned, quoted

_REQUEST = struct.pack("!II", 8, 80877103)

# SQLSTATE (PostgreSQL manual, appendix A): protocol_violation and feature_not_supported of what knows no SSLRequest,
# then resources of which there are too few, and a server that starts or stops.
_UNKNOWN_REQUEST = frozenset({"08P01", "0A000"})
_FOR_NOW = ("53", "57P01", "57P02", "57P03")


async def postgres(talk: Talk, name: str) -> None:
    """Asks whether TLS may begin."""
    await talk.send(_REQUEST)
    answer = await talk.exactly(1)
    if answer == b"N":
        raise NotOffered('SSLRequest was answered with "N"')
    if answer == b"E":
        raise await _error(talk)
    if answer != b"S":
        raise talk.malformed(f"SSLRequest was answered with {quoted(answer)}")


async def _error(talk: Talk) -> NotOffered | Turned:
    """What an ErrorResponse means; servers before 7.4, and a server that cannot fork, send a bare text instead."""
    length = int.from_bytes(head := await talk.exactly(4), "big")
    if not 4 <= length <= LONGEST_PIECE:
        return talk.refused((head + talk.left).decode("utf-8", "replace"))
    fields = (await talk.exactly(length - 4)).decode("utf-8", "replace").split("\0")
    told = {field[:1]: field[1:] for field in fields if field}
    code = told.get("C", "")
    said = f"{code} {told.get('M', '')}"
    if code in _UNKNOWN_REQUEST:
        return NotOffered(f"SSLRequest was answered with the error {quoted(said)}")
    return talk.limited(said) if code.startswith(_FOR_NOW) else talk.refused(said)
