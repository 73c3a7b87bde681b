"""Sessions."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields

from sqlalchemy import ColumnElement
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, delete, or_, select

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.rows import to_session
from contctl.backends.sqlite.tables import SessionRow, UserRow
from contctl.backends.sqlite.transactions import Transactions
from contctl.core.domain.sessions import Session
from contctl.core.errors import ContctlError, ErrorCode


class SqliteSessionRepository:
    """SessionRepository in the database."""

    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._transactions = Transactions(database)

    def add(self, session: Session) -> None:
        """Keep a new session of an existing user; NOT_FOUND for an unknown one."""
        with self._transactions.writing() as database:
            if database.get(UserRow, session.user_id) is None:
                raise ContctlError(ErrorCode.NOT_FOUND, "there is no such user")
            database.add(SessionRow(**asdict(session)))

    def get(self, session_id: str) -> Session | None:
        """The session of that id."""
        if not session_id.isascii():
            return None
        with self._transactions.reading() as database:
            row = database.get(SessionRow, session_id)
            return None if row is None else self._to_session(row)

    def update(self, session_id: str, change: Callable[[Session], Session]) -> Session | None:
        """Read, apply `change`, write, all in one transaction; the session as it stands afterwards,
        None for an unknown one. What `change` raises passes, and nothing is written."""
        if not session_id.isascii():
            return None
        with self._transactions.writing() as database:
            row = database.get(SessionRow, session_id)
            if row is None:
                return None
            changed = change(self._to_session(row))
            for name, value in asdict(changed).items():
                setattr(row, name, value)
            return changed

    def live(self, user_id: str, now: int) -> tuple[Session, ...]:
        """The user's sessions that are neither revoked nor over, the oldest first."""
        if not user_id.isascii():
            return ()
        with self._transactions.reading() as database:
            return tuple(self._to_session(row) for row in _live(database, user_id, now))

    def revoke_all(self, user_id: str, now: int, keep: str | None) -> int:
        """End the user's live sessions but `keep`; how many that were."""
        if not user_id.isascii():
            return 0
        with self._transactions.writing() as database:
            return revoke_sessions(database, user_id, now, keep)

    def prune(self, before: int) -> int:
        """Delete the sessions that were over or revoked before `before`; how many that were."""
        ended = or_(col(SessionRow.ends_at) < before, col(SessionRow.revoked_at) < before)
        with self._transactions.writing() as database:
            return database.exec(delete(SessionRow).where(ended)).rowcount

    def revoke_everyones(self, now: int) -> int:
        """End all users' live sessions; how many that were."""
        with self._transactions.writing() as database:
            live = database.exec(select(SessionRow).where(*_is_live(now))).all()
            for row in live:
                row.revoked_at = now
            return len(live)

    def keys_in_use(self, now: int) -> frozenset[str]:
        """The ids of the keys that signed the current tokens of all live sessions."""
        with self._transactions.reading() as database:
            keys = database.exec(select(SessionRow.key_id).where(*_is_live(now)).distinct())
            return frozenset(keys)

    def _to_session(self, row: SessionRow) -> Session:
        try:
            return to_session([getattr(row, field.name) for field in fields(Session)])
        except TypeError:
            raise damaged(self._path, "has a session that is none") from None


def revoke_sessions(database: DatabaseSession, user_id: str, now: int, keep: str | None) -> int:
    """End the user's live sessions but `keep` in the caller's transaction; how many that were."""
    ended = [row for row in _live(database, user_id, now) if row.id != keep]
    for row in ended:
        row.revoked_at = now
    return len(ended)


def _live(database: DatabaseSession, user_id: str, now: int) -> Sequence[SessionRow]:
    return database.exec(
        select(SessionRow)
        .where(SessionRow.user_id == user_id, *_is_live(now))
        .order_by(col(SessionRow.created_at), col(SessionRow.id))
    ).all()


def _is_live(now: int) -> tuple[ColumnElement[bool], ...]:
    return (col(SessionRow.revoked_at).is_(None), col(SessionRow.ends_at) > now)
