"""Alembic's migrations: from every schema that was ever released to today's."""
