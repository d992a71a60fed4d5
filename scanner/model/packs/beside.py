"""Judging one check under every pack that has a clause for it, beside the verdict that counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from scanner.model.finding import WORST_FIRST, Finding, PackVerdict, Status, Verdict, status_of
from scanner.model.packs.base import CITY, Clause, Pack
from scanner.model.policy import Policy

Said = Callable[[Policy], Iterable[Verdict]]
"""What the check says of one asset under a policy; raises whatever the check raises."""

Statuses = Mapping[str | None, Status]


@dataclass(frozen=True)
class _Clause:
    """A clause that judges the check; `alike` where the run's policy is the pack's in all that decides it."""

    pack: Pack
    clause: Clause
    alike: bool


class Beside:
    """The packs that judge one check in one run: made once, asked for every asset."""

    def __init__(self, check: str, policy: Policy, packs: Iterable[Pack]) -> None:
        deciding = Policy.deciding(check)
        self._clauses = [
            _Clause(pack, clause, all(getattr(pack.policy, name) == getattr(policy, name) for name in deciding))
            for pack in packs
            if (clause := pack.clause(check)) is not None
        ]
        self._overrides = ", ".join(name for name in policy.changed() if name in deciding)

    def told(self, found: Iterable[Finding], said: Said) -> Iterator[Finding]:
        """The findings of one asset, each with how it ends under every pack; the check's crash is that pack's error.

        The city's own overrides are what the finding itself was judged with, and stand last where they decide it.
        """
        if not self._clauses and not self._overrides:
            yield from found
            return
        judged = [(each, None if each.alike else _statuses(said, each.pack.policy)) for each in self._clauses]
        for finding in found:
            packs = [_verdict(finding, each, statuses) for each, statuses in judged]
            if self._overrides:
                packs.append(PackVerdict(pack=CITY, clause=self._overrides, status=finding.status))
            yield replace(finding, packs=tuple(packs))


def _verdict(finding: Finding, judging: _Clause, statuses: Statuses | None) -> PackVerdict:
    status = finding.status if statuses is None else _of(finding.subject, statuses)
    return PackVerdict(pack=judging.pack.id, clause=judging.clause.id, status=status)


def _of(subject: str | None, statuses: Statuses) -> Status:
    """The outcome for a subject; where the check named other subjects under this pack, the worst of them."""
    return statuses[subject] if subject in statuses else min(statuses.values(), key=WORST_FIRST.index)


def _statuses(said: Said, policy: Policy) -> Statuses:
    """The outcome per subject, each subject once: were one named twice, the worse stands."""
    found: dict[str | None, Status] = {}
    try:
        for verdict in said(policy):
            status = status_of(verdict)
            found[verdict.subject] = min(found.get(verdict.subject, status), status, key=WORST_FIRST.index)
    except Exception:  # the finding beside it tells of the crash, and this pack can claim nothing
        return {None: Status.ERROR}
    return found
