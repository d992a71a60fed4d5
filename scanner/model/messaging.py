"""Messaging products, and whether they encrypt end to end: reference data with its sources.

Each entry rests on the document that it names first (others add to its note), and is as of that document's day: the
date that it bears, else the day, or the first day of the year, that it certainly describes. It is never the day on
which somebody wrote the entry. Makers change what they do without telling us, so an entry whose document has grown too
old no longer counts (`policy.messaging_max_months`). A product of which no such document was read is not listed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar


class EndToEnd(StrEnum):
    """For which messages between people only the people in a conversation hold the keys."""

    DEFAULT = "by default"
    PARTLY = "only in part, or only once somebody switches it on"
    NONE = "not"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A product.

    Attributes:
        name: as people write it.
        aliases: other names of the same product; neither case nor punctuation matters.
        note: one sentence for people.
        source: publisher and title of what says so, the document that decides first.
        as_of: the day for which the source says it.
    """

    name: str
    note: str
    source: str
    as_of: date
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Product(Entry):
    """A product that people write messages with."""

    end_to_end: EndToEnd


EntryT = TypeVar("EntryT", bound=Entry)

# How alike two names must be, 0 to 1: one letter of five may be wrong.
_NEAR = 0.8


def product_named(name: str) -> Product | None:
    """The messaging product of that name, or None where the catalogue lacks it."""
    return named(name, PRODUCTS)


def plain(name: str) -> str:
    """A name without case and punctuation: `AWS-Wickr` and `aws wickr` are the same."""
    return " ".join(re.findall(r"\w+", name.casefold().replace("_", " ")))


def named(name: str, entries: Iterable[EntryT]) -> EntryT | None:
    """The entry of that name or alias."""
    wanted = plain(name)
    return next((each for each in entries if wanted in map(plain, (each.name, *each.aliases))), None)


def nearest(name: str, entries: Iterable[Entry]) -> str | None:
    """The name of the entry that a misspelt name is likely to mean; None where none is near."""
    names = {plain(each): entry.name for entry in entries for each in (entry.name, *entry.aliases)}
    found = difflib.get_close_matches(plain(name), names, n=1, cutoff=_NEAR)
    return names[found[0]] if found else None


PRODUCTS: tuple[Product, ...] = (
    Product(
        name="Signal",
        aliases=("signal messenger", "signal private messenger"),
        end_to_end=EndToEnd.DEFAULT,
        note="Every message and call is always end-to-end encrypted; Signal cannot decrypt them.",
        source="CISA, Mobile Communications Best Practice Guidance (2024-12-18), which names Signal as an app that "
        "guarantees it; Signal, Terms and Privacy Policy (signal.org/legal, 2018-05-25)",
        as_of=date(2024, 12, 18),
    ),
    Product(
        name="WhatsApp",
        aliases=("whatsapp messenger",),
        end_to_end=EndToEnd.DEFAULT,
        note="Personal messages, one to one and in groups, are end-to-end encrypted; messages with businesses are not "
        "held to be, because many businesses let Meta store them.",
        source="WhatsApp, questions about privacy (whatsapp.com/privacyquestions, undated; speaks of the three billion "
        "users announced in 2025)",
        as_of=date(2025, 1, 1),
    ),
    Product(
        name="iMessage",
        aliases=("apple imessage",),
        end_to_end=EndToEnd.DEFAULT,
        note="Every iMessage is end-to-end encrypted; to other phones the same app sends RCS or SMS, and Apple holds "
        "the key of an iCloud backup unless Advanced Data Protection is on.",
        source="Apple, Newsroom, end-to-end encrypted RCS in beta (2026-05-11); Platform Security, iMessage security "
        "overview and Security of iCloud Backup",
        as_of=date(2026, 5, 11),
    ),
    Product(
        name="Google Messages",
        aliases=("rcs", "google messages rcs", "android messages", "rcs messaging"),
        end_to_end=EndToEnd.PARTLY,
        note="Encrypted only while the app, phone and carrier of everybody in the conversation support it; SMS and "
        "MMS, to which it falls back, never are.",
        source="Apple, Newsroom, end-to-end encrypted RCS in beta (2026-05-11); Google, Messages Help, How end-to-end "
        "encryption in Google Messages provides more security",
        as_of=date(2026, 5, 11),
    ),
    Product(
        name="SMS",
        aliases=("mms", "sms mms", "text message", "text messages", "texting"),
        end_to_end=EndToEnd.NONE,
        note="Text messages are not encrypted; whoever is inside a carrier's network can read them.",
        source="CISA, Mobile Communications Best Practice Guidance (2024-12-18), general recommendation 3",
        as_of=date(2024, 12, 18),
    ),
    Product(
        name="Telegram",
        aliases=("telegram messenger",),
        end_to_end=EndToEnd.PARTLY,
        note="Only secret chats between two people are end-to-end encrypted; all others are encrypted between app and "
        "server, and Telegram stores them and their keys.",
        source="Telegram, FAQ, Secret Chats (telegram.org/faq, undated; cites its blog of 2024-10-05), and Privacy "
        "Policy, section 3.3",
        as_of=date(2024, 10, 5),
    ),
    Product(
        name="Facebook Messenger",
        aliases=("messenger", "meta messenger", "fb messenger"),
        end_to_end=EndToEnd.PARTLY,
        note="Personal chats are encrypted by default since December 2023; chats with business and professional "
        "accounts, which is what a city's page has, are not.",
        source="Meta, Building end-to-end security for Messenger (engineering.fb.com, 2023-12-06); Messenger Help, "
        "What end-to-end encryption on Messenger means and how it works",
        as_of=date(2023, 12, 6),
    ),
    Product(
        name="Microsoft Teams",
        aliases=("teams", "ms teams", "microsoft teams chat"),
        end_to_end=EndToEnd.NONE,
        note="Chat is not, even in a meeting whose sound and picture are end-to-end encrypted.",
        source="Microsoft, Require end-to-end encryption for sensitive Teams meetings (Microsoft Learn, 2023-12-15)",
        as_of=date(2023, 12, 15),
    ),
    Product(
        name="Slack",
        aliases=("slack enterprise grid", "govslack"),
        end_to_end=EndToEnd.NONE,
        note="Encrypted at rest with keys that Slack's service uses, also where the customer holds them under "
        "Enterprise Key Management, for which Slack considered end-to-end encryption and decided against it.",
        source="Slack Help, Slack Enterprise Key Management (undated; speaks of canvases, which came in 2023); Slack, "
        "Engineering dive into Slack Enterprise Key Management (slack.engineering)",
        as_of=date(2023, 1, 1),
    ),
    Product(
        name="Google Chat",
        aliases=("google workspace chat", "hangouts chat"),
        end_to_end=EndToEnd.NONE,
        note="Encrypted on the line and at rest by Google; client-side encryption, with keys that Google lacks, is "
        "there for Drive, Gmail, Calendar and Meet alone.",
        source="Google, Workspace Admin Help, Turn client-side encryption on or off (undated; speaks of the new name "
        "Gemini for Google Workspace, of 2024)",
        as_of=date(2024, 1, 1),
    ),
    Product(
        name="Wire",
        aliases=("wire messenger", "wire for enterprise", "wire pro"),
        end_to_end=EndToEnd.DEFAULT,
        note="Every conversation is end-to-end encrypted, and it cannot be switched off.",
        source="Wire, Protecting our user's security and privacy in the age of AI (wire.com/blog, 2023-08-02)",
        as_of=date(2023, 8, 2),
    ),
    Product(
        name="Threema",
        end_to_end=EndToEnd.DEFAULT,
        note="Messages and calls are encrypted on the devices; nobody else, the maker included, can decrypt them.",
        source="Threema, FAQ, What makes Threema secure? (undated; at this address, threema.com, since 2025)",
        as_of=date(2025, 1, 1),
    ),
    Product(
        name="Element",
        aliases=("element matrix", "element web"),
        end_to_end=EndToEnd.DEFAULT,
        note="Direct messages and new private rooms are end-to-end encrypted by default; who creates a room can opt "
        "out, who runs the server can change the default, and other Matrix apps may differ.",
        source="Element, Element Web documentation, End to end encryption by default (docs/e2ee.md, release 1.11.87 of "
        "2024)",
        as_of=date(2024, 1, 1),
    ),
    Product(
        name="AWS Wickr",
        aliases=("wickr",),
        end_to_end=EndToEnd.DEFAULT,
        note="Every message, call and file is end-to-end encrypted; not even AWS can decrypt them.",
        source="AWS, Wickr Administration Guide, What is AWS Wickr? (undated; speaks of the console of 2025-03-13)",
        as_of=date(2025, 3, 13),
    ),
    Product(
        name="Discord",
        end_to_end=EndToEnd.NONE,
        note="Text messages are not, and Discord has no plan that they should be; voice and video calls are.",
        source="Discord, Every Voice and Video Call on Discord Is Now End-to-End Encrypted (blog, 2026-05-18)",
        as_of=date(2026, 5, 18),
    ),
    Product(
        name="Mattermost",
        end_to_end=EndToEnd.NONE,
        note="Encrypted on the line and on disk; in the database messages are readable, so that they can be searched.",
        source="Mattermost, documentation, Encryption options (undated; speaks of release 10.11 of 2025)",
        as_of=date(2025, 1, 1),
    ),
    Product(
        name="Rocket.Chat",
        aliases=("rocketchat",),
        end_to_end=EndToEnd.PARTLY,
        note="Only in private rooms and direct messages for which it is switched on, once an administrator allows it.",
        source="Rocket.Chat, documentation, Configure E2E Encryption (undated; its pictures are of 2025-12-23) and "
        "End-to-End Encryption Specifications (2026-10-20)",
        as_of=date(2025, 12, 23),
    ),
    Product(
        name="Email",
        aliases=("e-mail", "mail", "smtp", "gmail", "outlook", "exchange"),
        end_to_end=EndToEnd.PARTLY,
        note="Only messages that somebody encrypts with S/MIME or OpenPGP; every mail server on the way reads all "
        "others.",
        source="RFC 9787, Guidance on End-to-End Email Security (2025-08-22); RFC 5321 (SMTP), section 7.1",
        as_of=date(2025, 8, 22),
    ),
    Product(
        name="TeleMessage",
        aliases=("tm sgnl", "archive signal"),
        end_to_end=EndToEnd.NONE,
        note="Its archive held readable copies of the messages of its changed Signal app, which was exploited in May "
        "2025.",
        source="CVE-2025-47729 (CVE Program, 2025-05-08; CISA's known exploited vulnerabilities, 2025-05-12)",
        as_of=date(2025, 5, 8),
    ),
)
