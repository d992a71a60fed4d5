"""Judging: checks, facts and policy in, findings out. Pure: no network, no clock, no files.

Only this module says `unknown` and `error`. A check that requires facts which were not seen is not called at all; a
check that crashes costs its own finding and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

from scanner.model.asset import ASSET_KINDS, Asset
from scanner.model.check import (
    Across,
    Check,
    Need,
    NeedsAcross,
    NeedsAsset,
    NeedsDatasets,
    NeedsFacts,
    NeedsNow,
    NeedsPolicy,
    NeedsRelated,
    NeedsVendor,
    Projection,
    Related,
)
from scanner.model.facts.base import Facts
from scanner.model.finding import (
    WORST_FIRST,
    Evidence,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    SeenEvidence,
    Severity,
    Status,
    Undecided,
    ValidWaiver,
    Verdict,
    status_of,
    undecided,
)
from scanner.model.inventory import Inventory
from scanner.model.observation import Observation
from scanner.model.packs import PACKS, Pack
from scanner.model.packs.beside import Beside
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved


class Observations(Protocol):
    """Where the observations of one run are read from."""

    def of(self, asset: str) -> Mapping[str, Observation]:
        """One asset's observations by kind of facts."""

    def of_kind(self, kind: str) -> Iterator[Observation]:
        """Every asset's observation of one kind, in the order of their ids."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What every judgement of a run shares.

    Attributes:
        packs: rules that are judged beside the policy, each check that they have a clause for.
        now: the run's start.
        finished: whether the run asked all its questions; decides what a missing observation means.
    """

    inventory: Inventory
    policy: Policy
    now: datetime
    observations: Observations
    finished: bool = True
    packs: tuple[Pack, ...] = PACKS


def evaluate(case: Case, checks: Sequence[Check], assets: Iterable[Asset]) -> Iterator[Finding]:
    """Judges assets one by one: exactly one finding per applicable (asset, check, subject)."""
    projections = _projections(case, checks)
    beside = {check.id: Beside(check.id, case.policy, case.packs) for check in checks}
    for asset in assets:
        seen = case.observations.of(asset.id)
        for check in checks:
            if isinstance(asset, check.about):
                judgement = _Judgement(case, check, asset, seen, projections)
                yield from beside[check.id].told(judgement.findings(), judgement.said)


def judged_kinds(checks: Iterable[Check]) -> frozenset[str]:
    """The kinds of assets that some check covers."""
    about = tuple({check.about for check in checks})
    return frozenset(kind.kind for kind in ASSET_KINDS if issubclass(kind, about))


def _projections(case: Case, checks: Iterable[Check]) -> Mapping[type[Projection], Across[Any]]:
    """Builds each index that a check asks for, once per run, cut at its bound."""
    wanted = {need.projection for check in checks for need in check.needs if isinstance(need, NeedsAcross)}
    return {projection: _index(case, projection) for projection in wanted}


def _index(case: Case, projection: type[Projection]) -> Across[Any]:
    entries = (
        entry
        for observation in case.observations.of_kind(projection.source.kind())
        if isinstance(observation.outcome, projection.source)
        for entry in projection.of(observation.asset, observation.outcome)
    )
    kept = list(islice(entries, projection.limit))
    return Across(kept, cut=next(entries, None) is not None)


def _without_gaps(facts: Facts) -> tuple[Facts, tuple[Unobserved, ...]]:
    """Splits facts from the gaps in them that name their subject."""
    gaps: list[Unobserved] = []
    changed: dict[str, Any] = {}
    for name in (each.name for each in fields(facts)):
        value = getattr(facts, name)
        if isinstance(value, tuple):
            missing = [item for item in value if isinstance(item, Unobserved) and item.subject is not None]
            if missing:
                gaps += missing
                changed[name] = tuple(item for item in value if item not in missing)
    return (replace(facts, **changed) if changed else facts), tuple(gaps)


@dataclass
class _Judgement:
    """One check on one asset."""

    case: Case
    check: Check
    asset: Asset
    seen: Mapping[str, Observation]
    projections: Mapping[type[Projection], Across[Any]]

    def findings(self) -> Iterable[Finding]:
        """The findings of this check, each subject once: were one named twice, the worse verdict stands."""
        try:
            found = [self._finding(verdict) for verdict in self.said(self.case.policy)]
        except Exception as error:  # a crashing check is our bug and costs this finding only
            found = [self._crash(error)]
        return _worst_per_subject(found)

    def said(self, policy: Policy) -> Sequence[Verdict]:
        """What the check says under a policy, and what it was not given; required facts that are missing say it all.

        Raises:
            Exception: whatever the check raises.
        """
        arguments, gaps, missing = self._given
        if missing is not None:
            return [undecided(missing)]
        needs = self.check.needs
        given = [policy if isinstance(need, NeedsPolicy) else each for need, each in zip(needs, arguments, strict=True)]
        verdicts = self.check.judge(*given)
        said = [verdicts] if isinstance(verdicts, Verdict) else list(verdicts)
        if not said and not gaps:
            raise ValueError("the check said nothing")
        return [*map(undecided, gaps), *said]

    @cached_property
    def _given(self) -> tuple[list[Any], list[Unobserved], Unobserved | None]:
        """The arguments, the gaps in them that name their subject, and why required facts are missing, if they are."""
        arguments: list[Any] = []
        gaps: list[Unobserved] = []
        for need in self.check.needs:
            argument = self._argument(need)
            if isinstance(need, NeedsFacts) and not need.optional:
                if isinstance(argument, Unobserved):
                    return [], [], argument
                argument, missing = _without_gaps(argument)
                gaps += missing
            arguments.append(argument)
        return arguments, gaps, None

    def _argument(self, need: Need) -> Any:
        match need:
            case NeedsAsset():
                return self.asset
            case NeedsFacts():
                return self._facts(need.facts, self.seen)
            case NeedsRelated():
                return self._related(need.facts)
            case NeedsAcross():
                return self.projections[need.projection]
            case NeedsPolicy():
                return self.case.policy
            case NeedsNow():
                return self.case.now
            case NeedsVendor():
                return self.case.inventory.vendor_of(self.asset)
            case NeedsDatasets():
                return self.case.inventory.datasets_of(self.asset)
        raise TypeError(f"nothing serves {need}")

    def _facts(self, kind: type[Facts], seen: Mapping[str, Observation]) -> Facts | Unobserved:
        observation = seen.get(kind.kind())
        if observation is not None:
            return observation.outcome  # the store has made sure that it is of this kind or a gap
        if self.case.finished:
            return Unobserved(
                cause=Cause.UNSUPPORTED, detail="This run did not ask for it; scan again with this version."
            )
        return Unobserved(cause=Cause.INTERRUPTED, detail="The scan ended before this was asked; use --resume.")

    def _related(self, kind: type[Facts]) -> Related[Any]:
        found: dict[str, Facts | Unobserved] = {}
        for other in self.case.inventory.related(self.asset):
            observation = self.case.observations.of(other.id).get(kind.kind())
            if observation is not None:
                found[other.id] = observation.outcome
        return Related(found)

    def _crash(self, error: Exception) -> Finding:
        reason = f"The check itself crashed ({type(error).__name__}), which is a bug in civicseal; please report it."
        return self._new(Status.ERROR, None, reason, cause=Cause.PROBE_CRASHED)

    def _finding(self, verdict: Verdict) -> Finding:
        status, subject, evidence = status_of(verdict), verdict.subject, verdict.evidence
        match verdict:
            case Passed(reason=reason) | NotApplicable(reason=reason):
                return self._new(status, subject, reason, evidence=evidence)
            case Failed(reason=reason, fix=fix):
                return self._new(status, subject, reason, fix=fix, evidence=evidence)
            case Undecided(unobserved=gap):
                finding = self._new(status, subject, gap.detail, cause=gap.cause, evidence=evidence)
                return replace(finding, severity=Severity.INFO) if gap.by_choice else finding
        raise TypeError(f"no verdict: {verdict!r}")

    def _new(
        self,
        status: Status,
        subject: str | None,
        reason: str,
        *,
        cause: Cause | None = None,
        fix: str | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> Finding:
        check, asset = self.check, self.asset
        lapsed, waiver = self._waiver(status, subject)
        return Finding(
            check=check.id,
            asset=asset.id,
            subject=subject,
            principle=check.principle.id,
            severity=check.severity,
            status=status,
            reason=reason,
            revision=check.revision,
            cause=cause,
            fix=fix,
            evidence=(*(self._dated(item) for item in evidence), *lapsed),
            waiver=waiver,
        )

    def _waiver(self, status: Status, subject: str | None) -> tuple[tuple[SeenEvidence, ...], ValidWaiver | None]:
        """The valid waiver of a failure or an unknown; expired ones come back as evidence that says so."""
        lapsed: list[SeenEvidence] = []
        if status not in (Status.FAIL, Status.UNKNOWN):
            return (), None
        for waiver in self.case.inventory.waivers:
            if waiver.covers(self.check.id, self.asset.id, subject):
                if self.case.now.date() <= waiver.expires:
                    return (), ValidWaiver(reason=waiver.reason, owner=waiver.owner, expires=waiver.expires)
                told = f"{waiver.expires.isoformat()}, owner {waiver.owner}"
                lapsed.append(SeenEvidence(fact="waiver expired", value=told, observed_at=self.case.now))
        return tuple(lapsed), None

    def _dated(self, item: Evidence) -> SeenEvidence:
        """Evidence with the time of the observation it rests on; what the inventory says has the run's time."""
        kinds = [need.facts for need in self.check.needs if isinstance(need, NeedsFacts)]
        kind = item.source or (kinds[0] if kinds else None)
        observation = self.seen.get(kind.kind()) if kind else None
        observed_at = observation.observed_at if observation else self.case.now
        return SeenEvidence(fact=item.fact, value=item.value, observed_at=observed_at)


def _worst_per_subject(found: Iterable[Finding]) -> Iterable[Finding]:
    kept: dict[str | None, Finding] = {}
    for finding in found:
        known = kept.get(finding.subject)
        if known is None or WORST_FIRST.index(finding.status) < WORST_FIRST.index(known.status):
            kept[finding.subject] = finding
    return kept.values()
