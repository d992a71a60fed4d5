"""Look before you leap: one cheap connection that tells silence, refusal and other protocols from TLS.

sslyze waits eleven time-outs for a silent peer and calls much a handshake failure that is none. A single ClientHello
made here, which any version since SSL 3.0 can answer, settles it with the first six bytes that come back.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_protocol import TlsTarget

_SUITES = (
    *(0x1301, 0x1302, 0x1303),  # TLS 1.3
    *(0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0x009E, 0x009F),  # forward secrecy, AEAD
    *(0xC009, 0xC013, 0xC00A, 0xC014, 0x0033, 0x0039, 0x0067, 0x006B),  # forward secrecy, CBC
    *(0x009C, 0x009D, 0x002F, 0x0035, 0x003C, 0x003D, 0x000A, 0x0005, 0x0004),  # RSA, 3DES, RC4
    0x00FF,  # secure renegotiation is known (RFC 5746)
)
_VERSIONS = (0x0304, 0x0303, 0x0302, 0x0301)
_GROUPS = (0x001D, 0x0017, 0x0018, 0x0019, 0x0100)
_SIGNATURES = (0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201)

_ALERT, _HANDSHAKE = 0x15, 0x16
_HEAD = 6


def _words(values: Iterable[int]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def _sized(content: bytes, width: int = 2) -> bytes:
    return len(content).to_bytes(width, "big") + content


def _extension(number: int, content: bytes) -> bytes:
    return _words([number]) + _sized(content)


def client_hello(server_name: str | None) -> bytes:
    """A ClientHello in its record (RFC 8446, section 4.1.2), without a key share: a server asks again for one."""
    extensions = [
        _extension(10, _sized(_words(_GROUPS))),
        _extension(11, b"\x01\x00"),
        _extension(13, _sized(_words(_SIGNATURES))),
        _extension(43, _sized(_words(_VERSIONS), 1)),
        _extension(45, b"\x01\x01"),
        _extension(51, _sized(b"")),
    ]
    if server_name is not None:
        extensions.insert(0, _extension(0, _sized(b"\x00" + _sized(server_name.encode("ascii", "replace")))))
    body = (
        b"\x03\x03"
        + os.urandom(32)
        + _sized(os.urandom(32), 1)
        + _sized(_words(_SUITES))
        + b"\x01\x00"
        + _sized(b"".join(extensions))
    )
    return b"\x16\x03\x01" + _sized(b"\x01" + _sized(body, 3))


def judge_head(peer: str, head: bytes) -> Unobserved | None:
    """What the first bytes of an answer show: None for TLS, else why it is none."""
    if len(head) >= 2 and head[0] in (_ALERT, _HANDSHAKE) and head[1] == 3:
        return None
    if not head:
        return Unobserved(cause=Cause.UNREACHABLE, detail=f"{peer} closed the connection without an answer.")
    told = "plain HTTP" if head.startswith((b"HTTP/", b"<")) else "something that is not TLS"
    return Unobserved(cause=Cause.MALFORMED, detail=f"{peer} answers with {told} where TLS was expected.")


async def _exchange(target: TlsTarget) -> bytes:
    """Sends the hello and returns the first bytes of the answer; fewer where the peer closed."""
    reader, writer = await asyncio.open_connection(target.address, target.port)
    try:
        writer.write(client_hello(target.server_name))
        await writer.drain()
        return await reader.readexactly(_HEAD)
    except asyncio.IncompleteReadError as error:
        return error.partial
    finally:
        writer.close()


async def look(target: TlsTarget) -> Unobserved | None:
    """Whether TLS is spoken there: None, or why nothing can be seen. Takes at most the target's time-out."""
    try:
        async with asyncio.timeout(target.timeout):
            return judge_head(target.peer, await _exchange(target))
    except TimeoutError:
        return Unobserved(cause=Cause.TIMEOUT, detail=f"{target.peer} did not answer within {target.timeout:g} s.")
    except ConnectionRefusedError:
        return Unobserved(cause=Cause.UNREACHABLE, detail=f"{target.peer} refuses connections.")
    except ConnectionError:
        return Unobserved(cause=Cause.UNREACHABLE, detail=f"{target.peer} reset the connection.")
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "the network gave no reason"
        return Unobserved(cause=Cause.UNREACHABLE, detail=f"{target.peer} cannot be reached ({why}).")
