"""The page `docs/policy.md`: what the default verdicts follow, the packs beside it, and where they part."""

from __future__ import annotations

from collections.abc import Sequence

from checks import all_checks
from scanner.model.packs import PACKS, Pack
from scanner.model.packs.ncsc_nl import NCSC_NL, PHASED_OUT
from scanner.model.policy import Policy
from scanner.model.suites import MOZILLA_INTERMEDIATE

_HEAD = """# Policy and policy packs

Written from the policy and the packs by `make docs`.

A finding's status follows **one** policy: the default policy below, with the values that your inventory sets under
[`policy`](inventory.md#policy). Beside it, the same run is judged by every policy pack: rules of others as data. A pack
judges those checks alone that it has a clause for, with the default policy and its own values, and without yours.
Reports show how each pack ends; where packs do not agree with each other or with the finding, they say so. Packs change
no status, no score and no exit code.

## What the default verdicts follow

- **Web** (`https-served`, `https-enforced`, `https-hsts`): BOD 18-01 with M-15-13, but a site is judged by its own
  answers: a name in the browsers' preload list does not replace the header, and the name with or without `www.` is a
  site of its own.
- **TLS** (`tls-versions`, `tls-ciphers`, `certificate-strength`): Mozilla Server Side TLS, intermediate, as to versions
  and lengths of keys. Suites fail only where they are known to be broken; those that are merely outside Mozilla's list
  are evidence.
- **Mail**: BOD 18-01 as to STARTTLS; DMARC may also be `quarantine`.

Where you set values of your own, findings that they decide also show the pack `city`: it is your policy, with which the
finding itself was judged.

## Where the packs part

"""

_ROWS = ("hsts_min_age", "hsts_preload_counts", "other_name_must_redirect", "tls_versions_forbidden",
         "suites_forbidden", "suites_allowed", "dh_min_bits", "dh_groups_allowed", "rsa_min_bits", "ec_min_bits",
         "weak_signature_hashes", "dmarc_policies")  # fmt: skip

_DAY = 86_400

# What the end of a value's name says that it counts.
_UNITS = {
    "_bits": "bits",
    "_days": "days",
    "_months": "months",
    "_lookups": "look-ups",
    "_fraction": "of the lifetime",
}


def policy_page() -> str:
    """The whole page."""
    return "\n".join([_HEAD + _values(), _in_words(), *map(_pack, PACKS), _default()])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _values() -> str:
    """Every value that a pack sets, per pack; a dash where the pack has no clause that it would decide."""
    rows = [[f"`{name}`", _of_default(name), *(_of(pack, name) for pack in PACKS)] for name in _ROWS]
    return _table(["value", "default policy", *(f"{pack.name} ({pack.version})" for pack in PACKS)], rows)


def _of(pack: Pack, name: str) -> str:
    decided = any(name in Policy.deciding(clause.check) for clause in pack.clauses)
    return _shown(name, getattr(pack.policy, name)) if decided else "–"


def _of_default(name: str) -> str:
    return _shown(name, getattr(Policy(), name))


def _shown(name: str, value: object) -> str:
    """A value with its unit, as a reader wants it; a long list of suites by its length."""
    if isinstance(value, tuple) and len(value) > len(Policy().suites_forbidden):
        return f"{len(value)} suites, below"
    if isinstance(value, tuple):
        return _code(value) or "any"
    if name.endswith("_bits") and not value:
        return "any"
    return f"`{str(value).lower()}`{_unit(name, value)}"


def _unit(name: str, value: object) -> str:
    """What a number counts; nothing for yes and no."""
    if name == "hsts_min_age" and isinstance(value, int):
        return f" seconds ({value // _DAY} days)"
    return next((f" {unit}" for end, unit in _UNITS.items() if name.endswith(end)), "")


def _in_words() -> str:
    return f"""In words:

- **HSTS**: a year at least by the default policy and BOD 18-01, two years by Mozilla. MDN's Observatory is content with
  180 days; no pack stands for it.
- **TLS 1.0 and 1.1** fail by the default policy, Mozilla and NCSC-NL. BOD 18-01 (2017) names SSL 2 and SSL 3 only.
- **3DES and RC4** fail everywhere. BOD 18-01 names no other suite.
- **RSA key exchange** (no forward secrecy) fails `tls-forward-secrecy`, and `tls-ciphers` by Mozilla and NCSC-NL.
- **DHE** with 2048 bits passes by the default policy and fails by Mozilla since 6.0. NCSC-NL asks for a group of RFC
  7919 of 3072 bits at least.
- **RSA keys of certificates**: 2048 bits pass everywhere; NCSC-NL wants them phased out below 3072.
- **DMARC**: `quarantine` passes by the default policy, BOD 18-01 asks for `reject`.

Mozilla's suites:

{_list(MOZILLA_INTERMEDIATE)}
NCSC-NL's suites:

{_list([suite for suite in NCSC_NL.policy.suites_allowed if suite not in PHASED_OUT])}
Those that NCSC-NL wants phased out, which is no failure yet:

{_list(PHASED_OUT)}"""


def _list(words: Sequence[str]) -> str:
    return "".join(f"- `{word}`\n" for word in words)


def _code(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _pack(pack: Pack) -> str:
    known = {check.id for check in all_checks()}
    rows = [
        [f"[{each.check}](checks/{each.check}.md)" if each.check in known else each.check, each.id, each.requirement]
        for each in pack.clauses
    ]
    left = "".join(f"- {each}\n" for each in pack.left_out)
    return (
        f"## {pack.name} {pack.version}: `{pack.id}`\n\nOf {pack.date}. Source: {pack.source}.\n\n"
        f"{_table(['check', 'clause', 'what it asks for, in our words'], rows)}\nLeft out:\n\n{left}"
    )


def _default() -> str:
    """The default policy, value by value with its source."""
    rows = [[f"`{name}`", _of_default(name), source] for name, source in Policy.sources().items()]
    return f"## The default policy, version {Policy.VERSION}\n\n{_table(['value', 'default', 'source'], rows)}"
