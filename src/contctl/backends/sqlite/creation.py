"""Making the store, once and for all.

The steps, under the lock of the data folder:
1. a draft of the database is written and committed, with everything in it;
2. the marker is made beside the signing keys: from here on the store exists;
3. the draft is renamed to be the database.
A process that dies before 2 leaves no store, and the next `create_store` clears the draft away. One
that dies after 2 leaves a whole store: whoever opens it first does step 3 (`Database.connect`).

The lock is flock's on the folder rather than SQLite's on the file, because it has to cover the
draft, the marker and the rename.
"""

import os
import sqlite3
from uuid import uuid4

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from contctl.backends import files
from contctl.backends.sqlite.connection import Database, configure, open_connection
from contctl.backends.sqlite.errors import RECOVERY, translated
from contctl.backends.sqlite.migrations import upgrade
from contctl.backends.sqlite.network import refuse_network_filesystem
from contctl.backends.sqlite.tables import StoreRow
from contctl.backends.sqlite.transactions import begin_explicitly
from contctl.backends.sqlite.users import insert_user
from contctl.core.domain.accounts import User
from contctl.core.domain.grants import Grant
from contctl.core.errors import ContctlError, ErrorCode


def create_store(
    database: Database, now: int, admin: User, password_hash: str, grant: Grant
) -> str:
    """Make the store with its first admin and return its identity; CONFLICT if there is or ever
    was one. now: seconds since the epoch."""
    files.ensure_folder(database.folder)
    files.ensure_folder(database.marker.parent)
    refuse_network_filesystem(database.folder, database.mounts)
    with files.exclusive(database.folder, database.lock_timeout):
        _refuse_existing(database)
        _clear_draft(database)
        identity = str(uuid4())
        try:
            _write_draft(
                database, StoreRow(identity=identity, created_at=now), admin, password_hash, grant
            )
            if not files.create_private(database.marker, identity.encode("ascii")):
                raise _existing()
        except ContctlError:
            if not os.path.lexists(database.marker):
                _clear_draft(database)
            raise
        files.move(database.draft, database.path)
    return identity


def _write_draft(
    database: Database, store: StoreRow, admin: User, password_hash: str, grant: Grant
) -> None:
    files.create_empty(database.draft)
    engine = create_engine(
        "sqlite://",
        creator=lambda: _open_draft(database),
        poolclass=NullPool,
        hide_parameters=True,
    )
    begin_explicitly(engine)
    with (
        translated(database.path, SQLAlchemyError),
        engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection,
    ):
        upgrade(connection)
        with Session(connection) as session:
            session.add(store)
            insert_user(session, admin, password_hash, (grant,))
            session.flush()


def _open_draft(database: Database) -> sqlite3.Connection:
    connection = open_connection(database.draft, database.lock_timeout)
    configure(connection)
    return connection


def _refuse_existing(database: Database) -> None:
    if os.path.lexists(database.path):
        raise _existing()
    if os.path.lexists(database.marker):
        if os.path.lexists(database.draft):
            raise _existing()
        raise ContctlError(
            ErrorCode.CONFLICT,
            "contctl was initialised here before, and its database is gone",
            hint=RECOVERY,
        )


def _existing() -> ContctlError:
    return ContctlError(
        ErrorCode.CONFLICT,
        "contctl is initialised here already",
        hint="to make a new store on purpose, see 'Starting over' in the README",
    )


def _clear_draft(database: Database) -> None:
    files.remove(database.draft)
    # A journal left beside it would be rolled back into the new draft.
    files.remove(database.draft.with_name(f"{database.draft.name}-journal"))
