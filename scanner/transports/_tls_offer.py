"""One TLS handshake that offers a version and some suites, by sslyze's connection and its old and new OpenSSL.

Runs in the worker processes only: importing sslyze takes most of a second and its C code can hang.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from nassl._nassl import OpenSSLError
from nassl.ssl_client import ClientCertificateRequested, SslClient
from sslyze.connection_helpers.tls_connection import NoCiphersAvailableBugInSSlyze, SslConnection
from sslyze.errors import ConnectionToServerFailed, ServerRejectedTlsHandshake, ServerTlsConfigurationNotSupported

from scanner.model.unobserved import Unobserved
from scanner.transports._tls_gaps import gap_from
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports._tls_sslyze import VERSIONS, location_of, old_suites, suites_of

# Some load balancers never answer a hello that is longer than 255 bytes.
_SUITES_PER_HELLO = 64


class NothingToOffer(Exception):
    """Our OpenSSL knows none of these suites in this version."""


def hellos(version: str) -> Iterator[tuple[bool, list[str]]]:
    """What to offer: whether by the old OpenSSL, and which suites. SSLv2's client chooses, so it is asked singly."""
    names = sorted(suites_of(version).values())
    for legacy in (False, True):
        if legacy and version == "TLSv1.3":
            continue
        if version in ("TLSv1.2", "TLSv1.3"):
            group = [name for name in names if (name in old_suites()) == legacy or version == "TLSv1.3"]
        else:
            group = names if legacy else []
        size = 1 if version == "SSLv2" else _SUITES_PER_HELLO
        yield from ((legacy, group[start : start + size]) for start in range(0, len(group), size))


def _set_suites(connection: SslConnection, version: str, suites: Sequence[str]) -> None:
    names = ":".join(suites)
    try:
        if version == "TLSv1.3" and isinstance(connection.ssl_client, SslClient):
            connection.ssl_client.set_ciphersuites(names)
        else:
            connection.ssl_client.set_cipher_list(names)
    except OpenSSLError as error:
        raise NothingToOffer(names) from error


@contextlib.contextmanager
def _closing(connection: SslConnection) -> Iterator[None]:
    """Closes a connection; how its end goes says nothing about the server any more."""
    try:
        yield
    finally:
        with contextlib.suppress(OpenSSLError, OSError):
            connection.close()


@contextlib.contextmanager
def prepared(target: TlsTarget, version: str, suites: Sequence[str], *, legacy: bool) -> Iterator[SslConnection]:
    """A connection that is ready to offer one version with some suites, named as OpenSSL does; closed at the end.

    It goes on without a certificate of ours where the server asks for one.

    Args:
        target: the server.
        version: a key of `VERSIONS`.
        suites: what to offer.
        legacy: whether to use the OpenSSL 1.0.2 that still speaks what was given up long ago.

    Raises:
        NothingToOffer: where that OpenSSL has none of the suites.
    """
    location, network = location_of(target)
    connection = SslConnection(
        server_location=location,
        network_configuration=network,
        tls_version=VERSIONS[version],
        should_ignore_client_auth=True,
        should_use_legacy_openssl=legacy,
        should_enable_server_name_indication=target.server_name is not None,
    )
    with _closing(connection):
        _set_suites(connection, version, suites)
        yield connection


def completes(target: TlsTarget, version: str, connection: SslConnection) -> bool | Unobserved:
    """Whether the server completes a handshake on a prepared connection; a gap where it gave no answer to that.

    Raises:
        NothingToOffer: where OpenSSL finds only now that it has none of the suites.
    """
    try:
        connection.connect(should_retry_connection=False)
    except (ClientCertificateRequested, ServerTlsConfigurationNotSupported, ServerRejectedTlsHandshake):
        return False
    except NoCiphersAvailableBugInSSlyze as error:
        raise NothingToOffer(version) from error
    except OpenSSLError as error:
        # sslyze lists the alerts that it knows; any other alert is a refusal as well.
        return False if " alert " in str(error) else gap_from(error, target, f"asked for {version}")
    except (ConnectionToServerFailed, OSError) as error:
        return gap_from(error, target, f"asked for {version}")
    return connection.ssl_client.is_handshake_completed()
