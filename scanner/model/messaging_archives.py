"""Archives of messages, and what they leave of end-to-end encryption: data as in `scanner.model.messaging`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scanner.model.messaging import Entry, named


class Keeping(StrEnum):
    """What an archive leaves of end-to-end encryption, apart from the city itself, which is one of the ends."""

    KEPT = "kept"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Archive(Entry):
    """A product that keeps messages for records law."""

    keeping: Keeping


def archive_named(name: str) -> Archive | None:
    """The archive of that name, or None where the catalogue lacks it."""
    return named(name, ARCHIVES)


_NOT_SAID = "civicseal knows of nothing in which its maker says who can read the messages that it captures."


def _not_said(name: str, *aliases: str) -> Archive:
    """An archive whose maker's word about it is not known."""
    return Archive(
        name=name,
        aliases=aliases,
        keeping=Keeping.UNKNOWN,
        note=_NOT_SAID,
        source="no statement of the maker was found",
        as_of=date(2026, 5, 1),
    )


ARCHIVES: tuple[Archive, ...] = (
    Archive(
        name="TeleMessage",
        aliases=("telemessage mobile archiver", "tm sgnl", "archive signal", "whatsapp archiver"),
        keeping=Keeping.BROKEN,
        note="Its apps sent readable copies to the maker, who lost them in May 2025.",
        source="NIST NVD and CISA KEV, CVE-2025-47729 (2025-05-12)",
        as_of=date(2026, 5, 1),
    ),
    Archive(
        name="AWS Wickr data retention",
        aliases=("wickr data retention", "wickr data retention bot", "aws wickr", "wickr", "wickr compliance bot"),
        keeping=Keeping.KEPT,
        note="A member of the conversation that the city itself runs keeps the copies; AWS has no keys to them.",
        source="AWS, Wickr Administration Guide, Data retention",
        as_of=date(2025, 6, 1),
    ),
    Archive(
        name="Microsoft Purview",
        aliases=("purview", "microsoft 365 archive", "exchange online archiving", "microsoft purview data connectors"),
        keeping=Keeping.BROKEN,
        note="It keeps copies in Microsoft 365 mailboxes, which Microsoft's own services read and search.",
        source="Microsoft, Learn about connectors for third-party data (learn.microsoft.com/purview)",
        as_of=date(2025, 6, 1),
    ),
    _not_said("Smarsh", "smarsh capture mobile", "smarsh professional archive", "smarsh enterprise archive"),
    _not_said("Global Relay", "global relay archive", "global relay app"),
    _not_said("LeapXpert", "leap communications platform"),
    _not_said("MirrorWeb", "mirrorweb insight"),
    _not_said("Pagefreezer", "pagefreezer mobile text archiving", "pagefreezer mobile archiver"),
    _not_said("Proofpoint Archive", "proofpoint", "proofpoint enterprise archive", "proofpoint capture"),
    _not_said("Mimecast", "mimecast cloud archive", "mimecast archive"),
)
