"""One SSH session from the first byte to the last, blocking; `ssh.py` runs it in a thread under a deadline."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import paramiko

from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._ssh_known_hosts import KnownKeys, fingerprint
from scanner.transports._ssh_login import Login, log_in
from scanner.transports.shell import COMMAND, ERRORS_LIMIT, OUTPUT_LIMIT, End, ShellReply

# paramiko logs tracebacks of whatever a peer does; what matters of them comes back as a cause.
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)

_IDENTIFICATION = 32 * 1024  # bytes that a server may send before its SSH identification (RFC 4253, section 4.2)
_MOST_RECEIVED = 4 * OUTPUT_LIMIT  # bytes of one connection, whatever they are
_CHUNK = 64 * 1024
_BEAT = 0.2  # seconds between looks at the clock while nothing comes

# What OpenSSH says instead of its identification when it has no room for us (sshd_config(5): MaxStartups,
# PerSourcePenalties).
_NO_ROOM = (b"Exceeded MaxStartups", b"Not allowed at this time")


class _Wire:
    """The socket as paramiko uses it, bounded, and remembering how the conversation began and ended."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._received = 0
        self.heard = b""
        self.ended = False
        self.flooded = False

    @property
    def greeted(self) -> bool:
        """Whether the peer has identified itself as an SSH server."""
        return self.heard.startswith(b"SSH-") or b"\nSSH-" in self.heard

    def recv(self, size: int) -> bytes:
        """What the peer sent; an end once it has sent more than any honest one would."""
        try:
            data = self._socket.recv(size)
        except TimeoutError:
            raise
        except OSError:
            data = b""
        self._received += len(data)
        self.ended = self.ended or not data
        self.flooded = self._received > _MOST_RECEIVED
        if not self.greeted:
            self.heard += data
            if len(self.heard) > _IDENTIFICATION:
                return b""
        return b"" if self.flooded else data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a session does. `timeout` is for one step, `until` the moment (monotonic) when all is over."""

    host: str
    port: int
    known: KnownKeys
    login: Login
    script: str
    timeout: float
    until: float

    def left(self, wanted: float) -> float:
        """Seconds that a step may take."""
        return max(0.01, min(wanted, self.until - time.monotonic()))


class Session:
    """One connection to one address."""

    def __init__(self, request: Request, address: str) -> None:
        self._request = request
        self._address = address
        self._socket: socket.socket | None = None
        self._abandoned = threading.Event()

    def abandon(self) -> None:
        """Wakes the session wherever it waits, so that it ends. May be called from any thread; does not block."""
        self._abandoned.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()

    def run(self) -> ShellReply | Unobserved:
        """Connects, verifies the host key, logs in and runs the script."""
        place = f"{self._request.host} port {self._request.port}"
        try:
            self._socket = socket.create_connection(
                (self._address, self._request.port), self._request.left(self._request.timeout)
            )
        except TimeoutError:
            return _gap(Cause.TIMEOUT, f"{place} did not answer; check the address, and firewalls on the way.")
        except OSError as error:
            words = error.strerror or type(error).__name__
            return _gap(Cause.UNREACHABLE, f"{place} cannot be reached ({words}); check that sshd runs and listens.")
        with self._socket:
            if self._abandoned.is_set():
                return _gap(Cause.TIMEOUT, f"{place} did not answer in time.")
            return self._converse(_Wire(self._socket), place)

    def _converse(self, wire: _Wire, place: str) -> ShellReply | Unobserved:
        transport: paramiko.Transport | None = None
        try:
            transport = paramiko.Transport(wire)  # type: ignore[arg-type]  # socket-like, as its documentation allows
            problem = self._shake_hands(transport, wire, place) or self._verify(transport)
            if problem is None:
                problem = log_in(transport, self._request.login, self._request.host)
            return problem or self._execute(transport, wire)
        except (paramiko.SSHException, EOFError, OSError) as error:
            silent = isinstance(error, TimeoutError)
            cause = Cause.TIMEOUT if silent else Cause.UNREACHABLE
            what = "fell silent" if silent else "closed the connection"
            return _gap(cause, f"{place} {what} after the first messages; see the log of its sshd.")
        finally:
            if transport is not None:
                transport.close()

    def _shake_hands(self, transport: paramiko.Transport, wire: _Wire, place: str) -> Unobserved | None:
        """Agrees on keys. Nothing of ours but our own version and algorithms is sent."""
        transport.banner_timeout = self._request.left(self._request.timeout)
        transport.auth_timeout = self._request.left(6 * self._request.timeout)
        transport.channel_timeout = self._request.left(3 * self._request.timeout)
        _prefer(transport, self._request.known.algorithms)
        done = threading.Event()
        transport.start_client(event=done)
        in_time = done.wait(self._request.left(3 * self._request.timeout))
        if in_time and transport.is_active():
            return None
        error = transport.get_exception() if in_time else TimeoutError()
        return _handshake_gap(error, wire, place)

    def _verify(self, transport: paramiko.Transport) -> Unobserved | None:
        """Compares the host key with known_hosts. Anything but an exact match ends the session."""
        known = self._request.known
        key = transport.get_remote_server_key()
        blob = key.asbytes()
        if blob in known.keys and blob not in known.revoked:
            return None
        shown = f"{self._request.host} shows the host key {harmless(key.get_name(), 60)} {fingerprint(blob)}"
        if blob in known.revoked:
            what = "which known_hosts marks as revoked; nothing was sent to it"
        elif known.keys:
            what = f"which differs from the one in known_hosts for {known.name}; find out why before you replace it"
        else:
            what = f"and known_hosts has none for {known.name}; compare the fingerprint on the machine and add the key"
        return _gap(Cause.HOST_KEY, f"{shown}, {what}.")

    def _execute(self, transport: paramiko.Transport, wire: _Wire) -> ShellReply | Unobserved:
        try:
            channel = transport.open_session(timeout=self._request.left(3 * self._request.timeout))
            channel.settimeout(self._request.left(3 * self._request.timeout))
            channel.exec_command(COMMAND)
        except paramiko.SSHException:
            if not transport.is_active():
                raise
            detail = f"{self._request.host} let {self._request.login.user} log in but run no command; allow {COMMAND}."
            return _gap(Cause.DENIED, harmless(detail))
        with suppress(OSError):  # a shell that has ended early has still said something
            channel.sendall(self._request.script.encode())
            channel.shutdown_write()
        return self._read(channel, wire)

    def _read(self, channel: paramiko.Channel, wire: _Wire) -> ShellReply:
        output, errors = bytearray(), bytearray()
        channel.settimeout(_BEAT)
        end = None
        while end is None:
            try:
                chunk = channel.recv(_CHUNK)
                output += chunk
                if not chunk:
                    end = End.FINISHED if channel.eof_received or channel.exit_status >= 0 else End.LOST
            except TimeoutError:
                pass
            while channel.recv_stderr_ready():
                errors += channel.recv_stderr(_CHUNK)[: max(0, ERRORS_LIMIT - len(errors))]
            if len(output) > OUTPUT_LIMIT or wire.flooded:
                end = End.TOO_LONG
            elif end is None and (time.monotonic() >= self._request.until or self._abandoned.is_set()):
                end = End.TIMEOUT
        return ShellReply(output=bytes(output[:OUTPUT_LIMIT]), errors=bytes(errors), end=end)


def _prefer(transport: paramiko.Transport, algorithms: tuple[str, ...]) -> None:
    """Asks for a host key that known_hosts holds, where the server has several."""
    options = transport.get_security_options()
    able = tuple(options.key_types)
    first = [name for name in algorithms if name in able]
    options.key_types = (*first, *(name for name in able if name not in first))


def _handshake_gap(error: Exception | None, wire: _Wire, place: str) -> Unobserved:
    if wire.heard.startswith(_NO_ROOM):
        return _gap(Cause.RATE_LIMITED, f"{place} takes no more connections right now; scan it again later.")
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        told = harmless(str(error), 200)
        return _gap(Cause.UNSUPPORTED, f"{place} offers no SSH that is still safe ({told}); update its SSH server.")
    if not wire.heard and not wire.ended:
        return _gap(Cause.TIMEOUT, f"{place} accepts connections and says nothing; check that sshd answers there.")
    if not wire.heard:
        return _gap(Cause.UNREACHABLE, f"{place} closed the connection at once; check what sshd allows there.")
    if not wire.greeted:
        return _gap(Cause.MALFORMED, f"What answers at {place} is no SSH server; check the port in the inventory.")
    if isinstance(error, TimeoutError):
        return _gap(Cause.TIMEOUT, f"{place} fell silent while keys were agreed on; try again.")
    if wire.ended:
        return _gap(Cause.UNREACHABLE, f"{place} closed the connection while keys were agreed on; see its sshd's log.")
    return _gap(Cause.MALFORMED, f"{place} does not keep to the SSH protocol; check what listens there.")


def _gap(cause: Cause, detail: str) -> Unobserved:
    return Unobserved(cause=cause, detail=detail)
