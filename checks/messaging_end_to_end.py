"""Messages are end-to-end encrypted, and stay so where they are archived.

What it checks
--------------
Looks up the declared messaging product, and the product that archives its messages, in civicseal's catalogue: each
entry has the documents that it rests on, and the day for which they say it; the evidence names both. It passes where
the product encrypts every message between people end to end by default and the archive, if one is declared, leaves it
at that. An entry older than `messaging_max_months` of the policy (default 48) no longer counts.

It knows Signal, WhatsApp, iMessage, Google Messages (RCS), SMS, Telegram, Facebook Messenger, Microsoft Teams, Slack,
Google Chat, Wire, Threema, Element, AWS Wickr, Discord, Mattermost, Rocket.Chat, email and TeleMessage; and of archives
TeleMessage, AWS Wickr data retention and Microsoft Purview. Any other is `unknown`: no dated word of its maker was
read. That goes for Zoom, Webex and Viber, and for the archives of Smarsh, Global Relay and others.

Why it matters
--------------
Without it, whoever runs the service can read what residents and staff write to each other, can be made to hand it over
without the city, and can lose it. An archive can undo the encryption unseen: TeleMessage's held readable copies of
what its changed Signal app sent, and was exploited in May 2025.

How to fix
----------
Use a product that encrypts by default, and where records law wants the messages kept, an archive that is itself an
end of the conversation and that the city runs. Declare it under `archived: {by: …}`. Of a product or archive that is
not known here, ask its maker who holds the keys and who can read the messages; keep the answer, and waive this check
for it in the inventory until a newer version of civicseal knows it.

What it cannot see
------------------
Whether staff use the declared product, which version and settings they have, whether a phone backs messages up in the
clear, and whether records law wants them kept: ask the city's records officer.

References
----------
- CISA, Mobile Communications Best Practice Guidance (2024-12-18)
- CVE-2025-47729, in CISA's catalogue of known exploited vulnerabilities since 2025-05-12
- RFC 9787 (2025-08) on email, and the makers' own documents, each named with its day in the evidence
- Principle 6 of Protecting Data, Protecting Residents (2017)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from scanner.model.asset import Messaging
from scanner.model.check import check
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.messaging import EndToEnd, Entry, Product
from scanner.model.messaging_archives import Archive, Keeping
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.unobserved import Unobserved
from scanner.model.worst import worst

_NO_ARCHIVE = Evidence(
    fact="archive",
    value="none declared; where records law wants these messages kept, name what keeps them as `archived`",
)


@check(
    id="messaging-end-to-end",
    title="Messages are end-to-end encrypted",
    principle=P6,
    severity=Severity.MEDIUM,
)
def messaging_end_to_end(messaging: Messaging, policy: Policy, now: datetime) -> Verdict:
    """Judges the product and its archive; the worse of the two decides."""
    today = now.date()
    product = _of_product(policy.messaging(messaging.product, today))
    if not messaging.archived_by:
        return replace(product, evidence=(*product.evidence, _NO_ARCHIVE))
    return worst([product, _of_archive(policy.archive(messaging.archived_by, today))], otherwise=product)


def _of_product(product: Product | Unobserved) -> Verdict:
    if isinstance(product, Unobserved):
        return undecided(product)
    if product.end_to_end is EndToEnd.DEFAULT:
        return passed(f"{product.name} is end-to-end encrypted by default.", evidence=_evidence("product", product))
    return failed(
        f"{product.name} is end-to-end encrypted {product.end_to_end}."
        if product.end_to_end is EndToEnd.PARTLY
        else f"{product.name} is not end-to-end encrypted.",
        fix=f"Replace {product.name} by a product that encrypts every message end to end by default, such as Signal or "
        "AWS Wickr.",
        evidence=_evidence("product", product),
    )


def _of_archive(archive: Archive | Unobserved) -> Verdict:
    if isinstance(archive, Unobserved):
        return undecided(archive)
    if archive.keeping is Keeping.BROKEN:
        return failed(
            f"The archive {archive.name} breaks the end-to-end encryption of the messages that it keeps.",
            fix=f"Replace {archive.name} by an archive that the city itself runs as an end of the conversation.",
            evidence=_evidence("archive", archive),
        )
    return passed(f"The archive {archive.name} keeps messages encrypted.", evidence=_evidence("archive", archive))


def _evidence(part: str, found: Entry) -> Iterator[Evidence]:
    yield Evidence(fact=part, value=f"{found.name}: {found.note}")
    yield Evidence(fact=f"source about the {part}", value=f"{found.source}; as of {found.as_of.isoformat()}")
