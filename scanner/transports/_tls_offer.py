"""One TLS handshake that offers a version and some suites, by sslyze's connection and its old and new OpenSSL.

Runs in the worker processes only: importing sslyze takes a second and its C code can hang.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nassl._nassl import OpenSSLError
from nassl.ssl_client import ClientCertificateRequested, SslClient
from sslyze.connection_helpers.tls_connection import NoCiphersAvailableBugInSSlyze, SslConnection
from sslyze.errors import (
    ConnectionToServerFailed,
    ConnectionToServerTimedOut,
    ServerRejectedConnection,
    ServerRejectedTlsHandshake,
    ServerTlsConfigurationNotSupported,
    TlsHandshakeTimedOut,
)
from sslyze.server_connectivity import TlsVersionEnum
from sslyze.server_setting import ServerNetworkConfiguration, ServerNetworkLocation

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._tls_protocol import TlsTarget

VERSIONS = {
    "TLSv1.3": TlsVersionEnum.TLS_1_3,
    "TLSv1.2": TlsVersionEnum.TLS_1_2,
    "TLSv1.1": TlsVersionEnum.TLS_1_1,
    "TLSv1.0": TlsVersionEnum.TLS_1_0,
    "SSLv3": TlsVersionEnum.SSL_3_0,
    "SSLv2": TlsVersionEnum.SSL_2_0,
}

# What sslyze says when the peer closed or reset the connection instead of answering.
_CLOSED = ("Server rejected the connection", "Server interrupted the TLS handshake", "Server closed the connection")

# The server agreed on an anonymous suite and then demanded a client certificate, which the old OpenSSL finds absurd.
_ASKS_THE_ANONYMOUS = "tls client cert req with anon cipher"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The server accepted.

    Attributes:
        suite: OpenSSL's name of the suite that it chose; None where the handshake ended before we could know.
        chain: the certificates that it sent, PEM, leaf first.
    """

    suite: str | None
    chain: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The server refused; `closed` where it only closed or reset the connection, as overloaded servers do too."""

    closed: bool


class NothingToOffer(Exception):
    """Our OpenSSL knows none of these suites in this version."""


Answer = Taken | Refused | Unobserved


def _configuration(job: TlsTarget) -> tuple[ServerNetworkLocation, ServerNetworkConfiguration]:
    # sslyze annotates the time-out as int but only hands it to the socket, which takes fractions.
    location = ServerNetworkLocation(hostname=job.address, port=job.port, ip_address=job.address)
    network = ServerNetworkConfiguration(
        tls_server_name_indication=job.server_name or job.address,
        network_timeout=job.timeout,  # type: ignore[arg-type]
        network_max_retries=1,
    )
    return location, network


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


def _taken(connection: SslConnection) -> Taken:
    suite, chain = None, []
    with contextlib.suppress(OpenSSLError, TypeError, ValueError):
        suite = connection.ssl_client.get_current_cipher_name() or None
    with contextlib.suppress(OpenSSLError, ValueError):
        chain = connection.ssl_client.get_received_chain()
    return Taken(suite=suite, chain=tuple(chain))


def _unanswered(job: TlsTarget, version: str, error: Exception) -> Unobserved:
    """The gap that an exception of the connection stands for."""
    match error:
        case TlsHandshakeTimedOut() | ConnectionToServerTimedOut():
            cause, told = Cause.TIMEOUT, f"did not answer within {job.timeout:g} s"
        case ServerRejectedConnection() | ConnectionToServerFailed():
            cause, told = Cause.UNREACHABLE, "stopped accepting connections"
        case OpenSSLError():
            cause, told = Cause.MALFORMED, "answered something that is not TLS"
        case _:
            cause, told = Cause.UNREACHABLE, "broke the connection off"
    return Unobserved(cause=cause, detail=f"{job.peer} {told} when asked for {version}.")


@contextlib.contextmanager
def prepared(
    job: TlsTarget, version: str, suites: Sequence[str], *, legacy: bool, nobody: bool = False
) -> Iterator[SslConnection]:
    """A connection that is ready to offer one version with some suites, named as OpenSSL does; closed at the end.

    Args:
        job: the server.
        version: a key of `VERSIONS`.
        suites: what to offer.
        legacy: whether to use the OpenSSL 1.0.2 that still speaks what was given up long ago.
        nobody: whether to go on without a certificate of ours where the server asks for one.

    Raises:
        NothingToOffer: where that OpenSSL has none of the suites.
    """
    location, network = _configuration(job)
    connection = SslConnection(
        server_location=location,
        network_configuration=network,
        tls_version=VERSIONS[version],
        should_ignore_client_auth=nobody,
        should_use_legacy_openssl=legacy,
        should_enable_server_name_indication=job.server_name is not None,
    )
    with _closing(connection):
        _set_suites(connection, version, suites)
        yield connection


def offer(job: TlsTarget, version: str, suites: Sequence[str], *, legacy: bool) -> Answer:
    """One handshake; arguments and exceptions as for `prepared`."""
    with prepared(job, version, suites, legacy=legacy) as connection:
        return shake_hands(job, version, connection)


def shake_hands(job: TlsTarget, version: str, connection: SslConnection) -> Answer:
    """What the server makes of a prepared offer."""
    try:
        connection.connect(should_retry_connection=False)
    except ClientCertificateRequested:
        return _taken(connection)  # it agreed on version and suite and now wants to know who we are
    except ServerTlsConfigurationNotSupported:
        return Taken(suite=None, chain=())  # it agreed; our OpenSSL stopped at its short Diffie-Hellman key
    except NoCiphersAvailableBugInSSlyze as error:
        raise NothingToOffer(version) from error
    except ServerRejectedTlsHandshake as error:
        return Refused(closed=error.error_message.startswith(_CLOSED))
    except OpenSSLError as error:
        if _ASKS_THE_ANONYMOUS in str(error):
            return _taken(connection)
        # sslyze lists the alerts that it knows; any other alert is a refusal as well.
        return Refused(closed=False) if " alert " in str(error) else _unanswered(job, version, error)
    except (ConnectionToServerFailed, OSError) as error:
        return _unanswered(job, version, error)
    return _taken(connection)
