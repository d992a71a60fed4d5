"""The tables. Every change of them comes with a migration in `migrations/versions/`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

# The migration that this version of civicseal writes; `alembic_version` in a store holds the same word.
HEAD = "0002"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC: SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, without zone."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Back to an aware time."""
        return value.replace(tzinfo=UTC) if value else None


runs = Table(
    "runs",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("complete", Boolean, nullable=False),
    Column("tool_version", String(32), nullable=False),
    Column("inventory_path", Text, nullable=False),
    Column("inventory_sha256", String(64), nullable=False),
    Column("scope", JSON, nullable=False),
    # The validated inventory: with it a run can be judged and reported after the file has changed or gone.
    Column("snapshot", JSON, nullable=False),
    Index(None, "inventory_path", "started_at"),
)

observations = Table(
    "observations",
    metadata,
    Column("run", Integer, ForeignKey("runs.seq", ondelete="CASCADE"), primary_key=True),
    Column("asset", String(128), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("probe", String(64), nullable=False),
    Column("observed_at", UtcTime, nullable=False),
    # Revision of the kind of facts; null where nothing was seen.
    Column("revision", Integer),
    Column("outcome", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Index(None, "run", "kind", "asset"),
    sqlite_with_rowid=False,
)

judgements = Table(
    "judgements",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("run", Integer, ForeignKey("runs.seq", ondelete="CASCADE"), nullable=False, index=True),
    Column("judged_at", UtcTime, nullable=False),
    Column("tool_version", String(32), nullable=False),
    Column("policy", JSON, nullable=False),
    # False while its findings are still being written: such a judgement is never read.
    Column("finished", Boolean, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("judgement", Integer, ForeignKey("judgements.seq", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", String(32), primary_key=True),
    Column("check", String(64), nullable=False),
    Column("asset", String(128), nullable=False),
    Column("subject", Text),
    Column("principle", String(4), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("status", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("cause", String(16)),
    Column("reason", Text, nullable=False),
    Column("fix", Text),
    Column("evidence", JSON, nullable=False),
    Column("waiver", JSON),
    # Verdicts of the policy packs; null where none has a clause for the check, and in judgements of older versions.
    Column("packs", JSON(none_as_null=True)),
    Index(None, "judgement", "asset", "check"),
    sqlite_with_rowid=False,
)
