"""DANE for mail: the TLSA records of an MX host, and which of them its chain matches (RFC 7672, RFC 6698)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.model.dns_names import covers
from scanner.model.facts.mail import ChainSeen, DaneHost, Tlsa
from scanner.model.unobserved import Unobserved
from scanner.probes._mail_servers import MailTurn, Server
from scanner.transports._tls_certificate import MOST_CERTIFICATES, in_dates, load, names
from scanner.transports._tls_names import UNREADABLE
from scanner.transports.dns import Dns, Records
from scanner.transports.smtp import WithoutTls

# The usages that count for mail (RFC 7672, section 3.1): a trust anchor of the domain's own, the server's own key.
_TRUST_ANCHOR, _END_ENTITY = 2, 3

_WHOLE, _KEY = 0, 1
_EXACT, _SHA256, _SHA512 = 0, 1, 2

_MOST_RECORDS = 30
_LONGEST_DATA = 8192  # hex digits


async def dane_of(host: str, domain: str, turn: MailTurn) -> DaneHost:
    """DANE of one host of a mail domain.

    Its addresses and its chain are looked at only where there are usable and authenticated records.
    """
    found = await turn.transports.dns.records(f"_25._tcp.{host}", "TLSA")
    if isinstance(found, Unobserved):
        return DaneHost(host=host, records=found, authenticated=False)
    records = tuple(_read(value) for value in found.values[:_MOST_RECORDS])
    if not found.authenticated or not any(map(is_usable, records)):
        return DaneHost(host=host, records=records, authenticated=found.authenticated)
    secure = await _is_secure(host, turn.transports.dns)
    if secure is not True:
        return DaneHost(host=host, records=records, authenticated=True, is_secure=secure)
    chains = tuple(_seen(server, (host, domain), records) for server in await turn.servers(host))
    return DaneHost(host=host, records=records, authenticated=True, is_secure=True, chains=chains)


async def _is_secure(host: str, dns: Dns) -> bool | Unobserved:
    """Whether DNSSEC covers a host's addresses, or else the alias that it is (RFC 7672, section 2.2.2).

    Of the two kinds of addresses those count that there are: that there are none may be said without a proof (RFC 5155,
    section 6).
    """
    answers = await asyncio.gather(dns.records(host, "A"), dns.records(host, "AAAA"))
    seen = [each for each in answers if isinstance(each, Records)]
    there = [each for each in seen if each.values] or seen
    gap = next((each for each in answers if isinstance(each, Unobserved)), None)
    if gap is not None and not any(each.values for each in seen):
        return gap
    if all(each.authenticated for each in there):
        return True
    alias = await dns.records(host, "CNAME")
    return alias if isinstance(alias, Unobserved) else bool(alias.values) and alias.authenticated


def _read(value: str) -> Tlsa:
    usage, selector, matching, data = value.split(" ", 3)
    return Tlsa(usage=int(usage), selector=int(selector), matching=int(matching), data=data[:_LONGEST_DATA])


def is_usable(record: Tlsa) -> bool:
    """Whether senders use a record at all; they ignore others (RFC 7672, section 3.1.3; RFC 7671, section 4)."""
    lengths = {_SHA256: 64, _SHA512: 128}
    return (
        record.usage in (_TRUST_ANCHOR, _END_ENTITY)
        and record.selector in (_WHOLE, _KEY)
        and record.matching in (_EXACT, _SHA256, _SHA512)
        and len(record.data) == lengths.get(record.matching, len(record.data))
        and 0 < len(record.data) < _LONGEST_DATA
    )


def _seen(server: Server, known_as: tuple[str, ...], records: Sequence[Tlsa]) -> ChainSeen | Unobserved:
    address, sight = server
    if isinstance(sight, Unobserved):
        return sight
    if isinstance(sight, WithoutTls):
        return ChainSeen(address=address, matched=(), offers_tls=False)
    return ChainSeen(address=address, matched=matched(sight.chain, records, known_as))


def matched(chain: Sequence[str], records: Sequence[Tlsa], known_as: Sequence[str]) -> tuple[Tlsa, ...]:
    """The usable records that a chain (PEM, leaf first) matches.

    Usage 3 is about the leaf alone, whatever its names and dates; usage 2 about an authority that was sent along and
    that leads to the leaf, which must then be in its dates and for one of the names (RFC 7672, sections 3.1.1, 3.1.2
    and 3.2.3).
    """
    certificates = [certificate for pem in chain[:MOST_CERTIFICATES] if (certificate := load(pem)) is not None]
    if not certificates or load(chain[0]) is None:
        return ()
    about = {_END_ENTITY: certificates[:1], _TRUST_ANCHOR: _authorities(chain[0], certificates, known_as)}
    return tuple(
        record
        for record in records
        if is_usable(record) and any(_digest(each, record) == record.data.lower() for each in about[record.usage])
    )


def _authorities(leaf: str, sent: Sequence[x509.Certificate], known_as: Sequence[str]) -> list[x509.Certificate]:
    """The certificates above the leaf, each of which signed the one before it; none where the leaf is not for us."""
    alternative = names(leaf)
    if isinstance(alternative, Unobserved) or not any(covers(name, alternative.dns, ()) for name in known_as):
        return []
    path, rest = [sent[0]], list(sent[1:])
    while (above := next((each for each in rest if _signed(each, path[-1])), None)) is not None:
        path.append(above)
        rest.remove(above)
    now = datetime.now(UTC)
    return path[1:] if all(in_dates(each, now) for each in path) else []


def _signed(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (*UNREADABLE, InvalidSignature):
        return False
    return True


def _digest(certificate: x509.Certificate, record: Tlsa) -> str | None:
    """What a record about this certificate would say, in hex; None where its key cannot be read."""
    try:
        whole = certificate.public_bytes(Encoding.DER)
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except UNREADABLE:
        return None
    data = key if record.selector == _KEY else whole
    hashes = {_SHA256: hashlib.sha256, _SHA512: hashlib.sha512}
    return hashes[record.matching](data).hexdigest() if record.matching in hashes else data.hex()
