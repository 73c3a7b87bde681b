"""Users and their grants."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.rows import grant_values, to_grant, to_user
from contctl.backends.sqlite.sessions import revoke_sessions
from contctl.backends.sqlite.tables import GrantRow, UserRow
from contctl.backends.sqlite.transactions import Transactions
from contctl.core.domain.accounts import Account, User
from contctl.core.domain.grants import Grant
from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode

_IS_ADMIN = (
    col(GrantRow.role) == Role.ADMIN.value,
    col(GrantRow.names) == "[]",
    col(GrantRow.labels) == "[]",
    col(GrantRow.engine).is_(None),
)
"""Only an admin of everything counts as one."""


class SqliteUserRepository:
    """UserRepository in the database."""

    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._transactions = Transactions(database)

    def add(self, user: User, password_hash: str, grants: tuple[Grant, ...]) -> None:
        """Keep a new user; CONFLICT if the name is taken."""
        with self._transactions.writing() as session:
            if _by_name(session, user.name) is not None:
                raise ContctlError(ErrorCode.CONFLICT, f"there is a user {user.name} already")
            insert_user(session, user, password_hash, grants)

    def get(self, user_id: str) -> User | None:
        """The user of that id."""
        if not user_id.isascii():
            return None
        with self._transactions.reading() as session:
            row = session.get(UserRow, user_id)
            return None if row is None else self._to_user(row)

    def by_name(self, name: str) -> User | None:
        """The user of that name."""
        if not name.isascii():
            return None
        with self._transactions.reading() as session:
            row = _by_name(session, name)
            return None if row is None else self._to_user(row)

    def page(self, after: str, limit: int) -> tuple[Account, ...]:
        """At most `limit` accounts whose names come after `after`, by name."""
        with self._transactions.reading() as session:
            users = session.exec(
                select(UserRow)
                .where(col(UserRow.name) > after)
                .order_by(col(UserRow.name))
                .limit(limit)
            ).all()
            # What has no id comes as None (SQLAlchemy, "allow_partial_pks").
            if None in users:
                raise damaged(self._path, "has a user without an id")
            held = self._grants(session, [row.id for row in users])
            return tuple(Account(self._to_user(row), tuple(held[row.id])) for row in users)

    def grants(self, user_id: str) -> tuple[Grant, ...]:
        """The grants of a user, the oldest first; none for an unknown one."""
        if not user_id.isascii():
            return ()
        with self._transactions.reading() as session:
            return tuple(self._grants(session, [user_id])[user_id])

    def add_grant(self, user_id: str, grant: Grant) -> None:
        """Give the user a grant; NOT_FOUND for an unknown user."""
        with self._transactions.writing() as session:
            _existing(session, user_id)
            session.add(GrantRow(**grant_values(grant, user_id)))

    def remove_grant(self, user_id: str, grant_id: str) -> None:
        """Take a grant away; NOT_FOUND for an unknown user or grant, CONFLICT with the reason
        `last-admin`, and no change, if that would leave no enabled admin."""
        with self._transactions.writing() as session:
            user = _existing(session, user_id)
            row = session.get(GrantRow, grant_id) if grant_id.isascii() else None
            if row is None or row.user_id != user.id:
                raise ContctlError(ErrorCode.NOT_FOUND, f"{user.name} holds no grant {grant_id}")
            others = [each for each in _admin_grants(session, user.id) if each != grant_id]
            if not others:
                _refuse_last_admin(session, user)
            session.delete(row)

    def password_hash(self, user_id: str) -> str | None:
        """The stored hash; None for an unknown user."""
        if not user_id.isascii():
            return None
        with self._transactions.reading() as session:
            row = session.get(UserRow, user_id)
        if row is None:
            return None
        if not isinstance(row.password_hash, str):
            raise damaged(self._path, "has a password hash that is none")
        return row.password_hash

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the hash of an unchanged password; NOT_FOUND for an unknown user."""
        with self._transactions.writing() as session:
            _existing(session, user_id).password_hash = password_hash

    def change_password(
        self, user_id: str, password_hash: str, now: int, keep_session: str | None
    ) -> None:
        """Replace the hash and end the user's live sessions but `keep_session`, all or nothing;
        NOT_FOUND for an unknown user."""
        with self._transactions.writing() as session:
            _existing(session, user_id).password_hash = password_hash
            revoke_sessions(session, user_id, now, keep_session)

    def set_enabled(self, user_id: str, *, enabled: bool) -> None:
        """NOT_FOUND for an unknown user; CONFLICT with the reason `last-admin`, and no change, if
        that would leave no enabled admin."""
        with self._transactions.writing() as session:
            row = _existing(session, user_id)
            if not enabled:
                _refuse_last_admin(session, row)
            row.enabled = enabled

    def remove(self, user_id: str) -> None:
        """Delete the user, its grants and sessions; otherwise as `set_enabled`."""
        with self._transactions.writing() as session:
            row = _existing(session, user_id)
            _refuse_last_admin(session, row)
            session.delete(row)

    def _to_user(self, row: UserRow) -> User:
        try:
            return to_user(row.id, row.name, row.enabled, row.created_at)
        except TypeError:
            raise damaged(self._path, "has a user that is none") from None

    def _grants(self, session: Session, user_ids: list[str]) -> dict[str, list[Grant]]:
        held: dict[str, list[Grant]] = {user_id: [] for user_id in user_ids}
        rows = session.exec(
            select(GrantRow)
            .where(col(GrantRow.user_id).in_(user_ids))
            .order_by(col(GrantRow.created_at), col(GrantRow.id))
        )
        for row in rows:
            try:
                grant = to_grant(
                    row.id, row.role, row.created_at, row.names, row.labels, row.engine
                )
            except (ValueError, TypeError, AttributeError):
                raise damaged(self._path, "has a grant that is none") from None
            held[row.user_id].append(grant)
        return held


def insert_user(
    session: Session, user: User, password_hash: str, grants: tuple[Grant, ...]
) -> None:
    """Write the rows of a new user in the caller's transaction."""
    session.add(
        UserRow(
            id=user.id,
            name=user.name,
            password_hash=password_hash,
            enabled=user.enabled,
            created_at=user.created_at,
        )
    )
    # Without a relationship SQLAlchemy does not know that the grants have to come second.
    session.flush()
    for grant in grants:
        session.add(GrantRow(**grant_values(grant, user.id)))


def _by_name(session: Session, name: str) -> UserRow | None:
    return session.exec(select(UserRow).where(UserRow.name == name)).one_or_none()


def _existing(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id) if user_id.isascii() else None
    if row is None:
        raise ContctlError(ErrorCode.NOT_FOUND, "there is no such user")
    return row


def _admin_grants(session: Session, user_id: str) -> list[str]:
    return list(session.exec(select(GrantRow.id).where(GrantRow.user_id == user_id, *_IS_ADMIN)))


def _refuse_last_admin(session: Session, row: UserRow) -> None:
    enabled_admins = session.exec(
        select(func.distinct(UserRow.id))
        .join(GrantRow, col(GrantRow.user_id) == col(UserRow.id))
        .where(col(UserRow.enabled), *_IS_ADMIN)
    ).all()
    if list(enabled_admins) == [row.id]:
        raise ContctlError(
            ErrorCode.CONFLICT,
            f"{row.name} is the last enabled admin",
            hint="make another user an admin first",
            details={"reason": "last-admin"},
        )
