"""What a scan of the demo city must find: the planted faults, and what it cannot see. Everything else is in order."""

from __future__ import annotations

Place = tuple[str, str, str | None]  # check, asset, subject

# Must end as `fail`.
PLANTED: frozenset[Place] = frozenset(
    {
        ("certificate-expiry", "permits", None),
        ("certificate-trusted", "library", None),
        ("certificate-hostname", "parks", None),
        ("certificate-strength", "records", None),
        ("https-enforced", "clinic", None),
        ("https-hsts", "clinic", None),
        ("tls-versions", "payments", None),
        ("tls-ciphers", "archive", None),
        ("tls-forward-secrecy", "archive", None),
        ("cookies-secure", "account", None),
        ("mixed-content", "news", None),
        ("tls-served", "mx2", None),
        ("mail-starttls", "newsletter", "mx2.riverton.example"),
        ("mail-tls-policy", "newsletter", None),
        ("mail-dmarc", "newsletter", None),
        ("mail-spf", "newsletter", None),
        ("messaging-end-to-end", "council", None),
        ("https-served", "events", None),
        ("https-enforced", "events", None),
        ("disk-encrypted", "db1", "/srv/records"),
        ("vendor-contract", "bluebell", None),
        ("bucket-encrypted", "clinic-scans", None),
        ("storage-place", "parking-photos", None),
        ("storage-private", "event-permits", None),
    }
)

# Must end as `unknown`, with this cause.
UNSEEN: dict[Place, str] = {
    ("https-served", "parking", None): "timeout",
    ("https-hsts", "parking", None): "timeout",
    ("certificate-trusted", "parking", None): "timeout",
    ("certificate-hostname", "parking", None): "timeout",
    ("certificate-expiry", "parking", None): "timeout",
    ("certificate-strength", "parking", None): "timeout",
    ("tls-versions", "parking", None): "timeout",
    ("tls-ciphers", "parking", None): "timeout",
    ("tls-forward-secrecy", "parking", None): "timeout",
    ("tls-vulnerabilities", "parking", None): "timeout",
    ("cookies-secure", "parking", None): "timeout",
    ("mixed-content", "parking", None): "timeout",
    ("address-parity", "parking", None): "timeout",
    ("disk-encrypted", "backup1", None): "unreachable",
}
