"""Runs, their observations, judgements and findings: writing them as they come, reading them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Row, Select, delete, func, insert, select, update

from scanner.model.finding import Finding
from scanner.model.inventory import Inventory
from scanner.model.observation import Depth, Observation
from scanner.model.policy import Policy
from scanner.model.run import Run, Scope
from scanner.store import codec
from scanner.store.database import WRITING, StoreError, open_engine
from scanner.store.schema import findings, judgements, observations, runs

__all__ = ["Judgement", "Store", "StoreError", "StoredFindings", "StoredObservations"]

_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One judging of a run; the same run can be judged again by later checks and another policy."""

    seq: int
    run: str
    judged_at: datetime
    tool_version: str


class Store:
    """The history of one or more inventories.

    Raises:
        StoreError: see `open_engine`.
    """

    def __init__(self, address: str, *, create: bool = False) -> None:
        self._engine: Engine = open_engine(address, create=create)
        self._writing = self._engine.execution_options(**{WRITING: True})

    def close(self) -> None:
        """Gives the database's files back."""
        self._engine.dispose()

    # Runs

    def begin(self, run: Run, inventory: Inventory) -> None:
        """Records that a run has started, with the inventory that it reads."""
        values = {
            "id": run.id,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "complete": run.complete,
            "tool_version": run.tool_version,
            "inventory_path": run.inventory_path,
            "inventory_sha256": run.inventory_sha256,
            "scope": asdict(run.scope),
            "snapshot": inventory.snapshot,
        }
        with self._writing.begin() as connection:
            connection.execute(insert(runs).values(values))

    def finish(self, run: str, *, finished_at: datetime, complete: bool) -> Run:
        """Records how a run ended."""
        with self._writing.begin() as connection:
            connection.execute(update(runs).where(runs.c.id == run).values(finished_at=finished_at, complete=complete))
        return self.run(run)

    def run(self, name: str, *, inventory_path: str | None = None) -> Run:
        """The run with an id, a unique prefix of one, or `latest` (of one inventory, where that is named).

        Raises:
            StoreError: no run, or several, have that name.
        """
        query = select(runs).order_by(runs.c.started_at.desc(), runs.c.seq.desc())
        if inventory_path is not None:
            query = query.where(runs.c.inventory_path == inventory_path)
        if name == "latest":
            found = self._rows(query.limit(1))
        else:
            found = self._rows(query.where(runs.c.id.startswith(name, autoescape=True)).limit(3))
            found = [row for row in found if row.id == name] or found
        if len(found) != 1:
            raise StoreError(_no_run(name, [row.id for row in found]))
        return _run(found[0])

    def unfinished(self, inventory_path: str) -> Run | None:
        """The newest run of an inventory that has not asked all its questions."""
        query = (
            select(runs)
            .where(runs.c.inventory_path == inventory_path, runs.c.complete.is_(False))
            .order_by(runs.c.started_at.desc(), runs.c.seq.desc())
            .limit(1)
        )
        found = self._rows(query)
        return _run(found[0]) if found else None

    def snapshot(self, run: Run) -> Mapping[str, Any]:
        """The inventory that a run read, as `Inventory.snapshot`."""
        snapshot: Mapping[str, Any] = self._rows(select(runs.c.snapshot).where(runs.c.id == run.id))[0].snapshot
        return snapshot

    # Observations

    def record(self, run: Run, seen: Iterable[Observation]) -> None:
        """Stores observations at once, so that a crash costs only what was still on its way."""
        seq = self._seq(run)
        rows = [codec.observation_row(seq, observation) for observation in seen]
        if rows:
            with self._writing.begin() as connection:
                connection.execute(insert(observations), rows)

    def asked(self, run: Run) -> frozenset[tuple[str, str]]:
        """The (asset, kind of facts) pairs that are already answered."""
        query = select(observations.c.asset, observations.c.kind).where(observations.c.run == self._seq(run))
        return frozenset((row.asset, row.kind) for row in self._rows(query))

    def observations(self, run: Run) -> StoredObservations:
        """The run's observations, read asset by asset."""
        return StoredObservations(self._engine, self._seq(run))

    # Judgements

    def judge(self, run: Run, policy: Policy, found: Iterable[Finding], *, at: datetime, version: str) -> Judgement:
        """Stores a judgement of a run; its findings stream in, and it counts only once all are there."""
        seq = self._seq(run)
        values = {
            "run": seq,
            "judged_at": at,
            "tool_version": version,
            "policy": asdict(policy),
            "finished": False,
        }
        with self._writing.begin() as connection:
            # What a crash left half-written is of no use to anybody.
            connection.execute(delete(judgements).where(judgements.c.run == seq, judgements.c.finished.is_(False)))
            number = connection.execute(insert(judgements).values(values).returning(judgements.c.seq)).scalar_one()
        stream = iter(found)
        while batch := [codec.finding_row(number, finding) for finding in islice(stream, _BATCH)]:
            with self._writing.begin() as connection:
                connection.execute(insert(findings), batch)
        with self._writing.begin() as connection:
            connection.execute(update(judgements).where(judgements.c.seq == number).values(finished=True))
        return Judgement(seq=number, run=run.id, judged_at=at, tool_version=version)

    def judgement(self, run: Run) -> Judgement | None:
        """The newest finished judgement of a run."""
        query = (
            select(judgements)
            .where(judgements.c.run == self._seq(run), judgements.c.finished.is_(True))
            .order_by(judgements.c.seq.desc())
            .limit(1)
        )
        for row in self._rows(query):
            return Judgement(seq=row.seq, run=run.id, judged_at=row.judged_at, tool_version=row.tool_version)
        return None

    def findings(self, judgement: Judgement) -> StoredFindings:
        """A judgement's findings; can be iterated again and again."""
        return StoredFindings(self._engine, judgement.seq)

    def _seq(self, run: Run) -> int:
        return int(self._rows(select(runs.c.seq).where(runs.c.id == run.id))[0].seq)

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with self._engine.connect() as connection:
            return list(connection.execute(query))


class StoredObservations:
    """One run's observations (`scanner.evaluation.Observations`)."""

    def __init__(self, engine: Engine, run: int) -> None:
        self._engine = engine
        self._query = select(observations).where(observations.c.run == run)

    def of(self, asset: str) -> Mapping[str, Observation]:
        """One asset's observations by kind of facts."""
        with self._engine.connect() as connection:
            rows = connection.execute(self._query.where(observations.c.asset == asset)).all()
        return {row.kind: codec.observation(row) for row in rows}

    def of_kind(self, kind: str) -> Iterator[Observation]:
        """Every asset's observation of one kind, in the order of their ids."""
        yield from map(codec.observation, _pages(self._engine, self._query.where(observations.c.kind == kind), "asset"))


class StoredFindings:
    """One judgement's findings, sorted by asset, check and subject."""

    def __init__(self, engine: Engine, judgement: int) -> None:
        self._engine = engine
        self._query = select(findings).where(findings.c.judgement == judgement)

    def __iter__(self) -> Iterator[Finding]:
        order = ("asset", "check", "subject", "fingerprint")
        yield from map(codec.finding, _pages(self._engine, self._query, *order))


def _pages(engine: Engine, query: Select[Any], *order: str) -> Iterator[Row[Any]]:
    """Rows in order, a batch at a time, so that memory does not grow with their number."""
    columns = (query.selected_columns[name] for name in order)
    # A finding without a subject comes first in every database.
    ordered = query.order_by(*(func.coalesce(column, "") if column.key == "subject" else column for column in columns))
    with engine.connect() as connection:
        result = connection.execution_options(yield_per=_BATCH).execute(ordered)
        yield from result


def _run(row: Row[Any]) -> Run:
    scope = Scope(only=tuple(row.scope["only"]), check=tuple(row.scope["check"]), depth=Depth(row.scope["depth"]))
    return Run(
        id=row.id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        tool_version=row.tool_version,
        inventory_path=row.inventory_path,
        inventory_sha256=row.inventory_sha256,
        complete=row.complete,
        scope=scope,
    )


def _no_run(name: str, found: list[str]) -> str:
    if found:
        return f"{name!r} is the beginning of several runs: {', '.join(found)}. Write more of it."
    if name == "latest":
        return "The store holds no run of this inventory yet. Scan first: civicseal scan."
    return f"The store holds no run {name!r}. Leave it out for the latest one."
