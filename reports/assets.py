"""What an asset is and where it stands, in words. Never how to log in to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from reports.view import NO_DEPARTMENT, Report
from reports.words import KIND_WORDS
from scanner.model.asset import (
    Asset,
    Backup,
    Bucket,
    CloudAccount,
    DeviceFleet,
    Host,
    MailDomain,
    Messaging,
    TlsService,
    Vendor,
    Website,
)


def kind_word(asset: Asset | None) -> str:
    """The kind of an asset in plain words; of one that the inventory no longer has, that."""
    return KIND_WORDS.get(asset.kind, asset.kind) if asset else "No longer in the inventory"


def department_name(report: Report, asset: Asset | None) -> str:
    """The name of the asset's department."""
    department = asset.department if asset else None
    return report.department_names().get(department, department) if department else NO_DEPARTMENT


def details(report: Report, asset: Asset) -> list[tuple[str, str]]:
    """Label and text of everything worth telling about an asset."""
    rows = [("Kind", kind_word(asset)), *_where(asset), ("Department", department_name(report, asset))]
    holds = [f"{each.name} ({each.sensitivity})" for each in report.inventory.datasets_of(asset)]
    rows.append(("Holds", ", ".join(holds)))
    rows.append(("Note", asset.note or ""))
    # Only the file's name: where a city keeps it is nobody's business who reads the report.
    rows.append(("In the inventory", str(replace(asset.place, file=Path(asset.place.file).name))))
    return [(label, text) for label, text in rows if text]


def shown_path(report: Report, path: Path) -> str:
    """A path as the inventory names it: relative to its folder, else the bare name."""
    try:
        return path.relative_to(report.inventory.folder).as_posix()
    except ValueError:
        return path.name


def _where(asset: Asset) -> Iterable[tuple[str, str]]:
    match asset:
        case Website():
            return (("Address", asset.url), ("Plain HTTP address", asset.http_url or "none is meant to exist"))
        case TlsService():
            starttls = f" with STARTTLS ({asset.starttls})" if asset.starttls else ""
            return (("Address", f"{asset.host}:{asset.port}{starttls}"),)
        case MailDomain():
            return (("Domain", asset.domain),)
        case Messaging():
            return (("Product", asset.product), ("Archived by", asset.archived_by or ""))
        case Host():
            return (("Address", asset.address or "this machine"), ("Platform", str(asset.platform)))
        case DeviceFleet():
            return (("Managed with", asset.source),)
        case Backup():
            return (("Kept at", asset.where or ""),)
        case Vendor():
            return (("Name", asset.name), ("Controlled from", asset.controlled_from or ""))
        case Bucket():
            return (("Bucket", asset.name), ("Provider", str(asset.provider)), ("Vendor", asset.vendor or ""))
        case CloudAccount():
            return (("Account", asset.account), ("Provider", str(asset.provider)))
    return ()
