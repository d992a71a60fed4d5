"""From the models of the ten kinds of assets to the assets themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scanner.inventory import addresses
from scanner.inventory.schema.access import AccessModel, HostModel
from scanner.inventory.schema.document import ASSET_SECTIONS, DocumentModel
from scanner.inventory.schema.holdings import (
    BackupModel,
    BucketModel,
    CloudAccountModel,
    ContractModel,
    CredentialModel,
    DevicesModel,
    VendorModel,
)
from scanner.inventory.schema.parts import AssetModel, AttestationModel
from scanner.inventory.schema.secret import SecretModel
from scanner.inventory.schema.services import MailDomainModel, MessagingModel, ServiceModel, WebsiteModel
from scanner.inventory.transports import transport_of, winrm_port
from scanner.model.asset import (
    Asset,
    Attestation,
    Backup,
    Bucket,
    CloudAccount,
    CloudCredential,
    Contract,
    DeviceFleet,
    Host,
    LocalAccess,
    MailDomain,
    Messaging,
    Place,
    Platform,
    SshAccess,
    StartTls,
    StorageProvider,
    TlsService,
    Vendor,
    Website,
    WinrmAccess,
)
from scanner.model.secret import SecretRef, SecretSource


def assets_of(document: DocumentModel, place: Callable[[str, int], Place]) -> tuple[Asset, ...]:
    """All assets in the order of the document's lists."""
    return tuple(
        _MAKERS[type(entry)](entry, _common(entry, place(section, index)))
        for section in ASSET_SECTIONS
        for index, entry in enumerate(getattr(document, section))
    )


def _common(entry: AssetModel, place: Place) -> dict[str, Any]:
    return {
        "id": entry.id,
        "department": entry.department,
        "datasets": tuple(entry.datasets),
        "note": entry.note,
        "place": place,
    }


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _secret(given: SecretModel | None) -> SecretRef | None:
    if given is None:
        return None
    [(source, value)] = given.model_dump(exclude_none=True).items()
    return SecretRef(source=SecretSource(source), value=(value,) if isinstance(value, str) else tuple(value))


def _attestation(given: AttestationModel | None) -> Attestation | None:
    if given is None:
        return None
    return Attestation(attested=given.attested, by=given.by, document=_path(given.document))


def _credential(given: CredentialModel | None) -> CloudCredential | None:
    if given is None:
        return None
    return CloudCredential(
        profile=given.profile,
        access_key=_secret(given.access_key),
        secret_key=_secret(given.secret_key),
        session_token=_secret(given.session_token),
    )


def _website(given: WebsiteModel, common: dict[str, Any]) -> Website:
    said = "http_url" in given.model_fields_set
    return Website(
        **common,
        url=given.url,
        http_url=given.http_url if said else addresses.plain_twin(given.url),
        address=given.address,
        ca_bundle=_path(given.ca_bundle),
    )


def _service(given: ServiceModel, common: dict[str, Any]) -> TlsService:
    host, port = addresses.split_host_port(given.address)
    return TlsService(
        **common,
        host=host,
        port=port,
        starttls=StartTls(given.starttls) if given.starttls else None,
        server_name=given.server_name,
        ca_bundle=_path(given.ca_bundle),
    )


def _mail_domain(given: MailDomainModel, common: dict[str, Any]) -> MailDomain:
    return MailDomain(**common, domain=given.domain)


def _messaging(given: MessagingModel, common: dict[str, Any]) -> Messaging:
    return Messaging(**common, product=given.product, archived_by=given.archived.by if given.archived else None)


def _host(given: HostModel, common: dict[str, Any]) -> Host:
    access = _access(given.platform, given.access or AccessModel())
    return Host(**common, address=given.address, platform=Platform(given.platform), access=access)


def _access(platform: str, given: AccessModel) -> LocalAccess | SshAccess | WinrmAccess:
    match transport_of(platform, {"transport": given.transport}):
        case "local":
            return LocalAccess()
        case "winrm":
            return WinrmAccess(
                user=given.user,
                scheme=given.scheme or "https",
                port=given.port or winrm_port(given.scheme),
                auth=given.auth or "ntlm",
                password=_secret(given.password),
                ca_bundle=_path(given.ca_bundle),
            )
    return SshAccess(
        user=given.user,
        port=given.port or 22,
        key_file=_path(given.key_file),
        password=_secret(given.password),
        agent=bool(given.agent),
        known_hosts=_path(given.known_hosts),
        sudo=bool(given.sudo),
    )


def _devices(given: DevicesModel, common: dict[str, Any]) -> DeviceFleet:
    return DeviceFleet(
        **common,
        source=given.source,
        path=Path(given.path),
        register=_path(given.register),
        max_age_days=given.max_age_days,
        columns=tuple(sorted(given.columns.items())),
    )


def _backup(given: BackupModel, common: dict[str, Any]) -> Backup:
    return Backup(**common, where=given.where, encrypted=_attestation(given.encrypted))


def _contract(given: ContractModel | None) -> Contract | None:
    if given is None:
        return None
    clauses = given.clauses.model_dump(exclude_none=True) if given.clauses else {}
    return Contract(
        document=_path(given.document),
        expires=given.expires,
        attested=given.attested,
        clauses=tuple(clauses.items()),
    )


def _vendor(given: VendorModel, common: dict[str, Any]) -> Vendor:
    return Vendor(
        **common,
        name=given.name or given.id,
        controlled_from=given.controlled_from,
        accounts=tuple(given.accounts),
        stores_in=tuple(given.stores_in),
        keys_held_by=given.keys_held_by,
        service=given.service,
        domains=tuple(given.domains),
        contract=_contract(given.contract),
    )


def _bucket(given: BucketModel, common: dict[str, Any]) -> Bucket:
    return Bucket(
        **common,
        provider=StorageProvider(given.provider),
        name=given.name,
        endpoint=given.endpoint,
        ca_bundle=_path(given.ca_bundle),
        region=given.region,
        country=given.country,
        account=given.account,
        vendor=given.vendor,
        credential=_credential(given.credential),
        client_side_encryption=_attestation(given.client_side_encryption),
    )


def _cloud_account(given: CloudAccountModel, common: dict[str, Any]) -> CloudAccount:
    return CloudAccount(
        **common,
        provider=StorageProvider(given.provider),
        account=given.account,
        regions=tuple(given.regions),
        credential=_credential(given.credential),
    )


_MAKERS: Mapping[type[Any], Callable[[Any, dict[str, Any]], Asset]] = {
    WebsiteModel: _website,
    ServiceModel: _service,
    MailDomainModel: _mail_domain,
    MessagingModel: _messaging,
    HostModel: _host,
    DevicesModel: _devices,
    BackupModel: _backup,
    VendorModel: _vendor,
    BucketModel: _bucket,
    CloudAccountModel: _cloud_account,
}
