"""What a city offers and sends over networks: websites, other TLS listeners, mail, messages."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from scanner.inventory.schema.base import Schema
from scanner.inventory.schema.parts import AssetModel
from scanner.inventory.schema.types import Domain, FilePath, HostName, HostPort, HttpsUrl, HttpUrl, IpLiteral, Line


class WebsiteModel(AssetModel):
    """A web service and its plain twin."""

    model_config = ConfigDict(title="Website")

    url: HttpsUrl = Field(description="The https address that residents use; the port is taken from it.")
    http_url: HttpUrl | None = Field(
        default=None,
        description="The plain twin. Default: the same host on port 80. null: none is meant to exist, none is asked.",
    )
    address: IpLiteral | None = Field(
        default=None, description="IP address to connect to instead of asking DNS; Host and SNI stay those of url."
    )
    ca_bundle: FilePath | None = Field(default=None, description="PEM file with extra trust anchors.")

    @classmethod
    def keeps_null(cls) -> frozenset[str]:
        """`http_url: null` says that there is none."""
        return frozenset({"http_url"})


class ServiceModel(AssetModel):
    """A TLS listener that is no website."""

    model_config = ConfigDict(title="Service")

    address: HostPort = Field(description="HOST:PORT; IPv6 in brackets.")
    starttls: Literal["smtp", "imap", "pop3", "ldap", "ftp", "xmpp", "rdp", "postgres"] | None = Field(
        default=None, description="Protocol that turns TLS on by a command. Default: TLS from the first byte."
    )
    server_name: HostName | None = Field(
        default=None, description="Name that the certificate must be for. Default: the host of address."
    )
    ca_bundle: FilePath | None = Field(default=None, description="PEM file with extra trust anchors.")


class MailDomainModel(AssetModel):
    """A domain that sends or receives the city's mail."""

    model_config = ConfigDict(title="Mail domain")

    domain: Domain = Field(description="The domain after the address sign.")


class ArchiveModel(Schema):
    """How messages are kept for records law."""

    model_config = ConfigDict(title="Archive")

    by: Line = Field(description="Name of the archive product.")


class MessagingModel(AssetModel):
    """A messaging product in use."""

    model_config = ConfigDict(title="Messaging")

    product: Line = Field(description="Name of the product, such as signal.")
    archived: ArchiveModel | None = Field(default=None, description="The product that archives it.")
