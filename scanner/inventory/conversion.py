"""From the pydantic models to the frozen values of `scanner.model`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scanner.inventory import addresses
from scanner.inventory.assets import assets_of
from scanner.inventory.schema.document import DocumentModel
from scanner.inventory.schema.parts import AuthorizationModel, DatasetModel, MunicipalityModel, WaiverModel
from scanner.model.asset import Dataset, Department, Place, Sensitivity
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings, Waiver

UNNAMED = "Unnamed municipality"


def to_inventory(
    document: DocumentModel,
    *,
    path: Path,
    sha256: str,
    place: Callable[[str, int], Place],
    snapshot: Mapping[str, object],
) -> Inventory:
    """The inventory that a validated document describes; `place` tells where an entry of a list stands."""
    return Inventory(
        path=path,
        sha256=sha256,
        municipality=_municipality(document.municipality or MunicipalityModel()),
        authorization=_authorization(document.authorization) if document.authorization else None,
        settings=Settings(**document.settings.model_dump()) if document.settings else Settings(),
        policy=document.policy.model_dump(exclude_unset=True) if document.policy else {},
        departments=tuple(Department(id=each.id, name=each.name or each.id) for each in document.departments),
        datasets=tuple(_dataset(each) for each in document.datasets),
        assets=assets_of(document, place),
        waivers=tuple(_waiver(each, place("waivers", index)) for index, each in enumerate(document.waivers)),
        snapshot=snapshot,
    )


def _municipality(given: MunicipalityModel) -> Municipality:
    name = given.name or given.domain or UNNAMED
    return Municipality(name=name, domain=given.domain, contact=given.contact)


def _authorization(given: AuthorizationModel) -> Authorization:
    return Authorization(
        document=Path(given.document) if given.document else None,
        by=given.by,
        expires=given.expires,
        window=addresses.to_window(given.window) if given.window else None,
        exclude=tuple(addresses.to_network(network) for network in given.exclude),
    )


def _dataset(given: DatasetModel) -> Dataset:
    values: dict[str, Any] = given.model_dump()
    return Dataset(**{**values, "name": given.name or given.id, "sensitivity": Sensitivity(given.sensitivity)})


def _waiver(given: WaiverModel, place: Place) -> Waiver:
    return Waiver(**given.model_dump(), place=place)
