"""Transports: the only code that opens sockets. What all probes of one run share is in `Transports`."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.model.inventory import Inventory, Settings
from scanner.model.observation import Depth
from scanner.transports.addresses import Addresses
from scanner.transports.aws import AwsClients
from scanner.transports.doors import Doors
from scanner.transports.tls import TlsWorkers


@dataclass(frozen=True, kw_only=True)
class Transports:
    """What one run's probes share.

    Attributes:
        addresses: turns names into addresses, and says where no packet may go.
        tls: worker processes for sslyze.
        depth: how much is asked.
        aws: clients of the AWS SDK, one per login, region and endpoint.
        doors: turns at addresses that several assets share.
    """

    inventory: Inventory
    addresses: Addresses
    tls: TlsWorkers
    depth: Depth = Depth.STANDARD
    aws: AwsClients = field(default_factory=AwsClients, repr=False)
    doors: Doors = field(default_factory=Doors, repr=False)

    @property
    def settings(self) -> Settings:
        """The run's settings."""
        return self.inventory.settings
