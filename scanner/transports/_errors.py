"""What a failed connection means: library errors to causes, with words that a person can act on."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Callable, Iterator

import anyio
import httpx

from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_NOT_LET_OUT = frozenset({errno.EPERM, errno.EACCES})

# An end of the stream, as each layer says it.
_CLOSED = (
    ConnectionError, EOFError, ssl.SSLEOFError, ssl.SSLZeroReturnError, httpx.NetworkError,
    anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError,
)  # fmt: skip

_UNNAMED = re.compile(r"\[SSL\] ([a-z0-9 ]+)")

# What OpenSSL says when the peer's first bytes are no TLS record at all (ssl/record/methods/tlsany_meth.c).
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"})

# What it says when the peer speaks a TLS that this OpenSSL cannot or will not. A peer that chooses what nobody offered
# it (UNKNOWN_CIPHER_RETURNED and the like) breaks the rules instead.
_TOO_WEAK = frozenset(
    {
        "UNSUPPORTED_PROTOCOL",
        "NO_PROTOCOLS_AVAILABLE",
        "VERSION_TOO_LOW",
        "DH_KEY_TOO_SMALL",
        "BAD_DH_VALUE",
        "EE_KEY_TOO_SMALL",
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        "WRONG_SIGNATURE_TYPE",
        "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
    }
)


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and everything behind it, each once: its groups, causes and contexts."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        if isinstance(link, BaseExceptionGroup):
            waiting.extend(link.exceptions)
        # Who raises `from None` hides the error behind from readers; it is still there.
        waiting.extend(each for each in (link.__cause__, link.__context__) if each is not None)


def is_refusal(error: BaseException) -> bool:
    """Whether the peer's machine said that nothing listens on the port."""
    return any(isinstance(link, ConnectionRefusedError) for link in causes(error))


def is_not_tls(error: BaseException) -> bool:
    """Whether the peer answered a TLS handshake with bytes that are no TLS."""
    return any(isinstance(link, ssl.SSLError) and _reason(link) in _NOT_TLS for link in causes(error))


def is_tls_trouble(error: BaseException) -> bool:
    """Whether TLS itself failed: an alert, or a handshake that cannot be completed (not a mere end of the stream)."""
    return any(isinstance(link, ssl.SSLError) and _tls(link, "") is not None for link in causes(error))


def is_unknown_name(error: BaseException) -> bool:
    """Whether the peer ended the handshake because it does not serve the name that it was asked for."""
    return any(isinstance(link, ssl.SSLError) and "UNRECOGNIZED_NAME" in _reason(link) for link in causes(error))


def unobserved_from(error: BaseException, *, where: str) -> Unobserved:
    """Why a connection brought nothing.

    Args:
        error: what was raised; what stands behind it is looked at too.
        where: who was asked, `ADDRESS:PORT` with IPv6 in brackets, or a URL.

    An error that says nothing about the peer is our own bug, and comes back as `probe_crashed`.
    """
    links = list(causes(error))
    for meaning in _MEANINGS:
        for link in links:
            found = meaning(link, where)
            if found is not None:
                return found
    said = type(error).__name__
    detail = f"Asking {where} failed in a way that civicseal does not expect ({said}); please report it."
    return Unobserved(cause=Cause.PROBE_CRASHED, detail=detail)


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's reason; for one that Python has no name for it stands in the message alone."""
    unnamed = _UNNAMED.match(error.strerror or "")
    reason = getattr(error, "reason", None) or (unnamed.group(1) if unnamed else "")
    return reason.strip().upper().replace(" ", "_")


def _tls(error: BaseException, where: str) -> Unobserved | None:
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return None
    reason = _reason(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = harmless(getattr(error, "verify_message", None) or reason or "unknown", 200).rstrip(".")
        detail = f"The certificate of {where} is not accepted ({problem}); nothing was sent to it."
        return Unobserved(cause=Cause.HOST_KEY, detail=detail)
    if not reason or "UNEXPECTED_EOF" in reason:
        return None
    return _tls_reason(reason, where)


def _tls_reason(reason: str, where: str) -> Unobserved:
    said = reason.replace("_", " ").lower()
    if reason in _NOT_TLS:
        detail = f"{where} answered a TLS handshake with something that is not TLS; check which service listens there."
        return Unobserved(cause=Cause.MALFORMED, detail=detail)
    if "CERTIFICATE_REQUIRED" in reason or "ACCESS_DENIED" in reason:
        return client_certificate_demanded(where)
    if _is_alert(reason) or reason in _TOO_WEAK:
        detail = (
            f"{where} speaks TLS, but no version, suite or name that civicseal can offer suits it ({said}); "
            "check its TLS settings and that it serves this host name."
        )
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    return broken_tls(where, "" if reason == "UNKNOWN_ERROR" else said)


def _is_alert(reason: str) -> bool:
    """Whether OpenSSL's reason is an alert of the peer; TOO_MANY_WARN_ALERTS and UNKNOWN_ALERT_TYPE are faults."""
    if "UNRECOGNIZED_NAME" in reason:
        return True
    return "ALERT_" in reason and reason != "UNKNOWN_ALERT_TYPE"


def broken_tls(where: str, said: str = "") -> Unobserved:
    """The peer speaks TLS against its rules; `said` is what is wrong, where that is known."""
    what = f" ({said})" if said else ""
    detail = f"{where} broke the rules of TLS{what}; check the service with another TLS client."
    return Unobserved(cause=Cause.MALFORMED, detail=detail)


def unknown_name(where: str, name: str) -> Unobserved:
    """The peer speaks TLS and does not serve the name that it was asked for."""
    detail = f"{where} does not serve the name {name} over TLS; check the name and the server."
    return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)


def client_certificate_demanded(where: str) -> Unobserved:
    """The peer lets nobody in without a client certificate, and civicseal has none."""
    detail = f"{where} demands a client certificate, so civicseal cannot see what is behind it."
    return Unobserved(cause=Cause.DENIED, detail=detail)


def _name(error: BaseException, where: str) -> Unobserved | None:
    if not isinstance(error, socket.gaierror | UnicodeError):
        return None
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        detail = f"The name servers gave no answer for {where}; check this machine's DNS, or set settings.resolver."
    else:
        detail = f"DNS knows no address for {where}; check the name, or set `address:` in the inventory."
    return Unobserved(cause=Cause.DNS, detail=detail)


def _refused(error: BaseException, where: str) -> Unobserved | None:
    if not isinstance(error, ConnectionRefusedError):
        return None
    detail = f"{where} refused the connection; check that the service runs and that no firewall rejects this machine."
    return Unobserved(cause=Cause.UNREACHABLE, detail=detail)


def _no_route(error: BaseException, where: str) -> Unobserved | None:
    # OpenSSL counts its errors on its own, so that an SSLError's number means something else.
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
        return None
    if error.errno not in _NO_ROUTE | _NOT_LET_OUT:
        return None
    if error.errno in _NOT_LET_OUT:
        detail = f"This machine does not let civicseal connect to {where}; check its firewall."
    elif "[" in where:
        detail = (
            f"This machine has no IPv6 route to {where}; scan from a machine with IPv6, "
            "or name the address to scan with `address:` in the inventory."
        )
    else:
        detail = f"There is no route to {where}; check the network between this machine and that one."
    return Unobserved(cause=Cause.UNREACHABLE, detail=detail)


def _silence(error: BaseException, where: str) -> Unobserved | None:
    if not isinstance(error, TimeoutError | httpx.TimeoutException):
        return None
    detail = f"{where} did not answer in time; check for a firewall that drops packets, or raise settings.timeout."
    return Unobserved(cause=Cause.TIMEOUT, detail=detail)


def _closed(error: BaseException, where: str) -> Unobserved | None:
    hung_up = isinstance(error, httpx.RemoteProtocolError) and str(error).startswith("Server disconnected")
    if not hung_up and not isinstance(error, _CLOSED):
        return None
    detail = f"{where} broke the connection off without an answer; check the service and any firewall in front of it."
    return Unobserved(cause=Cause.UNREACHABLE, detail=detail)


def _garbage(error: BaseException, where: str) -> Unobserved | None:
    if not isinstance(error, httpx.ProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return None
    said = harmless(str(error), 120)
    detail = f"{where} did not answer in valid HTTP ({said}); check which service listens there."
    return Unobserved(cause=Cause.MALFORMED, detail=detail)


def _other(error: BaseException, where: str) -> Unobserved | None:
    if not isinstance(error, OSError) or isinstance(error, ConnectionError | TimeoutError | ssl.SSLError):
        return None
    said = harmless(error.strerror or type(error).__name__, 120)
    return Unobserved(cause=Cause.UNREACHABLE, detail=f"Connecting to {where} failed ({said}); check the network.")


# The most telling first: what the peer said, then what the network said, then what a library made of it.
_MEANINGS: tuple[Callable[[BaseException, str], Unobserved | None], ...] = (
    _tls, _name, _refused, _no_route, _other, _silence, _closed, _garbage,
)  # fmt: skip
