"""The store: what is written is read back the same, by its owner alone, and nothing else is ever harmed."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect

from scanner.model.asset import Host, LocalAccess, Platform
from scanner.model.facts.base import Facts
from scanner.model.finding import Finding, PackVerdict, SeenEvidence, Severity, Status, ValidWaiver
from scanner.model.inventory import Inventory, Municipality
from scanner.model.observation import Observation
from scanner.model.policy import Policy
from scanner.model.run import Run, Scope
from scanner.model.unobserved import Cause, Unobserved
from scanner.store import Store, StoreError, codec, database
from scanner.store.schema import metadata

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Item:
    subject: str
    seen_at: datetime
    size: int | None


@dataclass(frozen=True, kw_only=True)
class ExampleFacts(Facts):
    items: tuple[Item | Unobserved, ...]


FACTS = ExampleFacts(
    items=(
        Item(subject="/é\u0000", seen_at=NOW, size=None),
        Unobserved(cause=Cause.DENIED, detail="Permission missing.", subject="/b"),
    )
)


@pytest.fixture(autouse=True)
def example_facts_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "_kinds", lambda: {"ExampleFacts": ExampleFacts})


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / ".civicseal" / "history.db")


@pytest.fixture
def store(address: str) -> Store:
    return Store(address, create=True)


def inventory() -> Inventory:
    host = Host(id="db1", address=None, platform=Platform.LINUX, access=LocalAccess())
    return Inventory(
        path=Path("inventory.yaml"),
        sha256="ab",
        municipality=Municipality(name="Riverton"),
        assets=(host,),
        snapshot={"version": 1, "hosts": ["db1"]},
    )


def run(name: str = "r1", started_at: datetime = NOW, path: str = "/city/inventory.yaml") -> Run:
    return Run(
        id=name,
        started_at=started_at,
        finished_at=None,
        tool_version="1",
        inventory_path=path,
        inventory_sha256="ab",
        complete=False,
        scope=Scope(only=("db*",)),
    )


def observation(outcome: Facts | Unobserved = FACTS, asset: str = "db1") -> Observation:
    return Observation(asset=asset, kind="ExampleFacts", probe="p", observed_at=NOW, outcome=outcome, digest="d" * 64)


def finding(subject: str | None = None, check: str = "disk-encrypted", **changes: object) -> Finding:
    plain = {
        "severity": Severity.CRITICAL,
        "status": Status.FAIL,
        "reason": "plain",
        "fix": "encrypt",
        "evidence": (SeenEvidence(fact="state", value="plain", observed_at=NOW),),
        "waiver": ValidWaiver(reason="r", owner="o", expires=date(2027, 1, 1)),
        "packs": (PackVerdict(pack="bod-18-01", clause="II.1.b.i", status=Status.PASS),),
    }
    return Finding(check=check, asset="db1", subject=subject, principle="P6", **{**plain, **changes})  # type: ignore[arg-type]


def test_a_run_is_read_back_as_it_was_written(store: Store) -> None:
    store.begin(run(), inventory())
    assert store.run("latest") == run()
    assert store.snapshot(run()) == {"version": 1, "hosts": ["db1"]}


def test_observations_are_read_back_as_they_were_written(store: Store) -> None:
    store.begin(run(), inventory())
    gap = Unobserved(cause=Cause.TIMEOUT, detail="silent")
    store.record(run(), [observation(), observation(gap, asset="db2")])
    seen = store.observations(run())
    assert seen.of("db1") == {"ExampleFacts": observation()}
    assert [each.outcome for each in seen.of_kind("ExampleFacts")] == [FACTS, gap]
    assert store.asked(run()) == {("db1", "ExampleFacts"), ("db2", "ExampleFacts")}


def test_facts_of_another_revision_are_a_gap_and_no_guess(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.begin(run(), inventory())
    store.record(run(), [observation()])
    monkeypatch.setattr(ExampleFacts, "revision", 2)
    outcome = store.observations(run()).of("db1")["ExampleFacts"].outcome
    assert isinstance(outcome, Unobserved)
    assert outcome.cause is Cause.UNSUPPORTED


def test_facts_of_a_kind_that_is_gone_are_a_gap(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.begin(run(), inventory())
    store.record(run(), [observation()])
    monkeypatch.setattr(codec, "_kinds", dict)
    assert isinstance(store.observations(run()).of("db1")["ExampleFacts"].outcome, Unobserved)


def test_findings_stream_in_and_come_back_sorted(store: Store) -> None:
    store.begin(run(), inventory())
    many = [finding(subject=f"/{number:04}") for number in reversed(range(1200))]
    given = [
        *many,
        finding(),
        finding(check="a-check", cause=Cause.DENIED, status=Status.UNKNOWN, waiver=None, fix=None, packs=()),
    ]
    judgement = store.judge(run(), Policy(), iter(given), at=NOW, version="1")
    found = list(store.findings(judgement))
    assert found == sorted(given, key=lambda each: (each.asset, each.check, each.subject or ""))
    assert list(store.findings(judgement)) == found


def test_the_newest_finished_judgement_counts(store: Store) -> None:
    store.begin(run(), inventory())
    assert store.judgement(run()) is None
    store.judge(run(), Policy(), [finding()], at=NOW, version="1")
    again = store.judge(run(), Policy(), [], at=NOW, version="2")
    assert store.judgement(run()) == again


def test_a_judgement_that_breaks_off_is_never_read(store: Store) -> None:
    def breaks() -> object:
        yield finding()
        raise KeyboardInterrupt

    store.begin(run(), inventory())
    with pytest.raises(KeyboardInterrupt):
        store.judge(run(), Policy(), breaks(), at=NOW, version="1")  # type: ignore[arg-type]
    assert store.judgement(run()) is None


def test_a_run_is_found_by_id_unique_prefix_or_latest(store: Store) -> None:
    for number, name in enumerate(["20261122-aa", "20261122-ab", "20261123-ba"]):
        store.begin(run(name, NOW + timedelta(days=number)), inventory())
    assert store.run("20261122-ab").id == "20261122-ab"
    assert store.run("20261123").id == "20261123-ba"
    assert store.run("latest").id == "20261123-ba"
    with pytest.raises(StoreError, match="several runs"):
        store.run("20261122")
    with pytest.raises(StoreError, match="no run '%'"):
        store.run("%")


def test_latest_can_mean_one_inventory_of_a_shared_store(store: Store) -> None:
    store.begin(run("old", NOW, path="/a"), inventory())
    store.begin(run("new", NOW + timedelta(1), path="/b"), inventory())
    assert store.run("latest", inventory_path="/a").id == "old"
    with pytest.raises(StoreError, match="no run of this inventory"):
        store.run("latest", inventory_path="/c")


def test_the_newest_unfinished_run_of_an_inventory_can_go_on(store: Store) -> None:
    for number, name in enumerate(["first", "second", "done"]):
        store.begin(run(name, NOW + timedelta(number)), inventory())
    store.finish("done", finished_at=NOW, complete=True)
    assert store.unfinished("/city/inventory.yaml") == run("second", NOW + timedelta(1))
    assert store.unfinished("/other") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_folder_and_files_are_their_owners_alone(store: Store, address: str) -> None:
    store.begin(run(), inventory())
    folder = Path(address).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_report_never_makes_a_store(address: str) -> None:
    with pytest.raises(StoreError, match="There is no store"):
        Store(address)
    assert not Path(address).exists()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letters.db"
    path.write_text("Dear mayor, " * 1000)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="cannot be used as a store"):
        Store(str(path), create=True)
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_left_alone(store: Store, address: str) -> None:
    store.close()
    with sqlite3.connect(address) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(StoreError, match="newer civicseal"):
        Store(address)


def test_a_password_in_the_url_is_never_told() -> None:
    for url in ("postgresql+nodriver://city:hunter2@localhost/x", "://hunter2", "postgresql+psycopg://u:hunter2@[x/y"):
        with pytest.raises(StoreError) as told:
            Store(url)
        assert "hunter2" not in str(told.value)


def test_migrations_lead_to_the_tables_that_the_code_uses(store: Store, address: str, tmp_path: Path) -> None:
    fresh = create_engine(f"sqlite:///{tmp_path / 'fresh.db'}")
    metadata.create_all(fresh)
    migrated = create_engine(f"sqlite:///{address}")
    for table in metadata.tables:
        columns = [
            {(each["name"], str(each["type"]), each["nullable"]) for each in inspect(engine).get_columns(table)}
            for engine in (fresh, migrated)
        ]
        assert columns[0] == columns[1]
        indexes = [{each["name"] for each in inspect(engine).get_indexes(table)} for engine in (fresh, migrated)]
        assert indexes[0] == indexes[1]


def test_a_store_of_an_older_version_is_brought_up_to_date_and_its_findings_have_no_packs(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "HEAD", "0001")
    with monkeypatch.context() as old:
        old.setattr(codec, "finding_row", _row_of_the_first_schema)
        first = Store(address, create=True)
        first.begin(run(), inventory())
        judgement = first.judge(run(), Policy(), [finding(packs=())], at=NOW, version="0")
        first.close()
    with sqlite3.connect(address) as connection:
        assert "packs" not in {row[1] for row in connection.execute("pragma table_info(findings)")}
    monkeypatch.setattr(database, "HEAD", "0002")
    store = Store(address)
    assert list(store.findings(judgement)) == [finding(packs=())]
    again = store.judge(run(), Policy(), [finding()], at=NOW, version="1")
    assert list(store.findings(again)) == [finding()]


_finding_row = codec.finding_row


def _row_of_the_first_schema(judgement: int, found: Finding) -> dict[str, object]:
    return {name: value for name, value in _finding_row(judgement, found).items() if name != "packs"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="cannot be made"):
        Store(str(tmp_path / "file" / "history.db"), create=True)


def test_many_programs_that_start_at_once_make_one_store(tmp_path: Path) -> None:
    address = str(tmp_path / "new" / "history.db")
    code = "import sys; from scanner.store import Store; Store(sys.argv[1], create=True).run('latest')"
    started = [
        subprocess.Popen([sys.executable, "-c", code, address], stderr=subprocess.PIPE, text=True) for _ in range(8)
    ]
    told = [each.communicate(timeout=120)[1] for each in started]
    assert all("holds no run of this inventory yet" in each for each in told), told


def test_a_migration_that_breaks_leaves_nothing_half_made(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = database._upgrade

    def breaks(connection: Connection) -> None:
        real(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "_upgrade", breaks)
    with pytest.raises(KeyboardInterrupt):
        Store(address, create=True)
    monkeypatch.setattr(database, "_upgrade", real)
    Store(address, create=True).begin(run(), inventory())
