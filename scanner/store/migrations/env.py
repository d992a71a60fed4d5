"""Run by alembic: brings the database of the connection that it is handed to the newest schema."""

from __future__ import annotations

from alembic import context

from scanner.store.schema import metadata

# Batch mode from the first migration on: SQLite cannot alter most of a table in place.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
