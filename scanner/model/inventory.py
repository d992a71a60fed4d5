"""The inventory as the scanner uses it: assets, their relations, settings and waivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from scanner.model.asset import Asset, Bucket, CloudAccount, Dataset, Department, Place, Vendor

MOST_AT_ONCE = 1024
"""The largest `concurrency`, in the inventory and on the command line."""


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """Whose inventory this is."""

    name: str
    domain: str | None = None
    contact: str | None = None


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """The written leave to scan, with its limits.

    Attributes:
        window: start and end of the allowed hours, local time of the scanning machine; may pass midnight.
        exclude: networks that no packet may go to.
    """

    document: Path | None = None
    by: str | None = None
    expires: date | None = None
    window: tuple[time, time] | None = None
    exclude: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to scan. Times in seconds.

    Attributes:
        timeout: for one step of one connection.
        asset_budget: wall clock for all questions about one asset.
        concurrency: assets asked at once.
        resolver: `ADDRESS:PORT` of the DNS server to ask instead of the system's.
        active_tests: whether probes for known vulnerabilities may be sent.
    """

    timeout: float = 5.0
    asset_budget: float = 60.0
    concurrency: int = 32
    resolver: str | None = None
    active_tests: bool = True


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A failure or an unknown that somebody answers for until a date.

    Attributes:
        subject: the part that is meant; None covers every part of the asset.
        expires: the last day on which it holds.
    """

    check: str
    asset: str
    subject: str | None
    reason: str
    owner: str
    expires: date
    place: Place = field(default_factory=Place)

    def covers(self, check: str, asset: str, subject: str | None) -> bool:
        """Whether this waiver is about that finding, valid or not."""
        return self.check == check and self.asset == asset and self.subject in (None, subject)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """Everything that `inventory.yaml` says.

    Attributes:
        path: the file; its folder holds the state and the report. For `--url` a file that does not exist.
        sha256: digest of the file's bytes.
        policy: the overrides of the default policy, name to value.
        snapshot: the validated document as JSON-ready data; what a stored run is judged with.
    """

    path: Path
    sha256: str
    municipality: Municipality
    authorization: Authorization | None = None
    settings: Settings = field(default_factory=Settings)
    policy: Mapping[str, object] = field(default_factory=dict)
    departments: tuple[Department, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    assets: tuple[Asset, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    snapshot: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def folder(self) -> Path:
        """The folder that relative paths, the state and the report belong to."""
        return self.path.parent

    @cached_property
    def assets_by_id(self) -> Mapping[str, Asset]:
        """Assets by their id, which is unique across all kinds."""
        return {asset.id: asset for asset in self.assets}

    @cached_property
    def datasets_by_id(self) -> Mapping[str, Dataset]:
        """Datasets by their id."""
        return {dataset.id: dataset for dataset in self.datasets}

    def datasets_of(self, asset: Asset) -> tuple[Dataset, ...]:
        """The datasets that an asset declares to hold."""
        return tuple(self.datasets_by_id[name] for name in asset.datasets if name in self.datasets_by_id)

    def vendor_of(self, asset: Asset) -> Vendor | None:
        """The vendor that a bucket belongs to; None for the city's own and for other kinds."""
        vendor = self.assets_by_id.get(asset.vendor or "") if isinstance(asset, Bucket) else None
        return vendor if isinstance(vendor, Vendor) else None

    @cached_property
    def _relations(self) -> Mapping[str, tuple[Asset, ...]]:
        """Declared relations, both ways: bucket and its vendor, bucket and its cloud account."""
        found: dict[str, list[Asset]] = {}
        accounts = {(a.provider, a.account): a for a in self.assets if isinstance(a, CloudAccount)}
        for bucket in (a for a in self.assets if isinstance(a, Bucket)):
            for other in (self.vendor_of(bucket), accounts.get((bucket.provider, bucket.account or ""))):
                if other is not None:
                    found.setdefault(bucket.id, []).append(other)
                    found.setdefault(other.id, []).append(bucket)
        return {name: tuple(assets) for name, assets in found.items()}

    def related(self, asset: Asset) -> tuple[Asset, ...]:
        """The assets that the inventory declares to belong with this one."""
        return self._relations.get(asset.id, ())
