"""A server as sslyze's commands want it described, from what the enumerator saw: no probing of its own.

Runs in the worker processes only: importing sslyze takes most of a second and its C code can hang.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from nassl._nassl import OpenSSLError
from nassl.legacy_ssl_client import LegacySslClient
from nassl.ssl_client import OpenSslVerifyEnum, OpenSslVersionEnum, SslClient
from sslyze.connection_helpers.tls_connection import SslConnection
from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository
from sslyze.server_connectivity import (
    ClientAuthRequirementEnum,
    ServerConnectivityInfo,
    ServerTlsProbingResult,
    TlsVersionEnum,
)
from sslyze.server_setting import ServerNetworkConfiguration, ServerNetworkLocation

from scanner.model.facts.tls import AddressTls
from scanner.transports._tls_protocol import TlsTarget
from scanner.transports._tls_watch import Watch
from scanner.transports.starttls import start_tls

VERSIONS = {
    "TLSv1.3": TlsVersionEnum.TLS_1_3,
    "TLSv1.2": TlsVersionEnum.TLS_1_2,
    "TLSv1.1": TlsVersionEnum.TLS_1_1,
    "TLSv1.0": TlsVersionEnum.TLS_1_0,
    "SSLv3": TlsVersionEnum.SSL_3_0,
    "SSLv2": TlsVersionEnum.SSL_2_0,
}


@cache
def suites_of(version: str) -> dict[str, str]:
    """IANA's name of each suite of a version that sslyze knows, and OpenSSL's."""
    suites = CipherSuitesRepository.get_all_cipher_suites(VERSIONS[version])
    return {suite.name: suite.openssl_name for suite in sorted(suites, key=lambda suite: suite.name)}


@cache
def old_suites() -> frozenset[str]:
    """OpenSSL's names of the suites of TLS 1.2 and older that the old OpenSSL knows."""
    client = LegacySslClient(ssl_version=OpenSslVersionEnum.TLSV1_2, ssl_verify=OpenSslVerifyEnum.NONE)
    client.set_cipher_list("ALL:COMPLEMENTOFALL")
    return frozenset(client.get_cipher_list())


def location_of(target: TlsTarget) -> tuple[ServerNetworkLocation, ServerNetworkConfiguration]:
    """Where and how sslyze connects to a target; turning TLS on by a command is not its affair."""
    location = ServerNetworkLocation(
        hostname=target.server_name or target.address, port=target.port, ip_address=target.address
    )
    # sslyze annotates the time-out as int but only hands it to the socket, which takes fractions.
    network = ServerNetworkConfiguration(
        tls_server_name_indication=target.server_name or target.address,
        network_timeout=target.timeout,  # type: ignore[arg-type]
        network_max_retries=1,
    )
    return location, network


class WatchedConnection(SslConnection):
    """sslyze's connection over a watched socket, with TLS turned on in our own way: sslyze's takes each read for one
    whole answer, and cannot tell a rate limit from a refusal.
    """

    watch: Watch
    target: TlsTarget

    def _do_pre_handshake(self) -> None:
        super()._do_pre_handshake()
        connected = self.ssl_client.get_underlying_socket()
        assert connected is not None  # noqa: S101 (sslyze has just connected it)
        if self.target.starttls is not None:
            turn_on(connected, self.target)
        self.ssl_client._sock = cast(socket.socket, self.watch.over(connected))


def turn_on(connected: socket.socket, target: TlsTarget) -> None:
    """Speaks the target's protocol up to the go-ahead for TLS.

    Raises:
        NotOffered, Turned: as `start_tls` does.
        TimeoutError: it took too long.
    """

    async def speak() -> None:
        """Over a second handle of the same connection, for asyncio closes the one that it is given."""
        assert target.starttls is not None  # noqa: S101 (asked before)
        reader, writer = await asyncio.open_connection(sock=connected.dup())
        try:
            async with asyncio.timeout(target.timeout):
                await start_tls(target.starttls, reader, writer, target.server_name or target.address)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    try:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(speak())
    except BaseException:
        connected.close()
        raise
    connected.settimeout(target.timeout)


@dataclass(frozen=True)
class Server(ServerConnectivityInfo):
    """A server for sslyze's commands.

    Attributes:
        target: where it is.
        suites: OpenSSL's names of the accepted suites, by version; versions that are not spoken are absent.
        watch: of the connections that are made for it.
        always_named: whether the server name is sent even where a command would leave it out.
    """

    target: TlsTarget
    suites: dict[TlsVersionEnum, tuple[str, ...]]
    watch: Watch
    always_named: bool = False

    def get_preconfigured_tls_connection(
        self,
        override_tls_version: TlsVersionEnum | None = None,
        ca_certificates_path: Path | None = None,
        should_use_legacy_openssl: bool | None = None,
        should_enable_server_name_indication: bool = True,
    ) -> SslConnection:
        """A connection that offers those suites of the version that the server is known to accept."""
        version = override_tls_version or self.tls_probing_result.highest_tls_version_supported
        accepted = self.suites.get(version, ())
        named = should_enable_server_name_indication or self.always_named
        connection = WatchedConnection(
            server_location=self.server_location,
            network_configuration=self.network_configuration,
            tls_version=version,
            should_ignore_client_auth=True,
            should_use_legacy_openssl=_legacy(version, accepted, should_use_legacy_openssl),
            ca_certificates_path=ca_certificates_path,
            should_enable_server_name_indication=named and self.target.server_name is not None,
        )
        connection.watch = self.watch
        connection.target = self.target
        if accepted:
            _offer(connection, version, accepted)
        return connection


def _legacy(version: TlsVersionEnum, accepted: Sequence[str], wanted: bool | None) -> bool | None:
    """The old OpenSSL wherever it knows a suite that the server accepts: it has kept what was given up elsewhere."""
    if wanted is not None or version is TlsVersionEnum.TLS_1_3 or not accepted:
        return wanted
    return True if version is not TlsVersionEnum.TLS_1_2 else any(suite in old_suites() for suite in accepted)


def _offer(connection: SslConnection, version: TlsVersionEnum, accepted: Iterable[str]) -> None:
    """Offers these suites; where this OpenSSL knows none of them, sslyze's own choice stays."""
    names = ":".join(accepted)
    with contextlib.suppress(OpenSSLError):
        if version is TlsVersionEnum.TLS_1_3 and isinstance(connection.ssl_client, SslClient):
            connection.ssl_client.set_ciphersuites(names)
        else:
            connection.ssl_client.set_cipher_list(names)


def server(target: TlsTarget, tls: AddressTls, highest: str, end: float, **more: Any) -> Server:
    """A server whose commands ask at one version, the highest that they are to know of.

    Args:
        target: where it is.
        tls: what its hellos showed.
        highest: a version that it speaks, by our name.
        end: when to stop, in `time.monotonic()`.
        more: see `Server`.
    """
    location, network = location_of(target)
    suites = {
        VERSIONS[each.version]: tuple(names[suite] for suite in each.suites if suite in names)
        for each in tls.accepted
        if isinstance(each.suites, tuple) and (names := suites_of(each.version))
    }
    own = suites.get(VERSIONS[highest], ())
    probed = ServerTlsProbingResult(
        highest_tls_version_supported=VERSIONS[highest],
        cipher_suite_supported=":".join(own),
        client_auth_requirement=ClientAuthRequirementEnum.DISABLED,
        supports_ecdh_key_exchange=any(name.startswith(("ECDHE", "TLS_")) for name in own),
    )
    return Server(
        server_location=location,
        network_configuration=network,
        tls_probing_result=probed,
        target=target,
        suites=suites,
        watch=Watch(end=end, timeout=target.timeout),
        **more,
    )
