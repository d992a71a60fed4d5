"""What all probes of one run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from scanner.model.inventory import Inventory, Settings
from scanner.model.observation import Depth
from scanner.transports.addresses import Addresses
from scanner.transports.aws import AwsClients
from scanner.transports.dns import Dns
from scanner.transports.pace import Pace
from scanner.transports.smtp import MailServers
from scanner.transports.tls import TlsWorkers


@dataclass(frozen=True, kw_only=True)
class Transports:
    """What one run's probes share.

    Attributes:
        addresses: turns names into addresses, and says where no packet may go.
        tls: worker processes for sslyze.
        depth: how much is asked.
        aws: clients of the AWS SDK, one per login, region and endpoint.
        pace: turns at places that several questions share, and how a rate limit slows them down.
    """

    inventory: Inventory
    addresses: Addresses
    tls: TlsWorkers
    depth: Depth = Depth.STANDARD
    aws: AwsClients = field(default_factory=AwsClients, repr=False)
    pace: Pace = field(default_factory=Pace, repr=False)

    @cached_property
    def smtp(self) -> MailServers:
        """The mail servers that were spoken with."""
        return MailServers(self.pace)

    @property
    def settings(self) -> Settings:
        """The run's settings."""
        return self.inventory.settings

    @property
    def dns(self) -> Dns:
        """The look-ups of DNS records, shared with those of addresses."""
        return self.addresses.dns
