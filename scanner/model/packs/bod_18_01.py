"""BOD 18-01 with M-15-13: what US federal agencies are bound to, for web and mail."""

from __future__ import annotations

from scanner.model.packs.base import Clause, Pack

_WEB = "II.1.b.i"
_EVERYWHERE = "II.1.a.ii, II.1.b.i"

BOD_18_01 = Pack(
    id="bod-18-01",
    name="BOD 18-01",
    version="with M-15-13",
    date="2017-10-16 (M-15-13: 2015-06-08)",
    source=(
        "Binding Operational Directive 18-01, section II, required actions (cyber.dhs.gov/bod/18-01); OMB memorandum"
        " M-15-13 with its compliance guide (https.cio.gov/guide), checklist and options for HSTS"
    ),
    clauses=(
        Clause(check="https-served", id=_WEB, requirement="Every public website is reached over HTTPS."),
        Clause(
            check="https-enforced",
            id=f"{_WEB}; M-15-13 guide, checklist",
            requirement="Plain HTTP leads to HTTPS at once, with and without www, or is turned off.",
        ),
        Clause(
            check="https-hsts",
            id=f"{_WEB}; M-15-13 guide, options for HSTS",
            requirement="HSTS with a max-age of a year at least, or a parent domain in the browsers' preload list.",
        ),
        Clause(check="tls-versions", id=_EVERYWHERE, requirement="SSL 2 and SSL 3 are off on web and mail servers."),
        Clause(check="tls-ciphers", id=_EVERYWHERE, requirement="RC4 and 3DES are off on web and mail servers."),
        Clause(check="mail-starttls", id="II.1.a.i", requirement="Every mail server on the internet offers STARTTLS."),
        Clause(check="mail-dmarc", id="II.1.a.iv", requirement="The DMARC policy is reject."),
    ),
    values={
        "hsts_min_age": 31_536_000,
        "hsts_preload_counts": True,
        "other_name_must_redirect": True,
        "tls_versions_forbidden": ("SSLv2", "SSLv3"),
        "suites_forbidden": ("RC4", "3DES"),
        "dh_min_bits": 0,
        "dmarc_policies": ("reject",),
    },
    left_out=(
        "II.1.a.i asks for a valid SPF record but not for how it ends; mail-spf asks for more and is not judged here.",
        "For 3DES on mail servers DHS made an exception for a time (2018-09-20); it is not taken into account.",
        "II.1.a.iii and the duties to report to DHS bind federal agencies alone.",
    ),
)
