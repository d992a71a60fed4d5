"""Logging in over SSH: with the key file, the password or the agent that the inventory names, and no others.

Runs only after the host key was verified. Keyboard-interactive is never used: what it asks cannot be known.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scanner.model.foreign import harmless
from scanner.model.secret import Secret
from scanner.model.unobserved import Cause, Unobserved

_MOST_KEYS = 5  # sshd gives six tries as a rule (MaxAuthTries)
_OWN_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
_KEY_LIMIT = 256 * 1024  # bytes
_KINDS: tuple[tuple[type, type[paramiko.PKey]], ...] = (
    (ed25519.Ed25519PrivateKey, paramiko.Ed25519Key),
    (rsa.RSAPrivateKey, paramiko.RSAKey),
    (ec.EllipticCurvePrivateKey, paramiko.ECDSAKey),
)


@dataclass(frozen=True, kw_only=True)
class Login:
    """How to log in.

    Attributes:
        key_file: a private key; where it is locked, `password` is its passphrase.
        password: finds the password when it is needed; may block.
        agent: whether the keys of the running ssh-agent are offered.
    """

    user: str
    key_file: Path | None = None
    password: Callable[[], Secret | Unobserved] | None = None
    agent: bool = False

    @property
    def names_nothing(self) -> bool:
        """Whether the inventory names no way: then the agent and the user's own keys are tried, as ssh does."""
        return self.key_file is None and self.password is None and not self.agent


class _Refused(Exception):
    """The server did not accept one way of logging in; carries what it accepts, or what it wants besides."""


def log_in(transport: paramiko.Transport, login: Login, host: str) -> Unobserved | None:
    """Logs in; None once it is done.

    Raises:
        paramiko.SSHException, EOFError, OSError: when the connection breaks.
    """
    refusals: list[str] = []
    for way in _ways(login):
        if isinstance(way, Unobserved):
            return way
        try:
            return _attempt(transport, login.user, way, host)
        except _Refused as refusal:
            refusals.append(str(refusal))
        if not transport.is_active():
            break
    return _not_accepted(host, login, refusals)


def unusable_key(login: Login) -> Unobserved | None:
    """Why the key file cannot be used, as far as that shows without its passphrase and before anybody is asked."""
    if login.key_file is None:
        return None
    key = _load(login.key_file, None)
    if key is None and login.password is None:
        return _locked(login.key_file)
    return key if isinstance(key, Unobserved) else None


Way = paramiko.PKey | Secret


def _ways(login: Login) -> Iterator[Way | Unobserved]:
    """Each way to try, in order; a gap ends it."""
    passphrase_used = False
    if login.key_file is not None:
        key, passphrase_used = _key(login.key_file, login.password)
        yield key
    if login.agent or login.names_nothing:
        yield from _agent_keys()
    if login.names_nothing:
        yield from _own_keys()
    if login.password is not None and not passphrase_used:
        yield login.password()


def _attempt(transport: paramiko.Transport, user: str, way: Way, host: str) -> Unobserved | None:
    try:
        if isinstance(way, Secret):
            wanted = transport.auth_password(user, way.reveal(), fallback=False)
        else:
            wanted = transport.auth_publickey(user, way)
    except paramiko.BadAuthenticationType as error:
        raise _Refused(f"it accepts {', '.join(error.allowed_types)}") from None
    except paramiko.AuthenticationException as error:
        if "timeout" in str(error).lower():
            detail = f"{host} did not answer the log-in in time; try again, or raise settings.timeout."
            return Unobserved(cause=Cause.TIMEOUT, detail=detail)
        raise _Refused("") from None
    if wanted:
        raise _Refused(f"it wants {', '.join(wanted)} besides")
    return None


def _not_accepted(host: str, login: Login, refusals: list[str]) -> Unobserved:
    told = harmless("; ".join(dict.fromkeys(filter(None, refusals))), 200)
    if not refusals:
        what = "There is no key in the ssh-agent or in ~/.ssh to log in with"
    else:
        what = f"{host} did not let {harmless(login.user, 80)} log in"
    fix = "check `user` and `key_file`, `password` or `agent` under the host's `access` in the inventory"
    return Unobserved(cause=Cause.CREDENTIALS, detail=f"{what}{f' ({told})' if told else ''}; {fix}.")


def _key(path: Path, passphrase: Callable[[], Secret | Unobserved] | None) -> tuple[paramiko.PKey | Unobserved, bool]:
    """A private key from its file, and whether the passphrase was needed for it."""
    key = _load(path, None)
    if key is not None:
        return key, False
    if passphrase is None:
        return _locked(path), True
    secret = passphrase()
    if isinstance(secret, Unobserved):
        return secret, True
    return _load(path, secret) or _gap(path, "does not open with the passphrase under `password`"), True


def _locked(path: Path) -> Unobserved:
    return _gap(path, "is locked with a passphrase; name it under `password`, or make a key without one")


def _load(path: Path, passphrase: Secret | None) -> paramiko.PKey | Unobserved | None:
    """The key, why it is none, or None where it is locked."""
    try:
        with path.open("rb") as file:
            data = file.read(_KEY_LIMIT)
        return _parsed(data, passphrase.reveal().encode() if passphrase else None)
    except FileNotFoundError:
        return _gap(path, "does not exist; put it there, or correct its path in the inventory")
    except OSError:
        return _gap(path, "cannot be read; check its permissions")
    except TypeError:
        return None  # cryptography's word for: a password is needed
    except Exception:  # each key format has errors of its own, and their texts may quote the file
        return None if passphrase else _gap(path, "holds no private key that can be used; make one with ssh-keygen")


def _parsed(data: bytes, passphrase: bytes | None) -> paramiko.PKey:
    """A key in any format that OpenSSH reads; paramiko alone does not read PKCS #8."""
    loader = serialization.load_ssh_private_key if b"OPENSSH PRIVATE" in data else serialization.load_pem_private_key
    key = loader(data, passphrase)
    kind = next((ours for theirs, ours in _KINDS if isinstance(key, theirs)), None)
    if kind is None:
        raise ValueError("a key type that SSH servers no longer accept")
    openssh = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return kind.from_private_key(io.StringIO(openssh.decode()))


def _gap(path: Path, what: str) -> Unobserved:
    return Unobserved(cause=Cause.CREDENTIALS, detail=f"The key file {path.name} {what}.")


def _agent_keys() -> Iterator[paramiko.PKey]:
    agent = paramiko.Agent()
    try:
        yield from agent.get_keys()[:_MOST_KEYS]
    finally:
        agent.close()


def _own_keys() -> Iterator[paramiko.PKey]:
    for name in _OWN_KEYS:
        key = _load(Path.home() / ".ssh" / name, None)
        if isinstance(key, paramiko.PKey):
            yield key
