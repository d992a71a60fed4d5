"""One small file over verified HTTPS, as RFC 8461 (MTA-STS), section 3.3, wants a policy fetched.

The certificate must be valid for the host, and no redirect is followed.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from functools import lru_cache

import httpx

from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._http_line import FAILURES, Line, gap_of, read_body, request_to
from scanner.transports._http_tls import without_alpn
from scanner.transports._http_url import port_of, wanted
from scanner.transports._tls_trust import store_file
from scanner.transports.addresses import endpoint

LONGEST = 64 * 1024
"""Bytes of the largest file that is taken (section 3.3 allows receivers to stop there)."""

# A bundle may hold any text between its certificates; ssl takes none but ASCII.
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[\x00-\x7f]+?-----END CERTIFICATE-----")

# Connecting, the head and the body may each take the step's time.
_STEPS = 4


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An answer.

    Attributes:
        content_type: the media type in lower case, without parameters; empty where none is said.
        body: decoded with replacement; cut where it is longer than `LONGEST`, which `is_whole` tells.
    """

    status: int
    content_type: str
    body: str
    is_whole: bool


async def fetch(url: str, address: str, *, step: float, ca_bundle: str | None = None) -> Fetched | Unobserved:
    """GETs an https URL from one address.

    Args:
        step: seconds for each wait; the whole may take four times that.
        ca_bundle: extra trust anchors in PEM.

    Returns:
        The answer, or why there is none; a certificate that is not accepted has the cause `host_key`.
    """
    request = request_to(wanted(url), address, step, accept="text/plain", keep=False)
    try:
        line = Line(_context(ca_bundle))
    except (ssl.SSLError, ValueError):
        detail = "The ca_bundle holds something that is no PEM certificate; export it again as PEM."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    try:
        async with asyncio.timeout(_STEPS * step):
            return await _fetch(line, request)
    except FAILURES as error:
        return gap_of(error, line.progress, where=endpoint(address, port_of(url)))
    finally:
        await line.close()


async def _fetch(line: Line, request: httpx.Request) -> Fetched:
    pieces: list[bytes] = []
    response = await line.ask(request)
    is_whole = await read_body(response, pieces, LONGEST)
    types = [value for name, value in response.headers.raw if name.lower() == b"content-type"]
    said = harmless(types[0].partition(b";")[0].strip().lower(), 100) if types else ""
    body = b"".join(pieces)[:LONGEST].decode("utf-8", "replace")
    return Fetched(status=response.status_code, content_type=said, body=body, is_whole=is_whole)


@lru_cache(maxsize=32)
def _context(ca_bundle: str | None) -> ssl.SSLContext:
    """Trusts what Mozilla does, and the city's own anchors. Only a subjectAltName counts as a name (RFC 8461, 3.3)."""
    context = ssl.create_default_context(cafile=str(store_file("Mozilla")))
    context.hostname_checks_common_name = False
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python 3.13 turns it on, and private authorities seldom hold it
    if ca_bundle is not None:
        context.load_verify_locations(cadata="\n".join(_PEM.findall(ca_bundle)))
    return without_alpn(context)
