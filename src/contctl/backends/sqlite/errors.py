"""Errors of SQLite, SQLAlchemy and Alembic, translated in one place into ContctlError STORE.

No message carries SQL, parameters or values: they may be password hashes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contctl.core.errors import ContctlError, ErrorCode

RECOVERY = "see 'Starting over' in the README, or restore a backup"

# Primary result codes (https://sqlite.org/rescode.html): reason, what is wrong, hint.
_KINDS: dict[int, tuple[str, str, str | None]] = {
    sqlite3.SQLITE_BUSY: ("locked", "it is locked by another process", "try again"),
    sqlite3.SQLITE_LOCKED: ("locked", "it is locked by another process", "try again"),
    sqlite3.SQLITE_READONLY: ("read-only", "it cannot be written", None),
    sqlite3.SQLITE_PERM: ("read-only", "it cannot be written", None),
    sqlite3.SQLITE_FULL: ("full", "the disk is full", None),
    sqlite3.SQLITE_CORRUPT: ("damaged", "it is damaged", RECOVERY),
    sqlite3.SQLITE_NOTADB: ("damaged", "it is not a database", RECOVERY),
    sqlite3.SQLITE_ERROR: ("damaged", "its tables are not those of contctl", RECOVERY),
}


@contextmanager
def translated(path: Path, *foreign: type[Exception], what: str = "the store") -> Iterator[None]:
    """Turn errors of SQLite about the database at `path`, and those in `foreign` that wrap them,
    into ContctlError STORE; the reasons are `locked`, `read-only`, `full` and `damaged`. what: the
    words for that database."""
    kinds: tuple[type[Exception], ...] = (sqlite3.Error, *foreign)
    try:
        yield
    except kinds as error:
        # Not chained: a traceback would show the statement and its parameters.
        raise _store_error(path, error, what) from None
    except UnicodeDecodeError:
        # The driver's own, for damage that turned text into what is none.
        raise damaged(path, "holds text that is not UTF-8") from None


def damaged(path: Path, what: str) -> ContctlError:
    """The error for a database whose content makes no sense; `what` completes "the store …"."""
    return ContctlError(
        ErrorCode.STORE,
        f"the store {path} {what}",
        hint=RECOVERY,
        details={"reason": "damaged"},
    )


def locked(path: Path) -> ContctlError:
    """The error for a database that others keep for too long."""
    reason, what, hint = _KINDS[sqlite3.SQLITE_BUSY]
    return ContctlError(
        ErrorCode.STORE, f"the store {path}: {what}", hint=hint, details={"reason": reason}
    )


def _store_error(path: Path, error: Exception, called: str) -> ContctlError:
    # SQLAlchemy keeps the driver's error as `orig` (sqlalchemy.exc.DBAPIError).
    cause = getattr(error, "orig", None) or error
    # The lowest byte of an extended result code is its primary one; errors of Python's own have
    # none.
    kind = _KINDS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    if kind is None:
        name = getattr(cause, "sqlite_errorname", type(cause).__name__)
        return ContctlError(ErrorCode.STORE, f"{called} {path} failed: {name}")
    reason, what, hint = kind
    return ContctlError(
        ErrorCode.STORE, f"{called} {path}: {what}", hint=hint, details={"reason": reason}
    )
