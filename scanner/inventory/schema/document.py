"""The whole document, and which keys stand where in it."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from scanner.inventory.addresses import wrong
from scanner.inventory.schema.access import HostModel
from scanner.inventory.schema.base import Schema
from scanner.inventory.schema.holdings import BackupModel, BucketModel, CloudAccountModel, DevicesModel, VendorModel
from scanner.inventory.schema.overrides import PolicyOverrides
from scanner.inventory.schema.parts import (
    AssetModel,
    AuthorizationModel,
    DatasetModel,
    DepartmentModel,
    MunicipalityModel,
    SettingsModel,
    WaiverModel,
)
from scanner.inventory.schema.secret import SecretModel
from scanner.inventory.schema.services import MailDomainModel, MessagingModel, ServiceModel, WebsiteModel
from scanner.inventory.tree import Loc


def _exactly_one(value: Any) -> Any:
    if type(value) is not int or value != 1:  # a literal would take `true` and 1.0, which equal 1
        raise wrong("must be 1, without quotes; other versions of this form are not known")
    return value


_Version = Annotated[Literal[1], BeforeValidator(_exactly_one)]
_Partial = Annotated[dict[str, Any] | None, Field(default=None, description="Merged under each entry of that list.")]


class DefaultsModel(Schema):
    """What all entries of a list share; an entry's own keys win, and null takes a default away."""

    model_config = ConfigDict(title="Defaults")

    departments: _Partial
    datasets: _Partial
    websites: _Partial
    services: _Partial
    mail_domains: _Partial
    messaging: _Partial
    hosts: _Partial
    devices: _Partial
    backups: _Partial
    vendors: _Partial
    buckets: _Partial
    cloud_accounts: _Partial
    waivers: _Partial


class DocumentModel(Schema):
    """A city's inventory for civicseal. Keys that start with `x-` are ignored."""

    model_config = ConfigDict(title="civicseal inventory")

    version: _Version = Field(description="Version of this form: 1.")
    municipality: MunicipalityModel | None = Field(default=None, description="Whose inventory this is.")
    authorization: AuthorizationModel | None = Field(default=None, description="The written leave to scan.")
    settings: SettingsModel | None = Field(default=None, description="How to scan.")
    policy: PolicyOverrides | None = Field(default=None, description="Values that replace those of the policy.")
    defaults: DefaultsModel | None = Field(default=None, description="What all entries of a list share.")
    departments: list[DepartmentModel] = Field(default=[], description="Parts of the city.")
    datasets: list[DatasetModel] = Field(default=[], description="What is held about residents.")
    websites: list[WebsiteModel] = Field(default=[], description="Websites.")
    services: list[ServiceModel] = Field(default=[], description="Other TLS listeners.")
    mail_domains: list[MailDomainModel] = Field(default=[], description="Domains that send or receive mail.")
    messaging: list[MessagingModel] = Field(default=[], description="Messaging products.")
    hosts: list[HostModel] = Field(default=[], description="Servers and desktops.")
    devices: list[DevicesModel] = Field(default=[], description="Laptops and phones, by export.")
    backups: list[BackupModel] = Field(default=[], description="Backups.")
    vendors: list[VendorModel] = Field(default=[], description="Companies that hold records for the city.")
    buckets: list[BucketModel] = Field(default=[], description="Object storage.")
    cloud_accounts: list[CloudAccountModel] = Field(default=[], description="Accounts at cloud providers.")
    waivers: list[WaiverModel] = Field(default=[], description="Findings that somebody answers for.")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside of `X`, `X | None`, `list[X]` and annotations of them."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) in (Annotated, list, UnionType, Union):
        found = (_model_in(argument) for argument in get_args(annotation))
        return next((model for model in found if model), None)
    return None


# Every list of the document and the model of its entries.
SECTIONS: dict[str, type[BaseModel]] = {
    name: model
    for name, field in DocumentModel.model_fields.items()
    if get_origin(field.annotation) is list and (model := _model_in(field.annotation))
}
ASSET_SECTIONS: tuple[str, ...] = tuple(name for name, model in SECTIONS.items() if issubclass(model, AssetModel))


def model_at(loc: Loc) -> type[BaseModel] | None:
    """The model of the mapping that stands at a location; None where no mapping of fixed keys is known.

    A secret has none on purpose: nothing that stands inside of one is ever named.
    """
    model: type[BaseModel] | None = DocumentModel
    for part in loc:
        if isinstance(part, int):
            continue
        if model is DefaultsModel:
            model = SECTIONS.get(part)
        elif model is not None:
            field = model.model_fields.get(part)
            model = _model_in(field.annotation) if field else None
        if model is SecretModel:
            return None
    return model
