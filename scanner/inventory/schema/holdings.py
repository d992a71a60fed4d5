"""Where records rest: devices, backups, vendors, buckets, cloud accounts."""

from __future__ import annotations

import warnings
from typing import Literal

from pydantic import ConfigDict, Field

from scanner.inventory.schema.base import Schema
from scanner.inventory.schema.parts import AssetModel, AttestationModel
from scanner.inventory.schema.secret import Secret
from scanner.inventory.schema.types import Country, Day, Days, Domain, EndpointUrl, FilePath, Id, Line, Region

Provider = Literal["aws", "s3", "gcs", "azure"]


with warnings.catch_warnings():
    # The key is `register`; the abstract class's method of that name, which it hides, is not used here.
    warnings.simplefilter("ignore", UserWarning)

    class DevicesModel(AssetModel):
        """Laptops and phones, known through an export of the management system."""

        model_config = ConfigDict(title="Devices")

        source: Literal["intune", "jamf", "fleet", "kandji", "csv"] = Field(description="System that made the export.")
        path: FilePath = Field(description="The export.")
        register: FilePath | None = Field(default=None, description="The city's own list of devices, to compare with.")
        max_age_days: Days = Field(default=30, description="Days after which a device's last report is too old.")
        columns: dict[str, Line] = Field(
            default={}, description="Which column of a csv export holds what; with source csv alone."
        )


class BackupModel(AssetModel):
    """Copies kept for recovery; their encryption is attested, not measured."""

    model_config = ConfigDict(title="Backup")

    where: Line | None = Field(default=None, description="Where the copies are, such as city.")
    encrypted: AttestationModel | None = Field(default=None, description="Who attested the encryption, and when.")


class ClausesModel(Schema):
    """What the contract says; true only where it is written there."""

    model_config = ConfigDict(title="Clauses")

    notice_of_demand: bool | None = Field(
        default=None, description="The vendor tells the city of every demand for its records, before it answers."
    )
    challenge_demand: bool | None = Field(default=None, description="The vendor challenges unlawful demands.")
    no_secondary_use: bool | None = Field(default=None, description="The records serve no other purpose.")
    return_and_delete: bool | None = Field(
        default=None, description="At the end the records come back and are deleted."
    )
    subprocessors_listed: bool | None = Field(default=None, description="Every subprocessor is named.")
    data_location_fixed: bool | None = Field(default=None, description="The countries of storage are fixed.")


class ContractModel(Schema):
    """The contract with a vendor, as attested by the city."""

    model_config = ConfigDict(title="Contract")

    document: FilePath | None = Field(default=None, description="The contract.")
    expires: Day | None = Field(default=None, description="Last day of the contract.")
    attested: Day | None = Field(default=None, description="Day on which somebody last read it and set the clauses.")
    clauses: ClausesModel | None = Field(default=None, description="What the contract says.")


class VendorModel(AssetModel):
    """A company that holds records for the city."""

    model_config = ConfigDict(title="Vendor")

    name: Line | None = Field(default=None, description="Name in reports. Default: the id.")
    controlled_from: Country | None = Field(default=None, description="Country of the controlling parent.")
    accounts: list[Line] = Field(default=[], description="Cloud accounts that are the vendor's, in quotes.")
    stores_in: list[Country] = Field(default=[], description="Countries that it stores the records in.")
    keys_held_by: Literal["city", "vendor"] | None = Field(default=None, description="Who holds the keys.")
    service: Literal["ecs", "rcs", "other"] | None = Field(
        default=None,
        description="Which law a demand on it follows: electronic communication service (18 USC 2510(15)), "
        "remote computing service (18 USC 2711(2)), or other.",
    )
    domains: list[Domain] = Field(default=[], description="Domains that are the vendor's.")
    contract: ContractModel | None = Field(default=None, description="The contract.")


class CredentialModel(Schema):
    """How to log in to a cloud; without it the provider's own chain is used."""

    model_config = ConfigDict(title="Credential")

    profile: Line | None = Field(default=None, description="Profile in the provider's own configuration file.")
    access_key: Secret | None = Field(default=None, description="Reference to the access key id.")
    secret_key: Secret | None = Field(default=None, description="Reference to the secret key.")
    session_token: Secret | None = Field(default=None, description="Reference to the session token.")


class BucketModel(AssetModel):
    """A place in object storage."""

    model_config = ConfigDict(title="Bucket")

    provider: Provider = Field(description="aws, s3 (any compatible server), gcs or azure.")
    name: Line = Field(description="The bucket's name.")
    endpoint: EndpointUrl | None = Field(default=None, description="Address of its S3 service. Default: AWS's own.")
    ca_bundle: FilePath | None = Field(default=None, description="PEM file with extra trust anchors.")
    region: Region | None = Field(default=None, description="The provider's name of the region.")
    country: Country | None = Field(default=None, description="Country that it lies in, where no region proves it.")
    account: Line | None = Field(default=None, description="Account that owns it, in quotes; 12 digits for aws.")
    vendor: Id | None = Field(default=None, description="Id of the vendor whose account it is in. Default: the city's.")
    credential: CredentialModel | None = Field(default=None, description="How to log in.")
    client_side_encryption: AttestationModel | None = Field(
        default=None, description="Who attested that the city encrypts before it uploads."
    )


class CloudAccountModel(AssetModel):
    """An account at a cloud provider."""

    model_config = ConfigDict(title="Cloud account")

    provider: Provider = Field(description="aws, s3, gcs or azure.")
    account: Line = Field(description="The account's number or name, in quotes; 12 digits for aws.")
    regions: list[Region] = Field(default=[], description="Regions to look at.")
    credential: CredentialModel | None = Field(default=None, description="How to log in.")
