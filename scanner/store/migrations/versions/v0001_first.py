"""The first schema: runs, observations, judgements, findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the four tables."""
    _runs()
    _observations()
    _judgements()
    _findings()


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("tool_version", sa.String(32), nullable=False),
        sa.Column("inventory_path", sa.Text(), nullable=False),
        sa.Column("inventory_sha256", sa.String(64), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_runs"),
        sa.UniqueConstraint("id", name="uq_runs_id"),
    )
    op.create_index("ix_runs_inventory_path_started_at", "runs", ["inventory_path", "started_at"])


def _observations() -> None:
    op.create_table(
        "observations",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("asset", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("probe", sa.String(64), nullable=False),
        sa.Column("observed_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_observations_run_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "asset", "kind", name="pk_observations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_observations_run_kind_asset", "observations", ["run", "kind", "asset"])


def _judgements() -> None:
    op.create_table(
        "judgements",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(), nullable=False),
        sa.Column("tool_version", sa.String(32), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_judgements_run_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_judgements"),
    )
    op.create_index("ix_judgements_run", "judgements", ["run"])


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("judgement", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("check", sa.String(64), nullable=False),
        sa.Column("asset", sa.String(128), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("principle", sa.String(4), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(16)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text()),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("waiver", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["judgement"], ["judgements.seq"], name="fk_findings_judgement_judgements", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("judgement", "fingerprint", name="pk_findings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_findings_judgement_asset_check", "findings", ["judgement", "asset", "check"])
