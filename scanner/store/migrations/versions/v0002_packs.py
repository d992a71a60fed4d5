"""Findings hold the verdicts of the policy packs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; judgements that are there already have no such verdicts."""
    op.add_column("findings", sa.Column("packs", sa.JSON()))
