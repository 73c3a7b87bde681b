"""Transactions through SQLAlchemy, for whatever is not an everyday command."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import translated


class Transactions:
    """Transactions on one database, each with a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._turn = database.turn
        # A connection arrives checked and configured, and none outlives its transaction.
        self._engine = create_engine(
            "sqlite://", creator=database.connect, poolclass=NullPool, hide_parameters=True
        )
        begin_explicitly(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that sees a single state of the store; keep it short."""
        with (
            self._turn(writes=False),
            translated(self._path, SQLAlchemyError),
            Session(self._engine) as session,
        ):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that excludes all other writers; committed at the end, rolled back if
        anything is raised."""
        engine = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        with (
            self._turn(writes=True),
            translated(self._path, SQLAlchemyError),
            Session(engine) as session,
            session.begin(),
        ):
            yield session


def begin_explicitly(engine: Engine) -> None:
    """Let SQLAlchemy begin transactions, for the driver leaves SELECT and DDL outside of them; the
    execution option `sqlite_begin` says how (SQLAlchemy, "Enabling Non-Legacy SQLite Transactional
    Modes with the sqlite3 or aiosqlite driver")."""
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
