"""Bodies of answers: unpacked within bounds, whatever the peer packed into them. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from scanner.model.unobserved import Cause, Unobserved

LARGEST_BODY = 1_000_000
"""Bytes of a body that are read at most, and that it is unpacked to at most."""

# zlib's `wbits`: gzip alone; for "deflate" a zlib stream or, as some servers send it, a bare one.
_GZIP, _ZLIB, _BARE = 31, 15, -15


@dataclass(frozen=True, kw_only=True)
class Body:
    """What was read of a body; `gap` says why that is not all of it, None where it is."""

    content: bytes
    gap: Unobserved | None = None


def unpacked(sent: bytes, codings: str, gap: Unobserved | None, *, where: str) -> Body:
    """A body as it is meant.

    Args:
        sent: what came of it.
        codings: the values of Content-Encoding. We ask for none; a server may pack all the same.
        gap: why what came is not all; None where it is.
        where: who sent it.
    """
    coding = codings.strip().lower()
    if coding in {"", "identity"}:
        return Body(content=sent, gap=gap)
    if coding in {"gzip", "x-gzip"}:
        content, whole = _inflated(sent, _GZIP)
    elif coding == "deflate":
        content, whole = _inflated(sent, _ZLIB if sent[:1] == b"\x78" else _BARE)
    else:
        detail = f"{where} packs its page in a way that civicseal did not ask for; send it as `identity` or gzip."
        return Body(content=b"", gap=Unobserved(cause=Cause.UNSUPPORTED, detail=detail))
    return Body(content=content, gap=gap if whole else gap or _not_whole(content, where))


def too_large(where: str) -> Unobserved:
    """The gap behind the first bytes of a page that is larger than what is read."""
    detail = f"The page at {where} is larger than {LARGEST_BODY // 1_000_000} MB; what comes after that was not read."
    return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)


def broke_off(where: str) -> Unobserved:
    """The gap behind a body that stopped before its end."""
    detail = f"{where} broke off or took too long before its page was whole; check the service, then scan again."
    return Unobserved(cause=Cause.TIMEOUT, detail=detail)


def _not_whole(content: bytes, where: str) -> Unobserved:
    if len(content) >= LARGEST_BODY:
        return too_large(where)
    detail = f"The packed page of {where} cannot be unpacked to its end; check the service or proxy that packs it."
    return Unobserved(cause=Cause.MALFORMED, detail=detail)


def _inflated(sent: bytes, wbits: int) -> tuple[bytes, bool]:
    """At most the largest body, and whether the stream ended inside it."""
    unpacker = zlib.decompressobj(wbits)
    content = b""
    try:
        # Piece by piece, so that what stands before a mistake in the stream is kept.
        for start in range(0, len(sent), 65536):
            content += unpacker.decompress(sent[start : start + 65536], LARGEST_BODY - len(content))
            if unpacker.eof or len(content) >= LARGEST_BODY:
                break
    except zlib.error:
        return content, False
    return content, unpacker.eof
