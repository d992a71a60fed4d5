"""A small city for the reports: every kind of asset, every status, every cause that its readers may meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from reports.view import CheckInfo, Report, SeenLeaf
from scanner.model.asset import (
    Asset,
    Backup,
    Bucket,
    CloudAccount,
    Dataset,
    Department,
    DeviceFleet,
    Host,
    LocalAccess,
    MailDomain,
    Messaging,
    Place,
    Platform,
    Sensitivity,
    SshAccess,
    StorageProvider,
    TlsService,
    Vendor,
    Website,
)
from scanner.model.facts.tls import Certificate, PublicKey
from scanner.model.finding import Finding, SeenEvidence, Severity, Status, ValidWaiver
from scanner.model.inventory import Authorization, Inventory, Municipality, Waiver
from scanner.model.run import Run, Scope
from scanner.model.unobserved import Cause

STARTED = datetime(2026, 11, 22, 16, 41, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Findings:
    """A source that can be read again and again, and keeps the promised order."""

    items: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self.items, key=lambda each: (each.asset, each.check, each.subject or "")))


def doc(title: str, fix: str) -> str:
    return f"""{title}, as the federal rules for public web sites ask.

What it checks
--------------
The first answer of the server, header by header. The header
`Strict-Transport-Security` must say:

- `max-age` of at least one year,
- once and not twice.

Why it matters
--------------
Without it, a resident on a shared network can be led to a false copy of the city's page.

How to fix
----------
{fix}

    Strict-Transport-Security: max-age=31536000; includeSubDomains

What it cannot see
------------------
Pages behind a login.

References
----------
- BOD 18-01, https://www.cisa.gov/news-events/directives/bod-18-01.
- RFC 6797, section 6.1
"""


TITLES = {
    "https-served": ("The site answers over HTTPS", "P6", Severity.CRITICAL),
    "https-enforced": ("Plain HTTP leads to HTTPS", "P6", Severity.HIGH),
    "https-hsts": ("Browsers are told to stay on HTTPS", "P6", Severity.MEDIUM),
    "certificate-trusted": ("The certificate chain is trusted", "P6", Severity.HIGH),
    "certificate-expiry": ("The certificate is within its dates", "P6", Severity.HIGH),
    "tls-versions": ("Old versions of TLS are off", "P6", Severity.HIGH),
    "tls-post-quantum": ("A hybrid post-quantum group is offered", "P6", Severity.INFO),
    "disk-encrypted": ("Every disk is encrypted", "P6", Severity.CRITICAL),
    "bucket-encrypted": ("The bucket is encrypted at rest", "P6", Severity.HIGH),
    "storage-place": ("Records lie in a permitted country", "P5", Severity.HIGH),
    "storage-private": ("The bucket is not open to the public", "P5", Severity.CRITICAL),
    "storage-retention": ("Records are deleted when they should be", "P3", Severity.MEDIUM),
    "vendor-contract": ("The contract protects residents", "P5", Severity.HIGH),
}
FIXES = {
    "https-enforced": "Answer every plain request with `301` to the same path over https.",
    "https-hsts": "Send `Strict-Transport-Security: max-age=31536000` on every https answer.",
    "tls-versions": "Switch off TLS 1.0 and TLS 1.1 in the server's configuration.",
    "disk-encrypted": "Move the volume onto LUKS2, then write over the plain disk.",
    "storage-private": "Turn on the full public access block of the bucket.",
    "vendor-contract": "Add the missing clauses to the contract at its next renewal, and name them in the inventory.",
}
CHECKS = {
    name: CheckInfo(
        id=name, title=title, principle=principle, severity=severity, doc=doc(title, FIXES.get(name, "Ask the vendor."))
    )
    for name, (title, principle, severity) in TITLES.items()
}


def finding(
    check: str,
    asset: str,
    status: Status = Status.FAIL,
    *,
    reason: str = "",
    subject: str | None = None,
    cause: Cause | None = None,
    evidence: Iterable[tuple[str, str]] = (),
    fix: str | None = None,
    waiver: ValidWaiver | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding of one of the checks above; failures get the check's usual fix."""
    _, principle, usual = TITLES.get(check, (check, "P6", Severity.HIGH))
    seen = STARTED + timedelta(seconds=12)
    return Finding(
        check=check,
        asset=asset,
        subject=subject,
        principle=principle,
        severity=severity or usual,
        status=status,
        reason=reason or f"{check} was looked at on {asset} and ended as {status}.",
        cause=cause,
        fix=(fix or FIXES.get(check, "Mend it.")) if status is Status.FAIL else None,
        evidence=tuple(SeenEvidence(fact=fact, value=value, observed_at=seen) for fact, value in evidence),
        waiver=waiver,
    )


def place(line: int) -> Place:
    return Place(file="inventory.yaml", line=line)


def website(name: str, line: int, department: str | None = None) -> Website:
    host = f"{name}.riverton.example"
    return Website(
        id=name,
        url=f"https://{host}",
        http_url=f"http://{host}",
        department=department,
        place=place(line),
        datasets=("muni-id",) if name == "www" else (),
    )


ASSETS: tuple[Asset, ...] = (
    website("www", 21, "clerk"),
    website("permits", 27, "clerk"),
    website("library", 33, "library"),
    website("old-archive", 38),
    website("parks", 43),
    TlsService(id="mx1", host="mx1.riverton.example", port=25, starttls="smtp", place=place(50)),
    MailDomain(id="mail", domain="riverton.example", place=place(53)),
    Messaging(id="chat", product="signal", department="clerk", archived_by="the archive", place=place(55)),
    Host(
        id="db1",
        address="10.1.2.3",
        platform=Platform.LINUX,
        access=SshAccess(user="scanner"),
        department="it",
        datasets=("muni-id",),
        note="To be replaced in spring.",
        place=place(58),
    ),
    Host(id="fs1", address="10.1.2.4", platform=Platform.LINUX, access=SshAccess(), department="it", place=place(64)),
    Host(id="here", address=None, platform=Platform.LINUX, access=LocalAccess(), department="it", place=place(69)),
    DeviceFleet(id="laptops", source="intune", path=Path("exports/intune.csv"), department="it", place=place(71)),
    Backup(id="tape", where="city", department="it", place=place(74)),
    Vendor(id="acme-permits", name="Acme Permits LLC", controlled_from="US", department="clerk", place=place(77)),
    Bucket(
        id="permit-archive",
        provider=StorageProvider.AWS,
        name="riverton-permits",
        vendor="acme-permits",
        department="clerk",
        place=place(85),
    ),
    Bucket(id="photos", provider=StorageProvider.S3, name="photos", department="library", place=place(90)),
    CloudAccount(id="aws-main", provider=StorageProvider.AWS, account="123456789012", place=place(95)),
)

WAIVER = ValidWaiver(reason="The machine is switched off in spring.", owner="IT security", expires=date(2027, 1, 31))
WAIVERS = (
    Waiver(
        check="disk-encrypted",
        asset="db1",
        subject="/boot/extra",
        reason=WAIVER.reason,
        owner=WAIVER.owner,
        expires=WAIVER.expires,
        place=place(102),
    ),
    Waiver(
        check="https-hsts",
        asset="parks",
        subject=None,
        reason="The new site goes live in October.",
        owner="Parks",
        expires=date(2026, 10, 31),
        place=place(104),
    ),
    Waiver(
        check="storage-place",
        asset="photos",
        subject=None,
        reason="Public photographs only.",
        owner="Library",
        expires=date(2027, 6, 30),
        place=place(106),
    ),
)


# asset | check | status or cause | part | reason | fact=value; fact=value
CITY = """
SITE www
www | tls-post-quantum | fail | | TLS 1.3 is offered without a hybrid group. |
SITE permits but https-enforced https-hsts tls-versions
permits | https-enforced | fail | | The plain endpoint answers 200. | http status=200; server=Microsoft-IIS/8.5
permits | https-hsts | fail | | The https answer has no Strict-Transport-Security header. |
permits | tls-versions | fail | | TLS 1.0 and TLS 1.1 are accepted. | accepted=TLSv1.0; accepted=TLSv1.1
SITE library but https-hsts certificate-trusted
library | https-hsts | fail | | HSTS lasts for 300 seconds only. | strict-transport-security=max-age=300
library | certificate-trusted | fail | | The certificate signs itself. | issuer=CN=library
old-archive | https-served | unreachable | | Connecting to 203.0.113.9 port 443 was refused. |
old-archive | https-enforced | unreachable | | Connecting to 203.0.113.9 port 443 was refused. |
old-archive | tls-versions | unreachable | | Connecting to 203.0.113.9 port 443 was refused. |
SITE parks but https-hsts https-enforced
parks | https-hsts | fail | | The https answer has no such header. | waiver expired=2026-10-31, owner Parks
parks | https-enforced | not_applicable | | The inventory says that no plain endpoint is meant to exist. |
db1 | disk-encrypted | pass | / | LUKS2 with aes-xts-plain64. | path=sda3 → luks → lvm → ext4
db1 | disk-encrypted | fail | /srv/records | The file system lies on a plain partition. | path=sdb1 → ext4; size=931 GiB
db1 | disk-encrypted | waived | /boot/extra | The file system lies on a plain partition. |
db1 | disk-encrypted | not_applicable | /boot/efi | The boot loader has to be readable, and holds no records. |
fs1 | disk-encrypted | host_key | | The host key of 10.1.2.4 is not in known_hosts; nothing was sent. |
here | disk-encrypted | probe_crashed | | The check itself crashed (ValueError). Please report it. |
acme-permits | vendor-contract | fail | | Two required clauses are missing. | document=contracts/acme.pdf
permit-archive | bucket-encrypted | pass | | Encrypted with SSE-KMS. | algorithm=aws:kms
permit-archive | storage-place | pass | | us-east-1 lies in the US. | region=us-east-1
permit-archive | storage-private | denied | | The account may not read the policy; grant s3:GetBucketPolicyStatus. |
photos | bucket-encrypted | pass | | Encrypted with AES256. |
photos | storage-place | not_declared | | The server names no region; add `country` to the bucket. |
photos | storage-private | fail | | Everybody may list and read the bucket. | policy={"Principal": "*"}
"""
GOOD_SITE = """
https-served | pass | | TLS completes and HTTP answers. | https status=200
https-enforced | pass | | The plain endpoint answers 301 to https. | http status=301
https-hsts | pass | | HSTS holds for a year. | strict-transport-security=max-age=31536000
certificate-trusted | pass | | All four stores accept the chain. | issuer=CN=R11, O=Let's Encrypt, C=US
certificate-expiry | pass | | 63 days are left. | not after=2027-01-24 10:00:00 UTC
tls-versions | pass | | Only TLS 1.2 and TLS 1.3 are accepted. | accepted=TLSv1.2, TLSv1.3
"""


def certificate(name: str, lives: int, left: int, issuer: str = "O=City Authority") -> Certificate:
    """One that lives for so many days, of which so many are left when the run starts."""
    end = STARTED + timedelta(days=left, hours=1)
    return Certificate(
        subject=f"CN={name}",
        issuer=f"CN=Issuing,{issuer}",
        serial="2a",
        not_before=end - timedelta(days=lives, seconds=-1),
        not_after=end,
        key=PublicKey(algorithm="ec", bits=256),
        signature_hash="sha256",
        self_signed=False,
        fingerprint=f"print of {name}",
        key_fingerprint=f"key of {name}",
    )


WILDCARD = certificate("*.riverton.example", 365, 40, "O=DigiCert Inc")
CERTIFICATES = (
    SeenLeaf(asset="library", certificate=certificate("library", 3650, -3), public=False),
    SeenLeaf(asset="mx1", certificate=certificate("mx1", 90, 35, "O=Let's Encrypt"), public=True),
    SeenLeaf(asset="parks", certificate=WILDCARD, public=False),
    SeenLeaf(asset="permits", certificate=WILDCARD, public=True),
    SeenLeaf(asset="www", certificate=WILDCARD, public=True, host="*.riverton.example"),
)


def rows(table: str) -> Iterator[str]:
    return (line for line in table.splitlines() if line)


def city_findings() -> Iterator[Finding]:
    """Reads the table above; `SITE x but a b` stands for a good site without the checks a and b."""
    for row in rows(CITY):
        if not row.startswith("SITE"):
            yield from_row(row)
            continue
        _, site, *but = row.split()
        yield from (from_row(f"{site} | {each}") for each in rows(GOOD_SITE) if each.split()[0] not in but)


def from_row(row: str) -> Finding:
    asset, check, ended, subject, reason, evidence = (part.strip() for part in row.split("|"))
    cause = Cause(ended) if ended in set(Cause) else None
    blind = Status.ERROR if cause is Cause.PROBE_CRASHED else Status.UNKNOWN
    return finding(
        check,
        asset,
        blind if cause else Status("fail" if ended == "waived" else ended),
        subject=subject or None,
        reason=reason,
        cause=cause,
        evidence=[(fact, value) for fact, _, value in (item.partition("=") for item in evidence.split("; ") if item)],
        waiver=WAIVER if ended == "waived" or (asset == "photos" and cause) else None,
    )


@pytest.fixture
def city() -> Report:
    """A careful city with a bit of everything."""
    return make_report(city_findings())


MakeReport = Callable[..., Report]


def make_report(findings: Iterable[Finding], assets: tuple[Asset, ...] = ASSETS, **changes: object) -> Report:
    inventory = Inventory(
        path=Path("/srv/city/inventory.yaml"),
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        municipality=Municipality(name="City of Riverton", contact="security@riverton.example"),
        authorization=Authorization(
            document=Path("/srv/city/scan-letter.pdf"),
            by="City Manager",
            expires=date(2027, 6, 30),
            window=(time(22), time(5)),
            exclude=(IPv4Network("10.1.9.0/24"),),
        ),
        departments=(
            Department(id="clerk", name="City Clerk"),
            Department(id="it", name="Information Technology"),
            Department(id="library", name="Public Library"),
        ),
        datasets=(Dataset(id="muni-id", name="Municipal ID applications", sensitivity=Sensitivity.VULNERABLE),),
        assets=assets,
        waivers=WAIVERS,
    )
    report = Report(
        run=Run(
            id="20261122T164130Z-7f3a",
            started_at=STARTED,
            finished_at=STARTED + timedelta(minutes=3, seconds=7),
            tool_version="0.1.0",
            inventory_path="/srv/city/inventory.yaml",
            inventory_sha256=inventory.sha256,
            complete=True,
            scope=Scope(),
        ),
        inventory=inventory,
        judged_kinds=frozenset({"website", "host", "bucket", "vendor"}),
        findings=Findings(tuple(findings)),
        checks=CHECKS,
        tool_version="0.1.0",
        certificates=CERTIFICATES,
    )
    return replace(report, **changes)  # type: ignore[arg-type]


@pytest.fixture(name="make_report")
def report_maker() -> MakeReport:
    """Makes a report of any findings (and assets), with single fields replaced."""
    return make_report


@pytest.fixture(name="finding")
def finding_maker() -> Callable[..., Finding]:
    """Makes one finding."""
    return finding


@pytest.fixture(name="certificate")
def certificate_maker() -> Callable[..., Certificate]:
    """Makes one certificate: `certificate("www", 90, 20)` lives for 90 days, of which 20 are left."""
    return certificate
