"""What several kinds of entries have in common, and what the city's own organisation is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from scanner.inventory.schema.base import Schema
from scanner.inventory.schema.types import Day, Days, Domain, FilePath, Id, Line, Network, Resolver, Text, Window
from scanner.model.inventory import MOST_AT_ONCE


class AssetModel(Schema):
    """What every asset may have."""

    id: Id = Field(description="Name of this asset in reports and waivers; unique across all kinds of assets.")
    department: Id | None = Field(default=None, description="Id of the department that answers for it.")
    datasets: list[Id] = Field(default=[], description="Ids of the datasets that it holds or passes on.")
    note: Text | None = Field(default=None, description="A remark for people; decides nothing.")


class AttestationModel(Schema):
    """A person's word for what no machine can see."""

    model_config = ConfigDict(title="Attestation")

    attested: Day | None = Field(default=None, description="Day on which it was attested.")
    by: Line | None = Field(default=None, description="Who attested it.")
    document: FilePath | None = Field(default=None, description="Document that says so.")


class MunicipalityModel(Schema):
    """Whose inventory this is."""

    model_config = ConfigDict(title="Municipality")

    name: Line | None = Field(default=None, description="Name of the city, printed on every report.")
    domain: Domain | None = Field(default=None, description="The city's main domain.")
    contact: Line | None = Field(default=None, description="Whom to write to about the report.")


class AuthorizationModel(Schema):
    """The written leave to scan; printed in reports and obeyed by scan."""

    model_config = ConfigDict(title="Authorization")

    document: FilePath | None = Field(default=None, description="The letter.")
    by: Line | None = Field(default=None, description="Who gave leave.")
    expires: Day | None = Field(default=None, description="Last day on which a scan may run.")
    window: Window | None = Field(
        default=None, description="Hours in which a scan may run, local time of the machine that scans."
    )
    exclude: list[Network] = Field(default=[], description="Networks that no packet may go to.")


class SettingsModel(Schema):
    """How to scan."""

    model_config = ConfigDict(title="Settings")

    timeout: float = Field(
        default=5.0, gt=0, le=600, allow_inf_nan=False, description="Seconds for one step of one connection."
    )
    asset_budget: float = Field(
        default=60.0, gt=0, le=86_400, allow_inf_nan=False, description="Seconds for all questions about one asset."
    )
    concurrency: int = Field(default=32, gt=0, le=MOST_AT_ONCE, description="Assets asked at once.")
    resolver: Resolver | None = Field(
        default=None, description="ADDRESS:PORT of the DNS server to ask instead of this machine's own."
    )
    active_tests: bool = Field(default=True, description="Whether tests for known vulnerabilities may be sent.")


class DepartmentModel(Schema):
    """A part of the city that answers for assets."""

    model_config = ConfigDict(title="Department")

    id: Id = Field(description="Name by which assets refer to it.")
    name: Line | None = Field(default=None, description="Name in reports. Default: the id.")


class DatasetModel(Schema):
    """A body of records about residents."""

    model_config = ConfigDict(title="Dataset")

    id: Id = Field(description="Name by which assets refer to it.")
    name: Line | None = Field(default=None, description="Name in reports. Default: the id.")
    department: Id | None = Field(default=None, description="Id of the department that answers for it.")
    sensitivity: Literal["public", "internal", "personal", "vulnerable"] = Field(
        description="How much harm the records can do to the people in them: public, internal, personal or vulnerable."
    )
    retention_days: Days | None = Field(default=None, description="Days after which the records must be gone.")
    retention_min_days: Days | None = Field(default=None, description="Days for which the records must be kept.")
    legal_hold: bool = Field(default=False, description="Whether nothing may be deleted for now.")


class WaiverModel(Schema):
    """A failure or an unknown that somebody answers for until a day."""

    model_config = ConfigDict(title="Waiver")

    check: Id = Field(description="Id of the check, as `civicseal checks list` shows it.")
    asset: Id = Field(description="Id of the asset.")
    subject: Line | None = Field(default=None, description="The part that is meant. Default: every part of the asset.")
    reason: Text = Field(min_length=1, description="Why the city accepts it for now.")
    owner: Line = Field(description="Who answers for it.")
    expires: Day = Field(description="Last day on which the waiver holds.")
