"""Whether a server takes early data (TLS 1.3, 0-RTT), by sslyze's implementation; runs in the worker processes only."""

from __future__ import annotations

from sslyze.plugins.scan_commands import ScanCommand

from scanner.model.facts.tls import AddressTls
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_gaps import gap_from
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports._tls_sslyze import server
from scanner.transports._tls_tests import run

_DOING = "asked for early data"

# One connection to get a session over an HTTP request, and one to send early data with it. Where the session forbids
# early data, OpenSSL itself refuses to send any, and the second connection stays without a word.
_CONNECTIONS = 2


def ask_early_data(target: TlsTarget, end: float) -> bool | Unobserved:
    """Whether early data is accepted.

    sslyze says "no" where it got no session at all; that is a gap here.

    Args:
        target: a server that speaks TLS 1.3 and, behind it, HTTP.
        end: when to stop, in `time.monotonic()`.
    """
    asked = server(target, AddressTls(address=target.address, versions=()), "TLSv1.3", end)
    try:
        accepted = run(ScanCommand.TLS_1_3_EARLY_DATA, asked).supports_early_data
    except Exception as error:
        return gap_from(error, target, _DOING)
    if len(asked.watch.heard) >= _CONNECTIONS:
        return bool(accepted)
    detail = f"{target.peer} gave no session to try early data with when {_DOING}."
    return Unobserved(cause=Cause.TIMEOUT if asked.watch.silent else Cause.UNREACHABLE, detail=detail)
