"""Names, addresses and URLs as an inventory may hold them. Pure text: nothing is resolved.

Every function takes text and returns it in the form that the model keeps, or raises what `wrong` makes, with a sentence
that does not repeat the text: it may hold a password.
"""

from __future__ import annotations

import re
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from pydantic_core import PydanticCustomError

# RFC 1123 section 2.1 labels, with the underscore that many internal hosts have.
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_IP_SIGNS = re.compile(r"[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]{1,32})?")
_NETWORK_SIGNS = re.compile(r"[0-9A-Fa-f:./]+")
_WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


def wrong(message: str) -> PydanticCustomError:
    """An error about a value, for validators; the message is shown as it is."""
    return PydanticCustomError("wrong", message)


def is_ip(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 literal, without brackets; a zone after `%` is one plain word."""
    if not _IP_SIGNS.fullmatch(text):  # Python takes any signs at all as a zone
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def ip_literal(text: str) -> str:
    """An IP address; IPv6 may stand in brackets, which are removed."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not is_ip(bare):
        raise wrong("must be an IP address, such as 10.1.2.3 or fd00::1; to use DNS, leave this key out")
    return bare


def _is_host_name(text: str) -> bool:
    labels = text.split(".")
    return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()


def host(text: str) -> str:
    """A host name (ASCII, no trailing dot) or an IP literal; names come back in lower case."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if is_ip(bare):
        return bare
    if not text.isascii():
        raise wrong("a host name must be in its ASCII form; write names with other letters as xn--…")
    if not _is_host_name(text):
        raise wrong("must be a host name or an IP address, without scheme, port or path")
    return text.lower()


def domain(text: str) -> str:
    """A domain name of at least two labels, in lower case."""
    if not text.isascii():
        raise wrong("a domain must be in its ASCII form; write names with other letters as xn--…")
    if is_ip(text) or "." not in text or not _is_host_name(text):
        raise wrong("must be a domain such as riverton.example, without scheme, address sign or trailing dot")
    return text.lower()


def port(text: str) -> int:
    """A TCP or UDP port, 1 to 65535."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise wrong("must end in a port between 1 and 65535")
    return int(text)


def split_host_port(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; IPv6 stands in brackets."""
    name, colon, number = text.rpartition(":")
    if not colon or (":" in name and not (name.startswith("[") and name.endswith("]"))):
        raise wrong("must be HOST:PORT, such as mx1.city.gov:25 or [fd00::1]:25")
    return host(name), port(number)


def host_port(text: str) -> str:
    """`HOST:PORT`, checked and in one form."""
    name, number = split_host_port(text)
    return f"[{name}]:{number}" if ":" in name else f"{name}:{number}"


def resolver(text: str) -> str:
    """`ADDRESS:PORT` of a DNS server; the port may be left out and is 53 then."""
    if is_ip(text):
        text = f"[{text}]:53" if ":" in text else f"{text}:53"
    name, _, number = text.rpartition(":")
    if not is_ip(name.strip("[]")) or (":" in name) != (name[:1] + name[-1:] == "[]"):
        raise wrong("must be ADDRESS:PORT with an IP address, such as 127.0.0.1:5353; a name could not be resolved")
    port(number)
    return text


def _split_url(text: str) -> SplitResult:
    """The parts of a URL that is safe to use: no login, no blanks, a real host and port."""
    if not text.isascii():
        raise wrong("a URL must be ASCII; write host names with other letters as xn--… and paths as %XX")
    if any(not sign.isprintable() or sign in ' \\"<>^`{|}' for sign in text):
        raise wrong("a URL must not hold blanks, quotes or backslashes; write them as %XX")
    try:
        parts = urlsplit(text)
        name, number = parts.hostname, parts.port
    except ValueError:
        parts, name, number = None, None, None
    if parts is None or not name or number == 0 or parts.netloc.endswith(":"):
        raise wrong("must be a whole URL with a scheme, a host and, if it needs one, a port between 1 and 65535")
    if "@" in parts.netloc:
        raise wrong("a URL must not hold a user or a password; remove it, and change that password")
    host(name)
    return parts._replace(netloc=parts.netloc.lower())


def https_url(text: str) -> str:
    """An https URL; scheme and host in lower case."""
    return _url(text, ("https",))


def http_url(text: str) -> str:
    """A plain http URL; scheme and host in lower case."""
    return _url(text, ("http",))


def endpoint_url(text: str) -> str:
    """An http or https URL of a service; scheme and host in lower case."""
    return _url(text, ("https", "http"))


def _url(text: str, schemes: tuple[str, ...]) -> str:
    parts = _split_url(text)
    if parts.scheme not in schemes:
        raise wrong(f"must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    return parts.geturl()


def plain_twin(url: str) -> str:
    """The plain http address of a website's host: port 80, IPv6 in brackets."""
    name = urlsplit(url).hostname or ""
    return f"http://[{name}]/" if ":" in name else f"http://{name}/"


def to_network(text: str) -> IPv4Network | IPv6Network:
    """The network that the text names; one address is a network of its own."""
    found: IPv4Network | IPv6Network | None = None
    try:
        found = ip_network(text) if _NETWORK_SIGNS.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise wrong("must be a network such as 10.1.9.0/24, with no bits set beyond its length, or one address")
    return found


def network(text: str) -> str:
    """A network in its usual form."""
    return str(to_network(text))


def to_window(text: str) -> tuple[time, time]:
    """Start and end of `HH:MM-HH:MM`; may pass midnight."""
    found = _WINDOW.fullmatch(text)
    if not found or found.group(1, 2) == found.group(3, 4):
        raise wrong('must be two different times in quotes, such as "22:00-05:00"')
    first, second, third, fourth = map(int, found.groups())
    return time(first, second), time(third, fourth)


def window(text: str) -> str:
    """A time window, checked."""
    to_window(text)
    return text
