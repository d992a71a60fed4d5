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


ARCHIVES: tuple[Archive, ...] = (
    Archive(
        name="TeleMessage",
        aliases=("tm sgnl", "archive signal"),
        keeping=Keeping.BROKEN,
        note="It held readable copies of the messages of its changed Signal app, which was exploited in May 2025.",
        source="CVE-2025-47729 (CVE Program, 2025-05-08; CISA's known exploited vulnerabilities, 2025-05-12)",
        as_of=date(2025, 5, 8),
    ),
    Archive(
        name="AWS Wickr data retention bot",
        aliases=("wickr data retention bot", "wickr bot based data retention"),
        keeping=Keeping.KEPT,
        note="A bot that the city itself runs, where it likes, decrypts the messages; AWS cannot read them.",
        source="AWS, Wickr Administration Guide, Data retention modules (undated; speaks of the console of 2025-03-13)",
        as_of=date(2025, 3, 13),
    ),
    Archive(
        name="AWS Wickr data retention",
        aliases=("wickr data retention", "aws wickr", "wickr", "aws wickr serverless data retention"),
        keeping=Keeping.UNKNOWN,
        note="Its serverless method decrypts messages in AWS's enclaves, its bot where the city runs it; if the city "
        "runs the bot, declare `AWS Wickr data retention bot`.",
        source="AWS, Wickr Administration Guide, Data retention modules (undated; speaks of the console of 2025-03-13)",
        as_of=date(2025, 3, 13),
    ),
    Archive(
        name="Microsoft Purview",
        aliases=("purview", "microsoft purview data connectors"),
        keeping=Keeping.BROKEN,
        note="It keeps copies as email in Microsoft 365 mailboxes, which Microsoft's own services search.",
        source="Microsoft, Work with a partner to archive third-party data (learn.microsoft.com/purview, undated; "
        "announces a change of 2024-12-30)",
        as_of=date(2024, 1, 1),
    ),
)
