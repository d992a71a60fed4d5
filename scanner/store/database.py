"""Opening the database: file modes, pragmas, and the schema's version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, SQLAlchemyError

from scanner.store.schema import HEAD

STATE_FOLDER = ".civicseal"

# Execution option of connections that are going to write.
WRITING = "civicseal_writing"


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do. Nothing in it was changed."""


def default_url(folder: Path) -> str:
    """The store beside an inventory: `.civicseal/history.db`."""
    return URL.create("sqlite", database=str(folder / STATE_FOLDER / "history.db")).render_as_string()


def open_engine(address: str, *, create: bool) -> Engine:
    """Opens a store, bringing an older schema up to date.

    Args:
        address: an SQLAlchemy URL, or a path of an SQLite file.
        create: whether a store that does not exist is made (a scan) or is an error (a report).

    Raises:
        StoreError: it is not there, not ours, damaged, newer than this version, or its driver is missing.
    """
    url = _url(address)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        _prepare_file(Path(url.database or ""), create=create)
    try:
        engine = create_engine(url)
        _listen(engine)
        _migrate(engine, shown)
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError(f"The driver for {url.drivername} is not installed: {error}") from error
    except DatabaseError as error:
        raise StoreError(
            f"{shown} cannot be used as a store ({type(error.orig).__name__}: {error.orig}). Nothing was changed;"
            " name another one with --store, or move this one away to start afresh."
        ) from error
    return engine


def _url(address: str) -> URL:
    if "://" not in address:
        return URL.create("sqlite", database=address)
    try:
        return make_url(address)
    except (ArgumentError, ValueError) as error:  # the text may hold a password and is not repeated
        raise StoreError("--store is no database URL such as sqlite:///history.db; see the documentation.") from error


def _prepare_file(path: Path, *, create: bool) -> None:
    """Makes folder and file readable by their owner alone, before anything sensitive is in them."""
    if not path.name:
        raise StoreError("--store names no file: sqlite:///path/to/history.db")
    try:
        if not path.exists():
            if not create:
                raise StoreError(f"There is no store at {path}. Scan first, or name it with --store or --inventory.")
            _make_folder(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        if create:
            _keep_private(path)
    except OSError as error:
        raise StoreError(f"The store {path} cannot be made: {error.strerror}.") from error


def _make_folder(folder: Path) -> None:
    """Makes a folder with the folders above it, each for its owner alone."""
    for missing in [each for each in (*reversed(folder.parents), folder) if not each.exists()]:
        missing.mkdir(mode=0o700, exist_ok=True)


def _keep_private(path: Path) -> None:
    """Takes away the rights of others from a store that was there before, and from a state folder that is ours."""
    if os.name == "posix":
        if path.parent.name == STATE_FOLDER:
            path.parent.chmod(0o700)
        path.chmod(0o600)


def _listen(engine: Engine) -> None:
    """SQLite's driver would begin transactions late and end them at each change of a table; we begin them ourselves."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _pragmas)
        event.listen(engine, "begin", _begin)


def _pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Takes the lock at once where we are going to write: two writers then wait for each other and never fail."""
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(engine: Engine, shown: str) -> None:
    """Brings the schema up to date, all of it or nothing; of several programs that start at once, one does it."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        version = _version(connection)
        if version is not None and version not in _known_versions():
            raise StoreError(f"{shown} was written by a newer civicseal (schema {version}). Update civicseal.")
        if version != HEAD:
            _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("select version_num from alembic_version")).scalar()
    return found


def _config(connection: Connection | None = None) -> Any:
    from alembic.config import Config  # alembic takes a third of a second to import; most commands need none of it

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _known_versions() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), HEAD)


__all__ = ["WRITING", "SQLAlchemyError", "StoreError", "default_url", "open_engine"]
