"""Copies of the database, made by SQLite's backup API (https://sqlite.org/backup.html)."""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from contctl.backends import files
from contctl.backends.sqlite.connection import Database, open_connection
from contctl.backends.sqlite.errors import translated
from contctl.backends.sqlite.examination import fault_in
from contctl.core.errors import ContctlError, ErrorCode


def back_up(database: Database, path: Path) -> None:
    """Copy the store into a new private file, while others go on using it.

    ContctlError CONFLICT where something is at `path` already. STORE where others could exchange
    the file, for the store as `Database.connect`, and where the copy cannot be written or is not
    whole. Then there is no file; nor is one before it is whole, even if the process is killed.
    """
    if os.path.lexists(path):
        raise _taken(path)
    _refuse_own_name(database, path)
    files.check_no_one_else_may_exchange(path)
    target = Path(os.path.realpath(path.parent), path.name)
    draft = target.with_name(f".contctl-{secrets.token_hex(8)}.new")
    with closing(database.connect()) as source:
        write_copy(source, draft, target)
    try:
        if not files.name_once(draft, target):
            raise _taken(path)
    except ContctlError:
        files.remove(draft)
        raise


def _refuse_own_name(database: Database, path: Path) -> None:
    own = os.path.realpath(path.parent) == os.path.realpath(database.folder)
    # SQLite takes a file such as contctl.db-journal for a part of the database.
    if own and path.name.startswith((database.path.name, database.draft.name)):
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a place for a backup: {path}",
            hint="name a file outside contctl's own folder",
        )


def _taken(path: Path) -> ContctlError:
    return ContctlError(
        ErrorCode.CONFLICT,
        f"there is a file {path} already",
        hint="a backup never replaces a file; name a new one",
    )


def write_copy(source: sqlite3.Connection, path: Path, shown: Path) -> None:
    """Write the state that `source` sees into a new file, check it, and wait for the disk. No file
    is left where that fails; ContctlError STORE. shown: the name that the file will have."""
    files.create_empty(path, shown)
    try:
        with translated(shown, what="the copy"):
            _copy(source, path)
            _check(source, path, shown)
        files.sync(path)
    except BaseException:
        files.remove(path)
        raise


def _copy(source: sqlite3.Connection, path: Path) -> None:
    # With a lock of its own the backup waits for no other process: it would do so without an end.
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    with closing(open_connection(path, 0)) as target:
        # A copy that is cut off is deleted, so it needs no journal.
        target.execute("PRAGMA journal_mode = OFF").close()
        target.execute("PRAGMA synchronous = OFF").close()
        # Between the steps, and only then, Python heeds an interrupt.
        source.backup(target, pages=1024, progress=lambda *_: None)
    source.execute("COMMIT")


def _check(source: sqlite3.Connection, path: Path, shown: Path) -> None:
    with closing(open_connection(path, 0)) as copy:
        fault = fault_in(copy)
        for name in ("application_id", "user_version"):
            if _pragma(copy, name) != _pragma(source, name):
                fault = fault or f"its {name} is another"
    if fault is not None:
        raise ContctlError(
            ErrorCode.STORE,
            f"the copy {shown} is not whole: {fault}",
            hint="run 'contctl store check'",
            details={"reason": "damaged"},
        )


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]
