"""The database file: where it lies, and how a connection to it is opened."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from contctl.backends import files
from contctl.backends.sqlite.errors import RECOVERY, damaged, locked, translated
from contctl.backends.sqlite.network import MOUNTS, refuse_network_filesystem
from contctl.backends.sqlite.turns import Turns
from contctl.core.errors import ContctlError, ErrorCode

APPLICATION_ID = 0x63746C31
"""`PRAGMA application_id` of every store: "ctl1" in ASCII."""

REVISIONS = {1: "0001", 2: "0002"}
"""Every version of the schema that there was: `PRAGMA user_version`, and Alembic's name for it."""

SCHEMA_VERSION = max(REVISIONS)
"""The newest version, the only one that this contctl reads."""

# One statement sees one state, also where another process migrates the store at this moment.
_VERSIONS = """
SELECT p.user_version, a.version_num
FROM pragma_user_version AS p LEFT JOIN alembic_version AS a LIMIT 2
"""

LOCK_TIMEOUT = 20.0
"""Seconds for which a transaction waits for another process's."""


class Database:
    """The database of one data folder. Holds nothing open, so every thread may use it.

    folder: the data folder.  lock_timeout: seconds to wait for another transaction.  mounts: the
    list of mounted file systems, as the kernel gives it.
    """

    def __init__(
        self, folder: Path, lock_timeout: float = LOCK_TIMEOUT, mounts: Path = MOUNTS
    ) -> None:
        self.folder = folder.absolute()
        self.lock_timeout = lock_timeout
        self.mounts = mounts
        self._turns = Turns()
        self.path = self.folder / "contctl.db"
        self.draft = self.folder / ".contctl.db.new"
        # Beside the signing keys, so that whoever deletes the database does not open `init` again.
        self.marker = self.folder / "keys" / "initialised"

    def connect(self) -> sqlite3.Connection:
        """A new connection in autocommit mode to a whole store of this version.

        ContctlError STORE otherwise, and the file is left untouched: `absent` where nothing was
        ever initialised, `vanished` where the database of an initialised store is gone,
        `not-private`, `network`, `damaged`, `newer`, `older`, `locked`.
        """
        self.check_place()
        connection = open_connection(self.path, self.lock_timeout)
        try:
            with translated(self.path):
                self.check_version(connection)
                configure(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def check_place(self) -> None:
        """Refuse a folder, a database or a marker that is not there, not private, or on a network
        file system; ContctlError STORE as `connect`."""
        if not os.path.lexists(self.folder):
            raise _absent(self.folder)
        files.check_folder(self.folder)
        refuse_network_filesystem(self.folder, self.mounts)
        if os.path.lexists(self.marker.parent):
            files.check_inner_folder(self.marker.parent)
        if os.path.lexists(self.marker):
            files.check_file(self.marker)
        if not os.path.lexists(self.path):
            self._finish_creation()
        files.check_file(self.path)

    def version_of(self, connection: sqlite3.Connection) -> int:
        """The version of a whole store, maybe an older one; ContctlError STORE, reasons `damaged`
        and `newer`, for anything else."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise damaged(self.path, "is not a database of contctl's")
        rows = connection.execute(_VERSIONS).fetchall()
        version, revision = rows[0] if len(rows) == 1 else (rows[0][0], None)
        if version > SCHEMA_VERSION or (revision and revision not in REVISIONS.values()):
            label = version if version > SCHEMA_VERSION else repr(revision)[:40]
            raise self._other_version("newer", label, "upgrade contctl")
        if revision != REVISIONS.get(version, ""):
            raise damaged(self.path, f"says two versions of itself: {version} and {revision!r}")
        return int(version)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One transaction that sees a single state of the store. While it lasts it locks out every
        writer, so nothing may be printed in it."""
        with self._transaction("BEGIN", writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that excludes all other writers, committed durably at the end."""
        # IMMEDIATE: a transaction that read first and wrote later could lose against another
        # (https://sqlite.org/lang_transaction.html).
        with self._transaction("BEGIN IMMEDIATE", writes=True) as connection:
            yield connection

    @contextmanager
    def turn(self, *, writes: bool) -> Iterator[None]:
        """A context for one transaction: that of a writer when no other thread that shares this
        object is in one, that of a reader when no writer is. ContctlError STORE, reason `locked`,
        where the others take longer than the lock timeout."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._turns.take(self.lock_timeout, alone=writes))
            except TimeoutError:
                raise locked(self.path) from None
            yield

    @contextmanager
    def _transaction(self, begin: str, *, writes: bool) -> Iterator[sqlite3.Connection]:
        with self.turn(writes=writes):
            connection = self.connect()
            try:
                with translated(self.path):
                    connection.execute(begin)
                    yield connection
                    connection.execute("COMMIT")
            finally:
                # Closing rolls back what was not committed.
                connection.close()

    def _finish_creation(self) -> None:
        """Put a database in place whose creation was cut off after its commit, the marker."""
        if not os.path.lexists(self.marker):
            raise _absent(self.folder)
        with files.exclusive(self.folder, self.lock_timeout):
            if os.path.lexists(self.path):
                return
            if not os.path.lexists(self.draft):
                raise _vanished(self.path)
            files.move(self.draft, self.path)

    def check_version(self, connection: sqlite3.Connection) -> None:
        """Refuse what is no whole store of this version: `damaged`, `newer`, `older`."""
        version = self.version_of(connection)
        if version < SCHEMA_VERSION:
            raise self._other_version(
                "older",
                version,
                "run 'contctl store check --migrate'"
                " (or any account command such as 'contctl login')",
            )

    def _other_version(self, reason: str, version: int | str, hint: str) -> ContctlError:
        return ContctlError(
            ErrorCode.STORE,
            f"the store {self.path} is {reason} than this contctl: "
            f"its version is {version}, and {SCHEMA_VERSION} is needed",
            hint=hint,
            details={"reason": reason},
        )


def open_connection(path: Path, lock_timeout: float) -> sqlite3.Connection:
    """A bare connection in autocommit mode to an existing file; it never makes one."""
    with translated(path):
        # mode=rw, or a missing file would become an empty database (https://sqlite.org/uri.html).
        return sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, timeout=lock_timeout, isolation_level=None
        )


def configure(connection: sqlite3.Connection) -> None:
    """Set what SQLite keeps for a connection only."""
    # EXTRA also syncs the folder after the journal is deleted, which is what commits a transaction
    # (https://sqlite.org/pragma.html#pragma_synchronous).
    for setting in (
        "journal_mode = DELETE",
        "synchronous = EXTRA",
        "foreign_keys = ON",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {setting}").close()


def _absent(folder: Path) -> ContctlError:
    return ContctlError(
        ErrorCode.STORE,
        f"there is no user database in {folder}",
        hint="run 'contctl init' to make one",
        details={"reason": "absent"},
    )


def _vanished(path: Path) -> ContctlError:
    return ContctlError(
        ErrorCode.STORE,
        f"the store {path} has vanished: it was initialised, and its database is gone",
        hint=RECOVERY,
        details={"reason": "vanished"},
    )
