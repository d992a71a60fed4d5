"""The policy: every threshold and clause that decides a verdict, as data with its source.

Checks receive the policy and never read globals. A city overrides single values under `policy` in its inventory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, ClassVar

from scanner.model.ages import older
from scanner.model.messaging import PRODUCTS, EntryT, Product, named, nearest
from scanner.model.messaging_archives import ARCHIVES, Archive, Keeping
from scanner.model.regions import Region, region_of
from scanner.model.unobserved import Cause, Unobserved


def _rule(default: Any, source: str, *checks: str) -> Any:
    """A policy value with the source that it is taken from, and the ids of the checks whose verdict it decides."""
    return field(default=default, metadata={"source": source, "checks": checks})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The default policy, version 1. Ages in the unit that the name ends in; fractions 0 to 1.

    Every field can be overridden under `policy` in the inventory, by its name.
    """

    VERSION: ClassVar[str] = "2026.11"

    hsts_min_age: int = _rule(
        31_536_000, "BOD 18-01 (2017-10-16) and hstspreload.org: at least one year, in seconds", "https-hsts"
    )
    certificate_min_days: float = _rule(
        7, "a week is what a person needs to replace a certificate by hand", "certificate-expiry"
    )
    certificate_min_fraction: float = _rule(
        0.1,
        "CA/Browser Forum SC-081v3 (2025-04-11): lifetimes fall to 47 days by 2029, fixed limits stop working",
        "certificate-expiry",
    )
    rsa_min_bits: int = _rule(2048, "NIST SP 800-131A r2 (2019-03), section 3", "certificate-strength")
    ec_min_bits: int = _rule(256, "Mozilla Server Side TLS, intermediate (2026)", "certificate-strength")
    weak_signature_hashes: tuple[str, ...] = _rule(
        ("md2", "md4", "md5", "sha1"), "NIST SP 800-131A r2, section 9", "certificate-strength"
    )
    tls_versions_forbidden: tuple[str, ...] = _rule(
        ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"), "RFC 8996 (2021-03), RFC 7568, RFC 6176, BOD 18-01", "tls-versions"
    )
    suites_forbidden: tuple[str, ...] = _rule(
        ("RC4", "3DES", "DES", "RC2", "NULL", "EXPORT", "ANONYMOUS"),
        "BOD 18-01 (RC4, 3DES); RFC 9325 (2022-11), section 4.1; RFC 7465; words for what is wrong with a suite",
        "tls-ciphers",
    )
    suites_allowed: tuple[str, ...] = _rule(
        (),
        "IANA names of the only suites that may be on; empty: all but the forbidden (BOD 18-01 has no such list)",
        "tls-ciphers",
    )
    dh_min_bits: int = _rule(
        2048, "Mozilla Server Side TLS, intermediate; RFC 9325, section 4.5; Logjam (2015)", "tls-ciphers"
    )
    dh_groups_allowed: tuple[str, ...] = _rule(
        (),
        "names of the only finite-field groups that may be on (RFC 7919); empty: any that is long enough",
        "tls-ciphers",
    )
    hsts_preload_counts: bool = _rule(
        False,
        "BOD 18-01 counts a domain in the browsers' preload list; RFC 6797 looks at the header alone",
        "https-hsts",
    )
    other_name_must_redirect: bool = _rule(
        False,
        "M-15-13 judges a site and its name with or without www as one; the inventory names one of them",
        "https-enforced",
    )
    dmarc_policies: tuple[str, ...] = _rule(
        ("quarantine", "reject"), "RFC 9989 (DMARC), the policies that act", "mail-dmarc"
    )
    spf_max_lookups: int = _rule(10, "RFC 7208 (2014-04), section 4.6.4", "mail-spf")
    trust_stores: tuple[str, ...] = _rule(
        ("Mozilla", "Apple", "Microsoft", "Android"),
        "the stores that residents' browsers and phones use",
        "certificate-trusted",
        "certificate-expiry",
    )
    permitted_countries: tuple[str, ...] = _rule(
        ("US",), "the city's own law; principle 5 of the ten (2017)", "storage-place"
    )
    required_clauses: tuple[str, ...] = _rule(
        (
            "notice_of_demand",
            "challenge_demand",
            "no_secondary_use",
            "return_and_delete",
            "subprocessors_listed",
        ),
        "principle 5 of the ten (2017): limit sharing through clear language in the contract",
        "vendor-contract",
    )
    attestation_max_months: int = _rule(
        12, "an attestation older than a year is no longer anybody's word", "vendor-contract"
    )
    messaging_max_months: int = _rule(
        48,
        "no standard sets it; a product changes how it encrypts once in many years (Messenger in 2016 and 2023)",
        "messaging-end-to-end",
    )
    tpm_without_pin: bool = _rule(
        False,
        "principle 6 of the ten (2017): no breach if devices are lost; a TPM alone opens a stolen machine",
        "disk-key-protected",
    )

    @classmethod
    def sources(cls) -> Mapping[str, str]:
        """The source of each value, by name."""
        return {each.name: each.metadata["source"] for each in fields(cls)}

    @classmethod
    def deciding(cls, check: str) -> tuple[str, ...]:
        """The names of the values that decide a check's verdict."""
        return tuple(each.name for each in fields(cls) if check in each.metadata["checks"])

    def changed(self) -> tuple[str, ...]:
        """The names of the values that are not the default policy's."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) != each.default)

    def with_overrides(self, overrides: Mapping[str, object]) -> Policy:
        """This policy with single values replaced; lists become tuples.

        Raises:
            TypeError: for a name that is no policy value.
        """
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in overrides.items()}
        return replace(self, **values)  # type: ignore[arg-type]

    def messaging(self, name: str, today: date) -> Product | Unobserved:
        """What is known of a messaging product; one that the catalogue lacks, or that is out of date, is a gap."""
        return self._current(name, PRODUCTS, today)

    def archive(self, name: str, today: date) -> Archive | Unobserved:
        """What is known of an archive of messages; one of which too little is known is a gap too."""
        found = self._current(name, ARCHIVES, today)
        if isinstance(found, Archive) and found.keeping is Keeping.UNKNOWN:
            return Unobserved(
                cause=Cause.NOT_DECLARED,
                detail=f"Whether the archive {found.name} keeps messages end-to-end encrypted is not known. "
                f"{found.note}",
            )
        return found

    def _current(self, name: str, entries: Sequence[EntryT], today: date) -> EntryT | Unobserved:
        found = named(name, entries)
        if found is None:
            near = nearest(name, entries)
            meant = f" If {near!r} is meant, correct the inventory." if near else ""
            return Unobserved(
                cause=Cause.NOT_DECLARED,
                detail=f"civicseal's catalogue has no dated word on {name!r}; ask the maker who holds the keys, keep "
                f"the answer, and waive this until a newer version knows it.{meant}",
            )
        if older(found.as_of, self.messaging_max_months, today):
            return Unobserved(
                cause=Cause.STALE,
                detail=f"What civicseal knows of {found.name} is as of {found.as_of.isoformat()} and too old to count; "
                "use a newer version of civicseal.",
            )
        return found

    def region(self, provider: str, name: str) -> Region | Unobserved:
        """Where a provider's region lies; a region that our data lacks is a gap, never a guess."""
        found = region_of(provider, name)
        if found is None:
            return Unobserved(
                cause=Cause.NOT_DECLARED,
                detail=f"civicseal's reference data does not say where the region {name!r} of {provider} lies; look it "
                "up at the provider, keep the answer, and waive this until a newer version knows it.",
            )
        return found
