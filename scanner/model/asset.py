"""What a city has: the kinds of assets of `inventory.yaml`, and what is needed to reach each.

Every asset keeps the place where the inventory declares it, so that a report or an error can name file and line.
Secrets never stand here; a `SecretRef` says where one is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from scanner.model.secret import SecretRef


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an entry stands in the inventory: file as the user named it, line counted from 1 (0: no file)."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Sensitivity(StrEnum):
    """How much harm a record can do to the person in it, if it leaves the city's hands."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    VULNERABLE = "vulnerable"


@dataclass(frozen=True, kw_only=True)
class Department:
    """A part of the city that answers for assets."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A body of records about residents."""

    id: str
    name: str
    sensitivity: Sensitivity
    department: str | None = None
    retention_days: int | None = None
    retention_min_days: int | None = None
    legal_hold: bool = False


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """A person's signed word for what no machine can see: when, by whom, in which document."""

    attested: date | None = None
    by: str | None = None
    document: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One thing that the city runs, rents or shares records with."""

    kind: ClassVar[str]
    id: str
    department: str | None = None
    datasets: tuple[str, ...] = ()
    note: str | None = None
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, kw_only=True)
class TlsServer(Asset):
    """What listens with TLS: a website, or another service. Checks of TLS and certificates are about both.

    Attributes:
        ca_bundle: extra trust anchors in PEM.
    """

    ca_bundle: Path | None = None

    @property
    def reached_at(self) -> tuple[str, int]:
        """The host name or IP literal that is connected to, and the port."""
        raise NotImplementedError

    @property
    def known_as(self) -> str:
        """The host name or IP literal that the certificate must be for, and that is sent as SNI if it is a name."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Website(TlsServer):
    """A web service and its plain twin.

    Attributes:
        url: the https address that residents use.
        http_url: the plain twin; None where none is meant to exist, and then no packet is sent.
        address: connect here instead of asking DNS; Host and SNI stay those of `url`.
    """

    kind: ClassVar[str] = "website"
    url: str
    http_url: str | None
    address: str | None = None

    @property
    def host(self) -> str:
        """The host name or IP literal of `url`, without brackets, in lower case."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The https port of `url`."""
        return urlsplit(self.url).port or 443

    @property
    def reached_at(self) -> tuple[str, int]:
        """The declared address or the host of `url`, with its port."""
        return self.address or self.host, self.port

    @property
    def known_as(self) -> str:
        """The host of `url`."""
        return self.host


class StartTls(StrEnum):
    """Protocols that turn TLS on by a command."""

    SMTP = "smtp"
    IMAP = "imap"
    POP3 = "pop3"
    LDAP = "ldap"
    FTP = "ftp"
    XMPP = "xmpp"
    RDP = "rdp"
    POSTGRES = "postgres"


@dataclass(frozen=True, kw_only=True)
class TlsService(TlsServer):
    """A TLS listener that is no website; `starttls` is None where TLS begins with the first byte."""

    kind: ClassVar[str] = "service"
    host: str
    port: int
    starttls: StartTls | None = None
    server_name: str | None = None

    @property
    def reached_at(self) -> tuple[str, int]:
        """Host and port of `address`."""
        return self.host, self.port

    @property
    def known_as(self) -> str:
        """The declared name, or the host of `address`."""
        return self.server_name or self.host


@dataclass(frozen=True, kw_only=True)
class MailDomain(Asset):
    """A domain that sends or receives the city's mail."""

    kind: ClassVar[str] = "mail_domain"
    domain: str


@dataclass(frozen=True, kw_only=True)
class Messaging(Asset):
    """A messaging product in use, and the product that archives it."""

    kind: ClassVar[str] = "messaging"
    product: str
    archived_by: str | None = None


class Platform(StrEnum):
    """Operating system family of a host."""

    LINUX = "linux"
    WINDOWS = "windows"
    MACOS = "macos"


@dataclass(frozen=True, kw_only=True)
class LocalAccess:
    """The host is the machine that scans."""


@dataclass(frozen=True, kw_only=True)
class SshAccess:
    """How to log in over SSH. Host keys are strict: `known_hosts` or the user's own file must hold the key."""

    user: str | None = None
    port: int = 22
    key_file: Path | None = None
    password: SecretRef | None = None
    agent: bool = False
    known_hosts: Path | None = None
    sudo: bool = False


@dataclass(frozen=True, kw_only=True)
class WinrmAccess:
    """How to log in over WinRM."""

    user: str | None = None
    scheme: str = "https"
    port: int = 5986
    auth: str = "ntlm"
    password: SecretRef | None = None
    ca_bundle: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Host(Asset):
    """A server or desktop that can be asked about its own disks."""

    kind: ClassVar[str] = "host"
    address: str | None
    platform: Platform
    access: LocalAccess | SshAccess | WinrmAccess


@dataclass(frozen=True, kw_only=True)
class DeviceFleet(Asset):
    """Laptops and phones, known through an export of the management system."""

    kind: ClassVar[str] = "devices"
    source: str
    path: Path
    register: Path | None = None
    max_age_days: int = 30
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Backup(Asset):
    """Copies kept for recovery; their encryption is attested, not measured."""

    kind: ClassVar[str] = "backup"
    where: str | None = None
    encrypted: Attestation | None = None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What a contract with a vendor says, as attested by the city.

    Attributes:
        clauses: name of the clause and whether the contract holds it.
    """

    document: Path | None = None
    expires: date | None = None
    attested: date | None = None
    clauses: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Vendor(Asset):
    """A company that holds records for the city.

    Attributes:
        controlled_from: ISO 3166 code of the country of the controlling parent.
        accounts: cloud accounts that are the vendor's.
        service: ecs, rcs (18 USC 2510(15), 2711(2)) or other: which law a demand on it follows.
    """

    kind: ClassVar[str] = "vendor"
    name: str
    controlled_from: str | None = None
    accounts: tuple[str, ...] = ()
    stores_in: tuple[str, ...] = ()
    keys_held_by: str | None = None
    service: str | None = None
    domains: tuple[str, ...] = ()
    contract: Contract | None = None


@dataclass(frozen=True, kw_only=True)
class CloudCredential:
    """How to log in to a cloud: a named profile, or references to a key pair."""

    profile: str | None = None
    access_key: SecretRef | None = None
    secret_key: SecretRef | None = None
    session_token: SecretRef | None = None


class StorageProvider(StrEnum):
    """Who runs a bucket: `aws` has AWS's meaning at any endpoint, `s3` is any compatible server."""

    AWS = "aws"
    S3 = "s3"
    GCS = "gcs"
    AZURE = "azure"


@dataclass(frozen=True, kw_only=True)
class Bucket(Asset):
    """A place in object storage."""

    kind: ClassVar[str] = "bucket"
    provider: StorageProvider
    name: str
    endpoint: str | None = None
    ca_bundle: Path | None = None
    region: str | None = None
    country: str | None = None
    account: str | None = None
    vendor: str | None = None
    credential: CloudCredential | None = None
    client_side_encryption: Attestation | None = None


@dataclass(frozen=True, kw_only=True)
class CloudAccount(Asset):
    """An account at a cloud provider."""

    kind: ClassVar[str] = "cloud_account"
    provider: StorageProvider
    account: str
    regions: tuple[str, ...] = ()
    credential: CloudCredential | None = None


ASSET_KINDS: tuple[type[Asset], ...] = (
    Website, TlsService, MailDomain, Messaging, Host, DeviceFleet, Backup, Vendor, Bucket, CloudAccount,
)  # fmt: skip
