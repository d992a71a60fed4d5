"""What is needed to ask a TLS server: where it is, the name that is sent to it, and its own trust anchors."""

from __future__ import annotations

from pathlib import Path

from scanner.model.asset import TlsServer, TlsService
from scanner.model.dns_names import a_labels, as_ip
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.tls import TlsTarget

# A bundle beyond this is no list of a city's own authorities; Mozilla's whole store is a quarter of it.
_LARGEST_BUNDLE = 1_000_000


def read_bundle(path: Path | None) -> str | Unobserved | None:
    """The text of a server's `ca_bundle`; None where it has none."""
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BUNDLE + 1)
    except OSError as error:
        detail = f"The ca_bundle {path.name} cannot be read ({error.strerror or 'no reason given'})."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    if len(content) > _LARGEST_BUNDLE:
        detail = f"The ca_bundle {path.name} is larger than {_LARGEST_BUNDLE // 1_000_000} MB; list only your own."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    return content.decode("ascii", "replace")


def server_name(host: str) -> str | None:
    """What to send as SNI: the name as A-labels without its final dot, nothing for an IP literal (RFC 6066)."""
    return None if as_ip(host) else a_labels(host)


def target_at(server: TlsServer, address: str, timeout: float) -> TlsTarget:
    """A server at one of its addresses; `timeout` is in seconds for one step."""
    return TlsTarget(
        address=address,
        port=server.reached_at[1],
        server_name=server_name(server.known_as),
        timeout=timeout,
        starttls=server.starttls if isinstance(server, TlsService) else None,
    )


def no_turn(target: TlsTarget) -> Unobserved:
    """Why a server was not asked whose turn never came."""
    detail = f"Others that are asked at {target.peer} took all of the asset's time; raise settings.asset_budget."
    return Unobserved(cause=Cause.TIMEOUT, detail=detail)
