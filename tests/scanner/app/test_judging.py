"""What the report of a stored run is made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.app import judging
from scanner.model.asset import Website
from scanner.model.facts.base import Facts
from scanner.model.facts.tls import (
    Accepted,
    AddressCertificates,
    AlternativeNames,
    Certificate,
    CertificateFacts,
    Deployment,
    PublicKey,
)
from scanner.model.inventory import Inventory, Municipality
from scanner.model.observation import Observation
from scanner.model.policy import Policy
from scanner.model.run import Run, Scope
from scanner.model.unobserved import Cause, Unobserved
from scanner.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GAP = Unobserved(cause=Cause.TIMEOUT, detail="192.0.2.9:443 did not answer within 5 s.")
LEAF = Certificate(
    subject="CN=www.city.example",
    issuer="CN=Issuing CA",
    serial="2a",
    not_before=NOW - timedelta(days=30),
    not_after=NOW + timedelta(days=60),
    key=PublicKey(algorithm="ec", bits=256),
    signature_hash="sha256",
    self_signed=False,
    fingerprint="aa",
    key_fingerprint="bb",
)


def presented(*leaves: Certificate | Unobserved) -> CertificateFacts:
    names = AlternativeNames(dns=("www.city.example",), ips=())
    trust = (Accepted(store="Mozilla", path=()),)
    sent = tuple(Deployment(chain=(leaf,), names=names, trust=trust) for leaf in leaves)
    return CertificateFacts(addresses=(GAP, AddressCertificates(address="192.0.2.1", deployments=sent)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "history.db"), create=True)


@pytest.fixture
def inventory() -> Inventory:
    sites = (Website(id=name, url="https://www.city.example/", http_url=None) for name in ("a", "b", "c"))
    city = Municipality(name="Riverton")
    return Inventory(path=Path("inventory.yaml"), sha256="ab", municipality=city, assets=tuple(sites))


@pytest.fixture
def run(store: Store, inventory: Inventory) -> Run:
    begun = Run(
        id="r1",
        started_at=NOW,
        finished_at=None,
        tool_version="0",
        inventory_path="inventory.yaml",
        inventory_sha256="ab",
        complete=False,
        scope=Scope(),
    )
    store.begin(begun, inventory)
    return begun


def seen(asset: str, outcome: Facts | Unobserved) -> Observation:
    return Observation(
        asset=asset, kind=CertificateFacts.kind(), probe="tls", observed_at=NOW, outcome=outcome, digest=""
    )


def test_a_report_reads_the_certificates_that_were_seen_again_and_again(
    store: Store, run: Run, inventory: Inventory
) -> None:
    renewed = replace(LEAF, fingerprint="cc")
    store.record(run, [seen("a", presented(LEAF, renewed, LEAF, GAP)), seen("b", GAP), seen("c", presented(LEAF))])
    finished = store.finish(run.id, finished_at=NOW, complete=True)
    judgement = judging.judge(store, finished, inventory, Policy())
    report = judging.report_of(store, finished, inventory, judgement)
    for _ in range(2):
        found = [(each.asset, each.certificate, each.public) for each in report.certificates]
        assert found == [("a", LEAF, True), ("a", renewed, True), ("c", LEAF, True)]


def test_a_shared_key_is_told_in_the_findings_of_each_asset(store: Store, run: Run, inventory: Inventory) -> None:
    store.record(run, [seen("a", presented(LEAF)), seen("c", presented(LEAF))])
    finished = store.finish(run.id, finished_at=NOW, complete=True)
    found = store.findings(judging.judge(store, finished, inventory, Policy()))
    told = {
        finding.asset: [item.value for item in finding.evidence if "same key" in item.fact]
        for finding in found
        if finding.check == "certificate-strength"
    }
    shared = ["a, c (2 in all, 2 of them with this certificate)"]
    assert told == {"a": shared, "b": [], "c": shared}
