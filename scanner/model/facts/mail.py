"""What a mail domain shows: where it takes mail, how those hosts encrypt, and what it says in DNS.

Text that comes from DNS or from a server is bounded and harmless; it is not escaped for any output.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from scanner.model.facts.base import Facts
from scanner.model.facts.service import Listener
from scanner.model.unobserved import Unobserved


class Receiving(StrEnum):
    """How a domain says where its mail goes."""

    MX = "mx"
    ADDRESS = "address"  # no MX record, so the domain's own addresses (RFC 5321, section 5.1)
    NULL_MX = "null_mx"  # no mail at all (RFC 7505)
    NOWHERE = "nowhere"  # neither MX records nor addresses


@dataclass(frozen=True, kw_only=True)
class MailHost:
    """A host that takes mail for the domain.

    Attributes:
        host: its name in lower case, without the final dot.
        preference: of the MX record; lower is tried first.
        listeners: its SMTP service at each address; under the host's name where not even an address was found.
        certificates: each different certificate that it showed, one clause: subject, issuer, last day, names.
    """

    host: str
    preference: int
    listeners: tuple[Listener, ...]
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MailHostFacts(Facts):
    """The hosts that take mail for a domain. `hosts` is empty where it takes none.

    Attributes:
        exists: whether DNS knows the domain at all.
    """

    domain: str
    exists: bool
    receiving: Receiving
    hosts: tuple[MailHost | Unobserved, ...] = ()

    @property
    def takes_mail(self) -> bool:
        """Whether there is any place for the domain's mail."""
        return self.receiving in {Receiving.MX, Receiving.ADDRESS}


class StsMode(StrEnum):
    """What senders are asked to do by an MTA-STS policy (RFC 8461, section 5)."""

    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class StsPolicy:
    """A valid MTA-STS policy (RFC 8461, section 3.2); `max_age` in seconds, `mx` host patterns."""

    kind: Literal["policy"] = "policy"
    mode: StsMode
    mx: tuple[str, ...]
    max_age: int


@dataclass(frozen=True, kw_only=True)
class StsBroken:
    """There is no valid policy where it should be; `why` is one clause that tells what is wrong."""

    kind: Literal["broken"] = "broken"
    why: str


@dataclass(frozen=True, kw_only=True)
class Tlsa:
    """One TLSA record (RFC 6698): the three numbers, and the association data in hex."""

    usage: int
    selector: int
    matching: int
    data: str

    def __str__(self) -> str:
        return f"{self.usage} {self.selector} {self.matching} {self.data[:64]}"


@dataclass(frozen=True, kw_only=True)
class ChainSeen:
    """The chain of an MX host at one address: which of the host's TLSA records it matches (RFC 7672, section 3.1).

    Attributes:
        offers_tls: False where the server offers no STARTTLS, so that there is no chain.
    """

    address: str
    matched: tuple[Tlsa, ...]
    offers_tls: bool = True


@dataclass(frozen=True, kw_only=True)
class DaneHost:
    """DANE of one MX host.

    Attributes:
        records: its TLSA records at port 25, or why they were not seen.
        authenticated: whether the resolver validated them by DNSSEC.
        is_secure: whether the resolver validated the host's addresses too, or else the alias that it is; without that
            senders do not ask for its records (RFC 7672, section 2.2.2). Sought, as the chains, only where there are
            usable and authenticated records; None where it was not.
        chains: one per address; a gap where the chain was not seen.
    """

    host: str
    records: tuple[Tlsa, ...] | Unobserved
    authenticated: bool
    is_secure: bool | Unobserved | None = None
    chains: tuple[ChainSeen | Unobserved, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MailTlsPolicyFacts(Facts):
    """What a domain tells senders about TLS.

    Attributes:
        hosts: names of the hosts that take its mail; all of them, or why they were not seen.
        hosts_authenticated: whether the resolver validated the MX records by DNSSEC.
        sts_records: the TXT records at `_mta-sts` that begin with `v=STSv1`.
        sts_policy: the policy file; None where it was not asked for, as there is not exactly one record.
        dane: one entry per host.
        reporting: the TXT records at `_smtp._tls` that begin with `v=TLSRPTv1` (RFC 8460).
    """

    revision: ClassVar[int] = 2

    domain: str
    receiving: Receiving
    hosts: tuple[str, ...]
    hosts_authenticated: bool
    sts_records: tuple[str, ...] | Unobserved
    sts_policy: StsPolicy | StsBroken | Unobserved | None
    dane: tuple[DaneHost, ...]
    reporting: tuple[str, ...] | Unobserved


@dataclass(frozen=True, kw_only=True)
class DmarcAnswer:
    """What stands at `_dmarc.` of one domain: the TXT records that begin with `v=DMARC1`."""

    domain: str
    records: tuple[str, ...] | Unobserved


@dataclass(frozen=True, kw_only=True)
class ReportDestination:
    """Where reports go outside of the domain; `accepts` is whether that domain agreed to take them (RFC 9990)."""

    domain: str
    accepts: bool | Unobserved


@dataclass(frozen=True, kw_only=True)
class DmarcFacts(Facts):
    """What the tree walk of RFC 9989, section 4.10, found, from the domain upwards.

    Attributes:
        exists: whether DNS knows the domain itself; decides between `sp` and `np` of a record above.
        walk: the answers in the order of the questions, none after the one that ends the walk.
        destinations: where reports go outside of the domain of the record that counts.
    """

    domain: str
    exists: bool | Unobserved
    walk: tuple[DmarcAnswer, ...]
    destinations: tuple[ReportDestination, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SpfRecord:
    """A record that evaluation came to: at the domain itself, or by include or redirect; None where none was found."""

    domain: str
    text: str | None


@dataclass(frozen=True, kw_only=True)
class SpfEvaluation:
    """What a receiver makes of the domain's SPF for a sender that no mechanism is meant for (RFC 7208, section 2.6).

    The sender comes over IPv4; only where that one is kept out and one over IPv6 is not, it comes over IPv6.

    Attributes:
        result: pass, fail, softfail, neutral, none or permerror; limits on look-ups aside.
        problem: what is wrong, where the result is permerror.
        ended_by: the term that decided, such as `-all`; None where none did.
        lookups: terms that cause DNS look-ups (section 4.6.4).
        void_lookups: look-ups that found nothing.
        read: the records in the order in which they were come to.
    """

    result: str
    problem: str | None
    ended_by: str | None
    lookups: int
    void_lookups: int
    read: tuple[SpfRecord, ...]


@dataclass(frozen=True, kw_only=True)
class SpfFacts(Facts):
    """A domain's SPF.

    Attributes:
        records: its TXT records that begin with `v=spf1`.
        evaluation: sought only where there is exactly one; a gap where DNS failed on the way.
    """

    revision: ClassVar[int] = 2

    domain: str
    records: tuple[str, ...]
    evaluation: SpfEvaluation | Unobserved | None
