"""The renewal calendar: which certificates end when, who has to renew them, and how much work that will be.

Whether a machine renews a certificate cannot be seen from outside: a short lifetime or an issuer that hands out
certificates over ACME alone makes it likely, and never certain. One that should have been renewed by now, or that
signs itself, makes it unlikely; of a city's own authority nothing can be told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from reports.distinguished import common_name
from reports.text import cut
from reports.view import NO_DEPARTMENT, Report, SeenLeaf
from reports.words import month
from scanner.model.certificate_lifetimes import lifetime_days, limit_at

FORECAST_DAYS = (200, 100, 47)
"""Lifetimes that public authorities may give since 2026-03-15, from 2027-03-15 and from 2029-03-15 (SC-081v3)."""

MOST_CERTIFICATES = 20_000
EXPIRED = "Expired already"

_YEAR = 365
_SHORT_LIFETIME = 100
_LONGEST_NAME = 200

# Organisations whose public certificates are handed out over ACME (RFC 8555) alone, or nearly so.
_ACME_ISSUERS = ("O=Let's Encrypt", "O=Google Trust Services", "O=ZeroSSL")


class Renewer(StrEnum):
    """Who probably renews a certificate."""

    MACHINE = "machine"
    BY_HAND = "by hand"
    UNTOLD = "cannot be told"


@dataclass(kw_only=True)
class Renewal:
    """One certificate and who uses it.

    Attributes:
        fingerprint: SHA-256 in hex.
        host: the first name that it is for, else its common name.
        own: whether it names itself as its issuer.
        public: whether a public root store accepts it; only then the limits on lifetimes bind its issuer.
        assets: ids, in the order in which they were read.
        departments: ids, without repetition; None for assets that have none.
    """

    fingerprint: str
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    public: bool
    host: str = ""
    own: bool = False
    assets: list[str] = field(default_factory=list)
    departments: list[str | None] = field(default_factory=list)

    @property
    def lifetime(self) -> int:
        """Days from its first to its last moment, at least one."""
        return max(1, lifetime_days(self.not_before, self.not_after))

    def renewer(self, now: datetime) -> Renewer:
        """Who probably renews it: see the module.

        A machine renews in the last third of a lifetime at the latest, as ACME clients do by default (RFC 9773 lets
        authorities ask for it earlier); a certificate that is older than that was forgotten or is renewed by hand.
        """
        late = (self.not_after - now) * 3 < self.not_after - self.not_before
        if self.own or late or self.not_after <= now:
            return Renewer.BY_HAND
        if not self.public:
            return Renewer.UNTOLD
        limit = limit_at(self.not_before)
        short = self.lifetime <= _SHORT_LIFETIME and (limit is None or self.lifetime < limit.days)
        machine = short or any(issuer in self.issuer for issuer in _ACME_ISSUERS)
        return Renewer.MACHINE if machine else Renewer.BY_HAND

    def days_left(self, now: datetime) -> int:
        """Whole days until it ends; below zero once it has."""
        return (self.not_after - now) // timedelta(days=1)

    def a_year(self, limit: int | None = None) -> float:
        """How often it has to be renewed in a year, at a limit on public lifetimes in days; as today without one."""
        days = min(self.lifetime, limit) if limit is not None and self.public else self.lifetime
        return _YEAR / days


@dataclass(frozen=True, kw_only=True)
class Month:
    """The renewals that fall due in one month: `key` is `2026-11` or `expired`."""

    key: str
    title: str
    renewals: Sequence[Renewal]


@dataclass(frozen=True, kw_only=True)
class Due:
    """How many certificates of one department end in one month, and how many of these each renewer has."""

    month: str
    department: str
    certificates: int
    renewers: Mapping[Renewer, int]


@dataclass(frozen=True, kw_only=True)
class Load:
    """The renewals of one department.

    Attributes:
        certificates: all that its assets use.
        renewers: how many of them each renewer has.
        today, limited: renewals a year of those that no machine probably renews, as things are and at each of
            `FORECAST_DAYS`; rounded up.
    """

    department: str
    certificates: int
    renewers: Mapping[Renewer, int]
    today: int
    limited: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """All certificates of a run, those that end first at the top.

    Attributes:
        now: the run's start.
        names: of departments, by id.
        left_out: how many uses of further certificates there are beyond `MOST_CERTIFICATES`.
    """

    renewals: Sequence[Renewal]
    now: datetime
    names: Mapping[str, str]
    left_out: int = 0

    def owner(self, department: str | None) -> str:
        """What a department is called."""
        return NO_DEPARTMENT if department is None else self.names.get(department, department)

    def months(self, renewals: Iterable[Renewal]) -> list[Month]:
        """Some renewals of this calendar, in its order, by month."""
        grouped = groupby(renewals, key=self._month)
        return [Month(key=key, title=title, renewals=list(each)) for (key, title), each in grouped]

    def due(self) -> list[Due]:
        """Months and departments in the order of time; a certificate of several departments counts in each."""
        return [
            Due(month=each.title, department=self.owner(owner), certificates=renewers.total(), renewers=renewers)
            for each in self.months(self.renewals)
            for owner, renewers in sorted(self._shares(each.renewals).items(), key=lambda item: self.owner(item[0]))
        ]

    def loads(self) -> list[Load]:
        """The load of each department, by name, and of the whole city last, where each certificate counts once."""
        owned: dict[str | None, list[Renewal]] = {}
        for renewal in self.renewals:
            for owner in renewal.departments:
                owned.setdefault(owner, []).append(renewal)
        named = [self._load(self.owner(owner), each) for owner, each in owned.items()]
        named.sort(key=lambda load: load.department)
        return [*named, self._load("All together", self.renewals)] if named else []

    def _load(self, department: str, renewals: Sequence[Renewal]) -> Load:
        renewers = Counter(renewal.renewer(self.now) for renewal in renewals)
        others = [renewal for renewal in renewals if renewal.renewer(self.now) is not Renewer.MACHINE]
        today, *limited = list(_a_year(others))
        return Load(department=department, certificates=len(renewals), renewers=renewers, today=today, limited=limited)

    def _shares(self, renewals: Iterable[Renewal]) -> dict[str | None, Counter[Renewer]]:
        """How many certificates each renewer has, by department."""
        shares: dict[str | None, Counter[Renewer]] = {}
        for renewal in renewals:
            for owner in renewal.departments:
                shares.setdefault(owner, Counter())[renewal.renewer(self.now)] += 1
        return shares

    def _month(self, renewal: Renewal) -> tuple[str, str]:
        if renewal.not_after < self.now:
            return "expired", EXPIRED
        return f"{renewal.not_after:%Y-%m}", month(renewal.not_after)


def calendar(report: Report) -> Calendar:
    """Reads the certificates of a report once; memory grows with the number of different certificates and uses."""
    owners = {asset.id: asset.department for asset in report.inventory.assets}
    found: dict[str, Renewal] = {}
    left_out = 0
    for seen in report.certificates:
        renewal = found.get(seen.certificate.fingerprint)
        if renewal is None:
            if len(found) >= MOST_CERTIFICATES:
                left_out += 1
                continue
            renewal = found.setdefault(seen.certificate.fingerprint, _renewal(seen))
        renewal.public = renewal.public or seen.public
        _add(renewal, seen.asset, owners.get(seen.asset))
    ordered = sorted(found.values(), key=lambda each: (each.not_after, each.subject, each.fingerprint))
    now = _utc(report.run.started_at)
    return Calendar(renewals=ordered, now=now, names=report.department_names(), left_out=left_out)


def _renewal(seen: SeenLeaf) -> Renewal:
    certificate = seen.certificate
    return Renewal(
        fingerprint=certificate.fingerprint,
        subject=cut(certificate.subject, _LONGEST_NAME),
        issuer=cut(certificate.issuer, _LONGEST_NAME),
        not_before=_utc(certificate.not_before),
        not_after=_utc(certificate.not_after),
        public=seen.public,
        host=cut(seen.host or common_name(certificate.subject), _LONGEST_NAME),
        own=certificate.self_signed or certificate.subject == certificate.issuer,
    )


def _add(renewal: Renewal, asset: str, department: str | None) -> None:
    if renewal.assets[-1:] != [asset]:
        renewal.assets.append(asset)
    if department not in renewal.departments:
        renewal.departments.append(department)


def _a_year(renewals: Sequence[Renewal]) -> Iterator[int]:
    """Renewals a year, as today and at each limit."""
    for limit in (None, *FORECAST_DAYS):
        yield math.ceil(sum(renewal.a_year(limit) for renewal in renewals) - 1e-9)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
