"""The runner: one observation per planned question, whatever a probe or a peer does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from scanner.model.asset import Asset, Host, LocalAccess, Platform, SshAccess, Vendor
from scanner.model.check import Check, check
from scanner.model.facts.base import Facts
from scanner.model.finding import Severity, Verdict, passed
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.observation import Observation
from scanner.model.principle import P6
from scanner.model.run import Scope
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.base import Reply, Step
from scanner.runner import _within, plan, scan
from scanner.transports.shared import Transports


@dataclass(frozen=True, kw_only=True)
class FirstFacts(Facts):
    value: str = "seen"


@dataclass(frozen=True, kw_only=True)
class SecondFacts(Facts):
    value: str = "seen"


@dataclass(frozen=True, kw_only=True)
class NobodysFacts(Facts):
    value: str = "never"


def reads_first(host: Host, facts: FirstFacts) -> Verdict:
    return passed(facts.value)


def reads_second(host: Host, facts: SecondFacts | Unobserved) -> Verdict:
    return passed("done")


def reads_nobodys(host: Host, facts: NobodysFacts) -> Verdict:
    return passed(facts.value)


def rule(judge: Callable[..., Verdict]) -> Check:
    name = judge.__name__.replace("_", "-")
    return check(id=name, title=name, principle=P6, severity=Severity.LOW)(judge)


CHECKS = (rule(reads_first), rule(reads_second))


@dataclass
class Told:
    """A probe that does what the test wants; it also counts how many assets it is asked about at once."""

    answer: Callable[[Asset], Awaitable[Mapping[type[Facts], Reply]]]
    provides: tuple[type[Facts], ...] = (FirstFacts, SecondFacts)
    name: str = "told"
    about: type[Asset] = Host
    now: int = 0
    most: int = 0
    asked: list[str] = field(default_factory=list)

    def plan(self, asset: Asset, settings: Settings) -> Sequence[Step]:
        return ()

    async def run(self, asset: Asset, transports: Transports) -> Mapping[type[Facts], Reply]:
        self.asked.append(asset.id)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self.answer(asset)
        finally:
            self.now -= 1


class Quiet:
    def started(self, asset: Asset) -> None: ...

    def finished(self, asset: Asset) -> None: ...


async def both(_: Asset) -> Mapping[type[Facts], Reply]:
    return {FirstFacts: Reply(outcome=FirstFacts(), digest="d"), SecondFacts: Reply(outcome=SecondFacts())}


def hosts(count: int = 1) -> tuple[Host, ...]:
    return tuple(
        Host(id=f"h{number}", address="127.0.0.1", platform=Platform.LINUX, access=SshAccess(user="u"))
        for number in range(count)
    )


def city(assets: Sequence[Asset], **changes: Any) -> Inventory:
    settings = Settings(asset_budget=changes.pop("budget", 5), concurrency=changes.pop("concurrency", 4))
    return Inventory(
        path=Path("inventory.yaml"),
        sha256="",
        municipality=Municipality(name="Riverton"),
        assets=tuple(assets),
        settings=settings,
        **changes,
    )


async def observe(
    inventory: Inventory, *probes: Told, checks: Sequence[Check] = CHECKS, scope: Scope | None = None, **given: Any
) -> dict[tuple[str, str], Observation]:
    seen: list[Observation] = []
    questions = plan(inventory, scope or Scope(), checks, probes, **given)
    await asyncio.wait_for(scan(inventory, Scope(), questions, seen.extend, Quiet()), 60)
    found = {(each.asset, each.kind): each for each in seen}
    assert len(found) == len(seen), "a question was answered twice"
    return found


def causes(found: Mapping[tuple[str, str], Observation]) -> dict[str, Cause | None]:
    return {
        kind: each.outcome.cause if isinstance(each.outcome, Unobserved) else None for (_, kind), each in found.items()
    }


async def test_every_planned_question_has_exactly_one_observation() -> None:
    found = await observe(city(hosts(9)), Told(both))
    assert set(found) == {(f"h{n}", kind) for n in range(9) for kind in ("FirstFacts", "SecondFacts")}
    assert found["h0", "FirstFacts"].digest == "d"
    assert found["h0", "FirstFacts"].observed_at.tzinfo is not None


async def test_a_crashing_probe_costs_its_own_kinds_and_tells_no_secret() -> None:
    async def crash(_: Asset) -> Mapping[type[Facts], Reply]:
        raise KeyError("hunter2")

    async def second(_: Asset) -> Mapping[type[Facts], Reply]:
        return {SecondFacts: Reply(outcome=SecondFacts())}

    found = await observe(city(hosts()), Told(crash, (FirstFacts,)), Told(second, (SecondFacts,)))
    assert causes(found) == {"FirstFacts": Cause.PROBE_CRASHED, "SecondFacts": None}
    told = found["h0", "FirstFacts"].outcome
    assert isinstance(told, Unobserved)
    assert "hunter2" not in told.detail
    assert "test_runner.py" in told.detail


async def test_a_probe_that_forgets_a_kind_has_crashed() -> None:
    async def half(_: Asset) -> Mapping[type[Facts], Reply]:
        return {FirstFacts: Reply(outcome=FirstFacts())}

    assert set(causes(await observe(city(hosts()), Told(half))).values()) == {Cause.PROBE_CRASHED}


async def test_a_hanging_probe_ends_with_the_assets_budget_and_costs_no_other_probe() -> None:
    async def hang(_: Asset) -> Mapping[type[Facts], Reply]:
        await asyncio.sleep(600)
        raise AssertionError

    async def second(_: Asset) -> Mapping[type[Facts], Reply]:
        return {SecondFacts: Reply(outcome=SecondFacts())}

    found = await observe(city(hosts(), budget=0.3), Told(hang, (FirstFacts,)), Told(second, (SecondFacts,)))
    assert causes(found) == {"FirstFacts": Cause.TIMEOUT, "SecondFacts": None}


async def test_a_probe_that_will_not_stop_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.runner._GRACE", 0.1)
    release = asyncio.Event()

    async def stubborn(_: Asset) -> Mapping[type[Facts], Reply]:
        while not release.is_set():
            try:
                await asyncio.wait_for(release.wait(), 30)
            except asyncio.CancelledError:
                continue
        return {}

    found = await observe(city(hosts(2), budget=0.2, concurrency=1), Told(stubborn))
    release.set()
    assert set(causes(found).values()) == {Cause.TIMEOUT}
    assert len(found) == 4


async def test_no_more_assets_are_asked_at_once_than_allowed() -> None:
    async def slow(asset: Asset) -> Mapping[type[Facts], Reply]:
        await asyncio.sleep(0.01)
        return await both(asset)

    probe = Told(slow)
    await observe(city(hosts(20), concurrency=3), probe)
    assert probe.most == 3


async def test_cancelling_keeps_what_was_answered() -> None:
    async def second_hangs(asset: Asset) -> Mapping[type[Facts], Reply]:
        if asset.id != "h0":
            await asyncio.sleep(600)
        return await both(asset)

    inventory, seen, recorded = city(hosts(2), budget=500), list[Observation](), asyncio.Event()

    def record(found: Sequence[Observation]) -> None:
        seen.extend(found)
        recorded.set()

    questions = plan(inventory, Scope(), CHECKS, [Told(second_hangs)])
    task = asyncio.create_task(scan(inventory, Scope(), questions, record, Quiet()))
    await asyncio.wait_for(recorded.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert {each.asset for each in seen} == {"h0"}


async def test_what_was_asked_before_is_not_asked_again() -> None:
    probe = Told(both)
    asked = frozenset({("h0", "FirstFacts"), ("h0", "SecondFacts"), ("h1", "FirstFacts")})
    found = await observe(city(hosts(2)), probe, asked=asked)
    assert set(found) == {("h1", "SecondFacts")}
    assert probe.asked == ["h1"]


async def test_only_what_the_chosen_checks_read_is_asked() -> None:
    found = await observe(city(hosts(3)), Told(both), scope=Scope(only=("h1",), check=("reads-f*",)))
    assert set(found) == {("h1", "FirstFacts")}


async def test_facts_that_no_probe_brings_are_unsupported() -> None:
    found = await observe(city(hosts()), Told(both), checks=[rule(reads_nobodys)])
    assert causes(found) == {"NobodysFacts": Cause.UNSUPPORTED}


@pytest.mark.parametrize(
    "authorization",
    [
        Authorization(expires=date(2001, 1, 1)),
        Authorization(window=(time(0, 0), time(0, 0))),
    ],
)
async def test_without_leave_nothing_is_sent(authorization: Authorization) -> None:
    probe = Told(both)
    found = await observe(city(hosts(), authorization=authorization), probe)
    assert set(causes(found).values()) == {Cause.NOT_DECLARED}
    assert probe.asked == []


async def test_what_is_read_on_this_machine_needs_no_leave() -> None:
    here = Host(id="here", address=None, platform=Platform.LINUX, access=LocalAccess())
    found = await observe(city([here], authorization=Authorization(expires=date(2001, 1, 1))), Told(both))
    assert set(causes(found).values()) == {None}


async def test_assets_of_other_kinds_are_left_alone() -> None:
    assert await observe(city([Vendor(id="acme", name="Acme")]), Told(both)) == {}


@pytest.mark.parametrize(
    ("moment", "inside"),
    [("22:00", True), ("23:59", True), ("00:00", True), ("04:59", True), ("05:00", False), ("12:00", False)],
)
def test_a_window_may_pass_midnight(moment: str, inside: bool) -> None:
    at = datetime.fromisoformat(f"2026-11-22T{moment}:00")
    assert _within((time(22), time(5)), at) is inside
    assert _within((time(5), time(22)), at) is not inside
