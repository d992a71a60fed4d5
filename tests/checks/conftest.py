"""Facts that the tests of several checks start from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from scanner.model.asset import StartTls, TlsService, Website
from scanner.model.facts.chain import ChainShape, Unsent
from scanner.model.facts.http import Answered, Hop, HttpFacts, NoTls
from scanner.model.facts.tls import (
    Accepted,
    AddressCertificates,
    AlternativeNames,
    Certificate,
    CertificateFacts,
    Deployment,
    Distrust,
    PathStep,
    PublicKey,
    Rejected,
)
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STORES = ("Mozilla", "Apple", "Microsoft", "Android")

LEAF = Certificate(
    subject="CN=www.city.example",
    issuer="CN=Issuing CA",
    serial="2a",
    not_before=NOW - 30 * DAY,
    not_after=NOW + 60 * DAY,
    key=PublicKey(algorithm="ec", bits=256),
    signature_hash="sha256",
    self_signed=False,
    fingerprint="aa",
    key_fingerprint="bb",
)
ISSUING = replace(LEAF, subject="CN=Issuing CA", issuer="CN=Root", fingerprint="cc", key_fingerprint="dd")
SHAPE = ChainShape(in_order=True, unsent=Unsent(issuer="CN=Root", urls=(), depth=1))
PATH = tuple(
    PathStep(
        subject=name,
        not_before=NOW - 900 * DAY,
        not_after=NOW + 900 * DAY,
        fingerprint=fingerprint,
        key_fingerprint=key,
    )
    for name, fingerprint, key in (
        ("CN=www.city.example", "aa", "bb"),
        ("CN=Issuing CA", "cc", "dd"),
        ("CN=Root", "ee", "ff"),
    )
)


def accepted(*stores: str, path: tuple[PathStep | Unobserved, ...] = PATH) -> tuple[Accepted, ...]:
    return tuple(Accepted(store=store, path=path) for store in stores or STORES)


def rejected(*stores: str, why: Distrust = Distrust.UNKNOWN_CA) -> tuple[Rejected, ...]:
    return tuple(Rejected(store=store, why=why, openssl="unable to get issuer certificate") for store in stores)


def deployment(**changes: Any) -> Deployment:
    """A good one, but for what is said here; `leaf` replaces fields of the leaf."""
    leaf = replace(LEAF, **changes.pop("leaf", {}))
    good: dict[str, Any] = {
        "chain": (leaf, ISSUING),
        "names": AlternativeNames(dns=("www.city.example",), ips=()),
        "trust": accepted(),
        "shape": SHAPE,
    }
    return Deployment(**good | changes)


def facts(*deployments: Deployment | Unobserved) -> CertificateFacts:
    """One address per deployment, 192.0.2.1 first."""
    return CertificateFacts(
        addresses=tuple(
            each
            if isinstance(each, Unobserved)
            else AddressCertificates(address=f"192.0.2.{number}", deployments=(each,))
            for number, each in enumerate(deployments, 1)
        )
    )


GAP = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.9:443 did not answer within 5 s.")
# What the engine gives for facts that nobody sought: a website has no greeting, another listener no web answers.
NOT_SOUGHT = Unobserved(cause=Cause.UNSUPPORTED, detail="There is no way to ask this kind of asset.")


def _http(*, tls: bool) -> HttpFacts:
    answer = Answered(address="192.0.2.1", first=Hop(url="http://www.city.example/", status=200))
    lacking = NoTls(address="192.0.2.1", gap=GAP)
    return HttpFacts(
        url="https://www.city.example/",
        http_url="http://www.city.example/",
        https=(answer if tls else lacking,),
        plain=(answer,),
    )


@pytest.fixture(scope="session")
def tls() -> SimpleNamespace:
    """A site, its facts, and small changes to them."""
    return SimpleNamespace(
        site=Website(id="www", url="https://www.city.example/", http_url="http://www.city.example/"),
        listener=TlsService(id="mx1", host="mx.city.example", port=25, starttls=StartTls.SMTP),
        http=_http(tls=True),
        lacking=_http(tls=False),
        service=NOT_SOUGHT,
        policy=Policy(),
        now=NOW,
        day=DAY,
        gap=GAP,
        leaf=LEAF,
        issuing=ISSUING,
        shape=SHAPE,
        path=PATH,
        stores=STORES,
        accepted=accepted,
        rejected=rejected,
        deployment=deployment,
        facts=facts,
    )
