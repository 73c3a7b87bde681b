"""Looking the database over: SQLite's own checks, and whether it is what contctl made."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields

from contctl.backends.files import read_private
from contctl.backends.sqlite.ci_token_rows import COLUMNS, to_ci_token
from contctl.backends.sqlite.connection import SCHEMA_VERSION, Database, open_connection
from contctl.backends.sqlite.errors import RECOVERY, damaged, translated
from contctl.backends.sqlite.rows import to_grant, to_session, to_user
from contctl.core.answers import Check, Level
from contctl.core.domain.sessions import Session
from contctl.core.errors import ContctlError, ErrorCode


def examine(database: Database) -> tuple[Check, ...]:
    """Every check of the database, also those that failed. Nothing is changed, but that SQLite
    takes back the transaction of a process that died, as for anyone who opens the database."""
    place = _checked("place", lambda: _place(database))
    if place.level is Level.FAILED:
        return (place,)
    with closing(open_connection(database.path, database.lock_timeout)) as connection:

        def check(name: str, ask: Callable[[Database, sqlite3.Connection], str]) -> Check:
            def translated_ask() -> str:
                with translated(database.path):
                    return ask(database, connection)

            return _checked(name, translated_ask)

        version = check("version", _version)
        # What tables another version has is not known here.
        schema = [check("schema", _schema)] if version.level is Level.OK else []
        whole = any(each.level is Level.OK for each in schema)
        rows = [check("rows", _rows)] if whole else []
        return (
            place,
            version,
            check("integrity", _integrity),
            check("references", _references),
            *schema,
            *rows,
            check("marker", _marker),
        )


def fault_in(connection: sqlite3.Connection) -> str | None:
    """The first thing that SQLite's integrity check finds wrong
    (https://sqlite.org/pragma.html#pragma_integrity_check); None if nothing."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if found == "ok" else str(found).splitlines()[-1]


def dangling_reference_in(connection: sqlite3.Connection) -> str | None:
    """A table that has a row which refers to a row that is not there, and to which; None if no
    table has."""
    row = connection.execute("PRAGMA foreign_key_check").fetchone()
    return None if row is None else f"{row[0]} refers to {row[2]} that are not there"


_READERS: tuple[tuple[str, str, Callable[..., object]], ...] = (
    ("users", "id, name, enabled, created_at", to_user),
    ("grants", "id, role, created_at, names, labels, engine", to_grant),
    (
        "sessions",
        ", ".join(field.name for field in fields(Session)),
        lambda *values: to_session(values),
    ),
    ("ci_tokens", ", ".join(COLUMNS), to_ci_token),
)


def _place(database: Database) -> str:
    database.check_place()
    return f"{database.path} is private, and on no network file system"


def _version(database: Database, connection: sqlite3.Connection) -> str:
    database.check_version(connection)
    return f"{SCHEMA_VERSION}, the one of this contctl"


def _integrity(database: Database, connection: sqlite3.Connection) -> str:
    fault = fault_in(connection)
    if fault is not None:
        raise damaged(database.path, f"is damaged: {fault}")
    return "sound by SQLite's own check"


def _references(database: Database, connection: sqlite3.Connection) -> str:
    fault = dangling_reference_in(connection)
    if fault is not None:
        raise damaged(database.path, f"is damaged: {fault}")
    return "every row refers to rows that are there"


def _schema(database: Database, connection: sqlite3.Connection) -> str:
    from contctl.backends.sqlite.schema import refuse_other_schema

    refuse_other_schema(database.path, connection)
    return "as this contctl declares it"


def _rows(database: Database, connection: sqlite3.Connection) -> str:
    count = 0
    for table, columns, read in _READERS:
        for row in connection.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608 - constants
            try:
                read(*row)
            except (ValueError, TypeError):
                what = f"has a row of {table} that is none"
                raise damaged(database.path, what) from None
            count += 1
    return f"{count} accounts, grants, sessions and CI tokens can be read"


def _marker(database: Database, connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT identity FROM store").fetchone()
    identity = "" if row is None else str(row[0])
    if not os.path.lexists(database.marker):
        raise ContctlError(
            ErrorCode.STORE, f"there is no {database.marker}", hint="restore keys/ from a backup"
        )
    if read_private(database.marker) != identity.encode("utf-8", "backslashreplace"):
        raise ContctlError(ErrorCode.STORE, f"{database.marker} is another store's", hint=RECOVERY)
    return f"authority {identity}"


def _checked(name: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(name, Level.OK, ask())
    except ContctlError as error:
        return Check(name, Level.FAILED, error.message, error.hint)
