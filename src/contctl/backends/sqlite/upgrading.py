"""Bringing an older store to this version.

Under the lock of the data folder, which keeps out whoever else would upgrade, and in one
transaction that excludes all other writers from the first check to the commit:
1. the database is checked;
2. it is copied, and the copy checked and put in place;
3. Alembic runs the revisions;
4. the result is checked, and committed.
A process that dies before the commit leaves the store as it was, and at most a copy of it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from contctl.backends import files
from contctl.backends.sqlite.connection import (
    SCHEMA_VERSION,
    Database,
    configure,
    open_connection,
)
from contctl.backends.sqlite.copying import write_copy
from contctl.backends.sqlite.errors import damaged, translated
from contctl.backends.sqlite.examination import dangling_reference_in, fault_in
from contctl.backends.sqlite.migrations import upgrade
from contctl.backends.sqlite.schema import refuse_difference
from contctl.backends.sqlite.transactions import begin_explicitly
from contctl.core.domain.store import Upgraded

UPGRADE_WAIT = 60.0
"""Seconds to wait for another process that upgrades the same store."""


def upgrade_store(database: Database) -> Upgraded | None:
    """Bring an older store to this version; None where another process did meanwhile.

    ContctlError STORE as `Database.connect`, and `full` and `read-only`: then the store is as it
    was.
    """
    database.check_place()
    with files.exclusive(database.folder, UPGRADE_WAIT), translated(database.path):
        with closing(_open(database)) as connection:
            version = database.version_of(connection)
        return None if version == SCHEMA_VERSION else _upgrade(database, version)


def _upgrade(database: Database, version: int) -> Upgraded:
    copy = database.path.with_name(f"{database.path.name}.v{version}-backup")
    engine = create_engine(
        "sqlite://", creator=lambda: _open(database), poolclass=NullPool, hide_parameters=True
    )
    begin_explicitly(engine)
    with (
        translated(database.path, SQLAlchemyError, CommandError),
        engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection,
    ):
        _refuse_faults(database, connection)
        _copy(database, copy)
        upgrade(connection)
        refuse_difference(database.path, connection)
        _refuse_faults(database, connection)
        database.check_version(_driver(connection))
    return Upgraded(version, SCHEMA_VERSION, str(copy))


def _copy(database: Database, copy: Path) -> None:
    draft = copy.with_name(f".{copy.name}.new")
    # One that a killed process left.
    files.remove(draft)
    # A connection of its own, for one that writes cannot be copied from. Nobody else can write.
    with closing(_open(database)) as source:
        write_copy(source, draft, copy)
    files.move(draft, copy)


def _refuse_faults(database: Database, connection: Connection) -> None:
    driver = _driver(connection)
    fault = fault_in(driver) or dangling_reference_in(driver)
    if fault is not None:
        raise damaged(database.path, f"is damaged: {fault}")


def _driver(connection: Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)  # noqa: S101 - made by `_open`
    return found


def _open(database: Database) -> sqlite3.Connection:
    connection = open_connection(database.path, database.lock_timeout)
    try:
        with translated(database.path):
            configure(connection)
    except BaseException:
        connection.close()
        raise
    return connection
