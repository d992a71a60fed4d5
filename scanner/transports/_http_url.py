"""URLs as they are asked for: who is connected to, and what the request says. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from scanner.model.dns_names import a_labels, as_ip

LONGEST_URL = 4000
"""Characters of the longest URL that is asked for, and of the longest header value that is kept."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._~-]+")

# What may stand in a path or query as it is (RFC 3986, section 3.3), `%` included so that nothing is encoded twice,
# and what browsers leave alone there too.
_AS_IT_IS = "%/?:@!$&'()*+,;=-._~[]|^`{}\\"


class InvalidUrl(ValueError):
    """No http or https URL that could be asked for; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one URL asks for.

    Attributes:
        host: name in A-labels or IP literal, in lower case, without brackets and zone; a final dot is kept.
        netloc: host and port as the Host line says them.
        target: path and query as the request line says them.
    """

    scheme: str
    host: str
    port: int
    netloc: str
    target: str

    @property
    def server_name(self) -> str:
        """The host as TLS is told it."""
        return self.host.removesuffix(".")


def wanted(url: str) -> Wanted:
    """Reads a URL; user name, password and fragment are dropped.

    Raises:
        InvalidUrl: for one that cannot be asked for.
    """
    if len(url) > LONGEST_URL:
        raise InvalidUrl("the URL is too long")
    if any(ord(character) < 32 or ord(character) == 127 for character in url):
        raise InvalidUrl("the URL holds a control character")
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        host = _host(parts.hostname or "")
    except (ValueError, UnicodeError) as error:
        raise InvalidUrl(str(error)) from error
    if parts.scheme not in _PORTS or not 0 < port < 65536:
        raise InvalidUrl("no http or https URL with a host and a port")
    shown = f"[{host}]" if ":" in host else host
    query = f"?{parts.query}" if parts.query else ""
    return Wanted(
        scheme=parts.scheme,
        host=host,
        port=port,
        netloc=shown if port == _PORTS[parts.scheme] else f"{shown}:{port}",
        target=quote((parts.path or "/") + query, safe=_AS_IT_IS),
    )


def _host(name: str) -> str:
    """A host as it is asked for. Raises ValueError for one that no server can have."""
    plain = name.partition("%")[0]
    if as_ip(plain) is not None:
        return plain
    ascii_name = a_labels(plain) + ("." if plain.endswith(".") else "")
    if not _HOST.fullmatch(ascii_name):
        raise InvalidUrl("no valid host")
    ascii_name.encode("idna")  # refuses an empty or over-long label
    return ascii_name


def port_of(url: str) -> int:
    """The port of an http or https URL, given or implied; 0 for another one."""
    parts = urlsplit(url)
    return _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
