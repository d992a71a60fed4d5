"""The engine: who is asked what, and that only it says unknown and error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from scanner.evaluation import Case, evaluate, judged_kinds
from scanner.model.asset import (
    Asset,
    Bucket,
    Dataset,
    Host,
    LocalAccess,
    Platform,
    Sensitivity,
    StorageProvider,
    Vendor,
)
from scanner.model.check import Across, Check, Projection, Related, check
from scanner.model.facts.base import Facts, observed
from scanner.model.finding import (
    Evidence,
    Finding,
    PackVerdict,
    Severity,
    Status,
    Verdict,
    failed,
    not_applicable,
    passed,
    undecided,
)
from scanner.model.inventory import Inventory, Municipality, Waiver
from scanner.model.observation import Observation
from scanner.model.packs import Clause, Pack
from scanner.model.policy import Policy
from scanner.model.principle import P5, P6
from scanner.model.unobserved import Cause, Unobserved

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEEN = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Disk:
    subject: str
    good: bool


@dataclass(frozen=True, kw_only=True)
class DiskFacts(Facts):
    disks: tuple[Disk | Unobserved, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeyFacts(Facts):
    key: str


@dataclass(frozen=True, kw_only=True)
class KeyUse(Projection):
    source: ClassVar[type[Facts]] = KeyFacts

    @classmethod
    def of(cls, asset: str, facts: Any) -> Iterator[KeyUse]:
        yield cls(asset=asset, key=facts.key)


class Given:
    """Observations from memory."""

    def __init__(self, *found: tuple[str, Any]) -> None:
        self.rows = [
            Observation(asset=asset, kind=_kind(outcome), probe="test", observed_at=SEEN, outcome=_outcome(outcome))
            for asset, outcome in found
        ]

    def of(self, asset: str) -> Mapping[str, Observation]:
        return {row.kind: row for row in self.rows if row.asset == asset}

    def of_kind(self, kind: str) -> Iterator[Observation]:
        return (row for row in self.rows if row.kind == kind)


def _kind(outcome: Any) -> str:
    return outcome[0].kind() if isinstance(outcome, tuple) else type(outcome).kind()


def _outcome(outcome: Any) -> Any:
    return outcome[1] if isinstance(outcome, tuple) else outcome


HOST = Host(id="db1", address=None, platform=Platform.LINUX, access=LocalAccess())
OTHER = Host(id="db2", address=None, platform=Platform.LINUX, access=LocalAccess())
VENDOR = Vendor(id="acme", name="Acme")
BUCKET = Bucket(id="files", provider=StorageProvider.AWS, name="b", vendor="acme", datasets=("ids",))
IDS = Dataset(id="ids", name="Municipal IDs", sensitivity=Sensitivity.VULNERABLE)
GAP = Unobserved(cause=Cause.DENIED, detail="Permission x is missing.")


def judge(of: Check, asset: Asset, *found: tuple[str, Any], finished: bool = True, **inventory: Any) -> list[Finding]:
    given = {"assets": (HOST, OTHER, VENDOR, BUCKET), "datasets": (IDS,), **inventory}
    read = Inventory(path=Path("i.yaml"), sha256="", municipality=Municipality(name="Riverton"), **given)
    case = Case(inventory=read, policy=Policy(), now=NOW, observations=Given(*found), finished=finished)
    return list(evaluate(case, [of], [asset]))


def rule(judge_function: Any, severity: Severity = Severity.HIGH) -> Check:
    return check(id="rule", title="A rule", principle=P6, severity=severity)(judge_function)


def per_disk(host: Host, facts: DiskFacts) -> list[Verdict]:
    return [
        passed("good", subject=disk.subject, evidence=[Evidence(fact="disk", value=disk.subject)])
        if disk.good
        else failed("bad", fix="mend it", subject=disk.subject)
        for disk in observed(facts.disks)
    ]


def test_required_facts_that_were_not_seen_become_unknown_and_the_check_is_not_called() -> None:
    def never(host: Host, facts: DiskFacts) -> Verdict:
        raise AssertionError("called")

    (finding,) = judge(rule(never), HOST, ("db1", (DiskFacts, GAP)))
    assert (finding.status, finding.cause, finding.reason) == (Status.UNKNOWN, Cause.DENIED, GAP.detail)
    assert finding.subject is None
    assert finding.fix is None


def test_each_unseen_item_becomes_its_own_subjects_unknown() -> None:
    facts = DiskFacts(
        disks=(
            Disk(subject="/", good=True),
            Unobserved(cause=Cause.TIMEOUT, detail="slow", subject="/b"),
            Disk(subject="/c", good=False),
        )
    )
    found = {finding.subject: finding.status for finding in judge(rule(per_disk), HOST, ("db1", facts))}
    assert found == {"/": Status.PASS, "/b": Status.UNKNOWN, "/c": Status.FAIL}


def test_only_gaps_are_enough() -> None:
    facts = DiskFacts(disks=(Unobserved(cause=Cause.TIMEOUT, detail="slow", subject="/b"),))
    assert [f.cause for f in judge(rule(per_disk), HOST, ("db1", facts))] == [Cause.TIMEOUT]


def test_optional_evidence_reaches_the_check_as_a_gap_and_can_be_handed_on() -> None:
    def lenient(host: Host, facts: DiskFacts | Unobserved) -> Verdict:
        return undecided(facts) if isinstance(facts, Unobserved) else passed("seen")

    (finding,) = judge(rule(lenient), HOST, ("db1", (DiskFacts, GAP)))
    assert (finding.status, finding.cause) == (Status.UNKNOWN, Cause.DENIED)


def test_a_crashing_check_costs_its_own_finding() -> None:
    def broken(host: Host, facts: DiskFacts) -> Verdict:
        raise ZeroDivisionError("secret words")

    (finding,) = judge(rule(broken), HOST, ("db1", DiskFacts()))
    assert (finding.status, finding.cause) == (Status.ERROR, Cause.PROBE_CRASHED)
    assert "secret words" not in finding.reason


def test_a_check_that_says_nothing_is_a_bug_and_no_pass() -> None:
    (finding,) = judge(rule(per_disk), HOST, ("db1", DiskFacts()))
    assert finding.status is Status.ERROR


def test_a_crashed_probe_is_an_error() -> None:
    crash = Unobserved(cause=Cause.PROBE_CRASHED, detail="The probe crashed.")
    (finding,) = judge(rule(per_disk), HOST, ("db1", (DiskFacts, crash)))
    assert finding.status is Status.ERROR


@pytest.mark.parametrize(("finished", "cause"), [(True, Cause.UNSUPPORTED), (False, Cause.INTERRUPTED)])
def test_a_question_that_was_never_asked_is_unknown(finished: bool, cause: Cause) -> None:
    (finding,) = judge(rule(per_disk), HOST, finished=finished)
    assert (finding.status, finding.cause) == (Status.UNKNOWN, cause)


def test_two_verdicts_on_one_subject_leave_the_worse_one() -> None:
    facts = DiskFacts(disks=(Disk(subject="/", good=True), Disk(subject="/", good=False)))
    assert [f.status for f in judge(rule(per_disk), HOST, ("db1", facts))] == [Status.FAIL]


def test_evidence_carries_the_time_of_its_observation() -> None:
    (finding,) = judge(rule(per_disk), HOST, ("db1", DiskFacts(disks=(Disk(subject="/", good=True),))))
    assert [(e.fact, e.value, e.observed_at) for e in finding.evidence] == [("disk", "/", SEEN)]


def test_a_check_can_ask_for_policy_clock_vendor_and_datasets() -> None:
    def curious(
        bucket: Bucket, policy: Policy, now: datetime, vendor: Vendor | None, datasets: tuple[Dataset, ...]
    ) -> Verdict:
        assert vendor is not None
        return not_applicable(f"{vendor.name} {datasets[0].name} {now:%Y} {policy.hsts_min_age}")

    (finding,) = judge(rule(curious), BUCKET)
    assert finding.reason == "Acme Municipal IDs 2026 31536000"


def test_related_facts_come_over_a_declared_relation_both_ways() -> None:
    def from_vendor(bucket: Bucket, keys: Related[KeyFacts]) -> Verdict:
        (seen,) = keys.values()
        return passed(seen.key) if isinstance(seen, KeyFacts) else undecided(seen)

    def from_bucket(vendor: Vendor, keys: Related[KeyFacts]) -> Verdict:
        return passed(", ".join(keys))

    assert judge(rule(from_vendor), BUCKET, ("acme", KeyFacts(key="k1")))[0].reason == "k1"
    assert judge(rule(from_vendor), BUCKET, ("acme", (KeyFacts, GAP)))[0].cause is Cause.DENIED
    assert judge(rule(from_bucket), VENDOR, ("files", KeyFacts(key="k1")))[0].reason == "files"


def test_a_projection_compares_assets_across_the_run() -> None:
    def shared(host: Host, facts: KeyFacts, uses: Across[KeyUse]) -> Verdict:
        others = [use.asset for use in uses.by_key(facts.key) if use.asset != host.id]
        return failed(f"also on {others[0]}", fix="make a new key") if others else passed("its own key")

    same = (("db1", KeyFacts(key="k")), ("db2", KeyFacts(key="k")))
    assert judge(rule(shared), HOST, *same)[0].reason == "also on db2"
    assert judge(rule(shared), HOST, ("db1", KeyFacts(key="k")), ("db2", KeyFacts(key="l")))[0].status is Status.PASS


def test_a_projection_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeyUse, "limit", 1)

    def shared(host: Host, facts: KeyFacts, uses: Across[KeyUse]) -> Verdict:
        return passed(f"{uses.cut} {list(uses.keys())}")

    found = judge(rule(shared), HOST, ("db1", KeyFacts(key="k")), ("db2", KeyFacts(key="l")))
    assert found[0].reason == "True ['k']"


def waiver(expires: date, **changes: Any) -> Waiver:
    return Waiver(
        **{"check": "rule", "asset": "db1", "subject": None, "reason": "r", "owner": "o", **changes}, expires=expires
    )


@pytest.mark.parametrize(
    ("given", "waived"),
    [
        (waiver(date(2026, 11, 22)), True),
        (waiver(date(2026, 11, 21)), False),
        (waiver(date(2027, 1, 1), subject="/"), True),
        (waiver(date(2027, 1, 1), subject="/other"), False),
        (waiver(date(2027, 1, 1), asset="db2"), False),
    ],
)
def test_a_waiver_holds_until_its_last_day_for_its_subject(given: Waiver, waived: bool) -> None:
    facts = DiskFacts(disks=(Disk(subject="/", good=False),))
    (finding,) = judge(rule(per_disk), HOST, ("db1", facts), waivers=(given,))
    assert finding.status is Status.FAIL
    assert (finding.waiver is not None) is waived


def test_an_expired_waiver_comes_back_as_evidence() -> None:
    facts = DiskFacts(disks=(Disk(subject="/", good=False),))
    (finding,) = judge(rule(per_disk), HOST, ("db1", facts), waivers=(waiver(date(2026, 1, 1)),))
    assert [item.fact for item in finding.evidence] == ["waiver expired"]


def test_a_waiver_never_touches_a_pass() -> None:
    facts = DiskFacts(disks=(Disk(subject="/", good=True),))
    assert judge(rule(per_disk), HOST, ("db1", facts), waivers=(waiver(date(2030, 1, 1)),))[0].waiver is None


def test_kinds_of_assets_that_a_check_covers_are_judged() -> None:
    assert judged_kinds([rule(per_disk)]) == {"host"}


def test_a_signature_that_asks_for_what_nobody_has_is_refused() -> None:
    def odd(host: Host, colour: int) -> Verdict:
        return passed("never")

    with pytest.raises(TypeError, match="colour"):
        check(id="odd", title="", principle=P5, severity=Severity.LOW)(odd)


def test_a_check_must_be_about_an_asset() -> None:
    def odd(policy: Policy) -> Verdict:
        return passed("never")

    with pytest.raises(TypeError, match="kind of asset"):
        check(id="odd", title="", principle=P5, severity=Severity.LOW)(odd)


STRICT = Pack(
    id="strict", name="Strict", version="1", date="2026", source="here",
    clauses=(Clause(check="rule", id="1", requirement="Ten."),), values={"attestation_max_months": 10},
)  # fmt: skip


def under_packs(of: Check, *found: tuple[str, Any], **policy: Any) -> list[Finding]:
    read = Inventory(path=Path("i.yaml"), sha256="", municipality=Municipality(name="R"), assets=(HOST,))
    policy_of_city = Policy().with_overrides(policy)
    case = Case(inventory=read, policy=policy_of_city, now=NOW, observations=Given(*found), packs=(STRICT,))
    return list(evaluate(case, [of], [HOST]))


def patient(host: Host, facts: DiskFacts, policy: Policy) -> list[Verdict]:
    """Fails under a policy of at most ten months."""
    good = policy.attestation_max_months > 10
    return [
        passed("ok", subject=disk.subject) if good else failed("old", fix="renew", subject=disk.subject)
        for disk in observed(facts.disks)
    ]


def test_a_pack_judges_the_same_facts_and_changes_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "deciding", classmethod(lambda cls, check: ("attestation_max_months",)))
    gap = Unobserved(cause=Cause.TIMEOUT, detail="slow", subject="/b")
    facts = DiskFacts(disks=(Disk(subject="/", good=True), gap))
    found = {finding.subject: finding for finding in under_packs(rule(patient), ("db1", facts))}
    assert {subject: finding.status for subject, finding in found.items()} == {"/": Status.PASS, "/b": Status.UNKNOWN}
    assert found["/"].packs == (PackVerdict(pack="strict", clause="1", status=Status.FAIL),)
    assert found["/b"].packs == (PackVerdict(pack="strict", clause="1", status=Status.UNKNOWN),)


def test_facts_that_were_not_seen_are_unknown_under_every_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "deciding", classmethod(lambda cls, check: ("attestation_max_months",)))
    [finding] = under_packs(rule(patient), ("db1", (DiskFacts, GAP)), attestation_max_months=3)
    assert [(each.pack, each.clause, each.status) for each in finding.packs] == [
        ("strict", "1", Status.UNKNOWN),
        ("city", "attestation_max_months", Status.UNKNOWN),
    ]
