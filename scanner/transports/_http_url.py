"""URLs as they are asked for: what httpx makes of them, and what it would let through. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

from scanner.model.dns_names import a_labels, as_ip

LONGEST_URL = 4000
"""Characters of the longest URL that is asked for, and of the longest header value that is kept."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._~-]+")


def wanted(url: str) -> httpx.URL:
    """A URL as it is asked for; user name, password and fragment are dropped.

    Its `raw_host` is a name in A-labels or an IP literal, in lower case, without brackets and zone; a final dot is
    kept. `netloc` is what the Host line says, `raw_path` what the request line says.

    Raises:
        httpx.InvalidURL: for one that cannot be asked for; the message says why.
    """
    if len(url) > LONGEST_URL:
        raise httpx.InvalidURL("the URL is too long")
    try:
        port, parts = port_of(url), urlsplit(url)
        # The host is given apart, for httpx knows other A-labels (IDNA 2008) than those that were looked up; the scheme
        # because httpx tells a default port by one in lower case alone.
        host = _host(parts.hostname or "")
        asked = httpx.URL(url, scheme=parts.scheme, host=host, userinfo=b"", fragment=None)
    except ValueError as error:
        raise httpx.InvalidURL(str(error)) from error
    if asked.scheme not in _PORTS or not port:
        raise httpx.InvalidURL("no http or https URL with a host and a port")
    return asked


def server_name(asked: httpx.URL) -> str:
    """The host of a URL as TLS is told it; httpx's own `host` would decode A-labels, or fail to."""
    return asked.raw_host.decode("ascii").removesuffix(".")


def _host(name: str) -> str:
    """A host as it is asked for. Raises ValueError for one that no server can have."""
    plain = name.partition("%")[0]
    if as_ip(plain) is not None:
        return plain
    ascii_name = a_labels(plain) + ("." if plain.endswith(".") else "")
    if not _HOST.fullmatch(ascii_name):
        raise ValueError("no valid host")
    ascii_name.encode("idna")  # refuses an empty or over-long label
    return ascii_name


def port_of(url: str) -> int:
    """The port of an http or https URL, given or implied; 0 for another one."""
    parts = urlsplit(url)
    return _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
