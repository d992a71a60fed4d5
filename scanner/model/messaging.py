"""Messaging products, and whether they encrypt end to end: reference data with its sources.

Each entry is as of a day, and names where it can be read again. What makers change is found out by nobody else, so an
entry that nobody has looked at again for too long no longer counts (`policy.messaging_max_months`).
"""

from __future__ import annotations

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
        source: publisher and title of what says so.
        as_of: the day for which it is known.
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


PRODUCTS: tuple[Product, ...] = (
    Product(
        name="Signal",
        aliases=("signal messenger", "signal private messenger"),
        end_to_end=EndToEnd.DEFAULT,
        note="Every message and call is end-to-end encrypted, and it cannot be switched off.",
        source="Signal, technical documentation (signal.org/docs): X3DH, PQXDH, Double Ratchet",
        as_of=date(2026, 5, 1),
    ),
    Product(
        name="WhatsApp",
        aliases=("whatsapp messenger", "whatsapp business app"),
        end_to_end=EndToEnd.DEFAULT,
        note="Every message and call between people is end-to-end encrypted; channels are not, and a business may let "
        "Meta or another company handle its side.",
        source="WhatsApp, Encryption Overview, technical white paper (whatsapp.com/security)",
        as_of=date(2026, 5, 1),
    ),
    Product(
        name="iMessage",
        aliases=("apple imessage",),
        end_to_end=EndToEnd.DEFAULT,
        note="Every iMessage is end-to-end encrypted; the same app falls back to SMS or RCS with other phones, and an "
        "iCloud backup without Advanced Data Protection holds the keys.",
        source="Apple, Platform Security, iMessage security overview",
        as_of=date(2026, 5, 11),
    ),
    Product(
        name="Google Messages",
        aliases=("rcs", "google messages rcs", "android messages", "rcs messaging"),
        end_to_end=EndToEnd.PARTLY,
        note="Encrypted only while every phone and carrier in the conversation supports it; else it falls back to "
        "plain RCS or SMS.",
        source="GSMA, RCS Universal Profile 3.0 (2025-03); Apple and Google, encrypted RCS in beta (2026-05-11)",
        as_of=date(2026, 5, 11),
    ),
    Product(
        name="SMS",
        aliases=("mms", "sms mms", "sms/mms", "text message", "text messages", "texting"),
        end_to_end=EndToEnd.NONE,
        note="Text messages are not encrypted; every carrier on the way can read them.",
        source="CISA, Mobile Communications Best Practice Guidance (2024-12-18)",
        as_of=date(2025, 11, 24),
    ),
    Product(
        name="Telegram",
        aliases=("telegram messenger",),
        end_to_end=EndToEnd.PARTLY,
        note="Only secret chats between two people are end-to-end encrypted; Telegram holds the keys of all others.",
        source="Telegram, FAQ, secret chats (telegram.org/faq)",
        as_of=date(2026, 5, 1),
    ),
    Product(
        name="Facebook Messenger",
        aliases=("messenger", "meta messenger", "fb messenger"),
        end_to_end=EndToEnd.PARTLY,
        note="Private chats are encrypted by default since December 2023; chats with pages and businesses, which is "
        "what a city's page has, are not.",
        source="Meta, Launching default end-to-end encryption on Messenger (2023-12-06)",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Microsoft Teams",
        aliases=("teams", "ms teams", "microsoft teams chat"),
        end_to_end=EndToEnd.NONE,
        note="Chat never is; end-to-end encryption can be switched on for one-to-one calls and some meetings alone.",
        source="Microsoft, Require end-to-end encryption for sensitive Teams meetings; New-CsTeamsEnhancedEncryption"
        "Policy (learn.microsoft.com)",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Slack",
        aliases=("slack enterprise grid", "govslack"),
        end_to_end=EndToEnd.NONE,
        note="Encrypted on the line and on disk; Slack holds the keys, and with Enterprise Key Management still uses "
        "them.",
        source="Slack, Security (slack.com/trust/security)",
        as_of=date(2026, 4, 1),
    ),
    Product(
        name="Zoom Team Chat",
        aliases=("zoom chat", "zoom"),
        end_to_end=EndToEnd.PARTLY,
        note="Only with advanced chat encryption, which an administrator switches on for the account.",
        source="Zoom, Managing advanced chat encryption (support.zoom.com, KB0065662)",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Google Chat",
        aliases=("google workspace chat", "hangouts chat"),
        end_to_end=EndToEnd.NONE,
        note="Encrypted on the line and on disk; Google holds the keys.",
        source="Google, Workspace Admin Help, About client-side encryption (its list of services lacks Chat)",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Webex",
        aliases=("webex app", "webex messaging", "cisco webex", "webex teams", "cisco webex app"),
        end_to_end=EndToEnd.PARTLY,
        note="Messages are encrypted by the app, but Cisco's key server hands out the keys unless the city runs its "
        "own (Hybrid Data Security).",
        source="Cisco, Deployment Guide for Webex Hybrid Data Security",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Wire",
        aliases=("wire messenger", "wire for enterprise", "wire pro"),
        end_to_end=EndToEnd.DEFAULT,
        note="Every message and call is end-to-end encrypted, and it cannot be switched off.",
        source="Wire, Security Whitepaper",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Threema",
        aliases=("threema work", "threema onprem"),
        end_to_end=EndToEnd.DEFAULT,
        note="Every message and call is end-to-end encrypted, and it cannot be switched off.",
        source="Threema, Cryptography Whitepaper",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Element",
        aliases=("matrix", "element matrix", "element/matrix", "element x", "element pro"),
        end_to_end=EndToEnd.DEFAULT,
        note="New private rooms are end-to-end encrypted by default; public rooms are not, and other Matrix apps may "
        "differ.",
        source="Element, End-to-end encryption (element.io); Matrix specification, End-to-End Encryption",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="AWS Wickr",
        aliases=("wickr", "wickrgov", "aws wickrgov", "wickr enterprise", "wickr pro"),
        end_to_end=EndToEnd.DEFAULT,
        note="Every message, call and file is end-to-end encrypted.",
        source="AWS, Wickr Administration Guide, What is AWS Wickr",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Viber",
        aliases=("rakuten viber",),
        end_to_end=EndToEnd.DEFAULT,
        note="Chats between people and in groups are end-to-end encrypted; communities, channels and bots are not.",
        source="Rakuten Viber, Encryption Overview",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Discord",
        end_to_end=EndToEnd.NONE,
        note="Text messages are not; voice and video calls are.",
        source="Discord, Meet DAVE: end-to-end encryption for audio and video (2024-09-17)",
        as_of=date(2026, 3, 1),
    ),
    Product(
        name="Mattermost",
        end_to_end=EndToEnd.NONE,
        note="Encrypted on the line and on disk; who runs the server can read every message.",
        source="Mattermost, documentation, Encryption options",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Rocket.Chat",
        aliases=("rocketchat",),
        end_to_end=EndToEnd.PARTLY,
        note="Only in rooms for which it is switched on, once an administrator allows it.",
        source="Rocket.Chat, documentation, End-to-End Encryption",
        as_of=date(2025, 6, 1),
    ),
    Product(
        name="Email",
        aliases=("e-mail", "mail", "smtp", "gmail", "outlook", "exchange"),
        end_to_end=EndToEnd.PARTLY,
        note="Only messages that somebody encrypts with S/MIME or OpenPGP; every mail server on the way reads all "
        "others.",
        source="RFC 5321, section 7.1; RFC 8551 (S/MIME); RFC 9580 (OpenPGP)",
        as_of=date(2026, 5, 1),
    ),
    Product(
        name="TeleMessage",
        aliases=("tm sgnl", "tm signal", "tm whatsapp", "archive signal", "whatsapp archiver"),
        end_to_end=EndToEnd.NONE,
        note="A changed Signal or WhatsApp app that sent readable copies to the maker, who lost them in May 2025.",
        source="NIST NVD and CISA KEV, CVE-2025-47729 (2025-05-12)",
        as_of=date(2026, 5, 1),
    ),
)
