"""Whether a database has the tables that `tables` declares, and nothing else."""

import sqlite3
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.tables import Table


def refuse_other_schema(path: Path, connection: sqlite3.Connection) -> None:
    """ContctlError STORE, reason `damaged`, unless the database at `path`, which `connection` is
    to, has the declared schema."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        refuse_difference(path, wrapped)


def refuse_difference(path: Path, connection: Connection) -> None:
    """The same, in the transaction of `connection`."""
    # What runs by itself could change what a command reads or writes; contctl makes none of it.
    extra = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
    ).first()
    if extra is not None:
        raise damaged(path, f"has a trigger or a view that is not contctl's: {extra[0]!r}")
    differences = compare_metadata(MigrationContext.configure(connection), Table.metadata)
    if differences:
        raise damaged(path, "has not the tables and indexes of contctl's")
