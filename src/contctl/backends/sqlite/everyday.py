"""What every command asks of the store, in plain SQL: SQLAlchemy takes longer to import than such a
command may last. The tests hold it to the tables that `tables` declares."""

import json

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.rows import to_grant, to_session, to_user
from contctl.core.domain.identities import Identity

_FIND = """
SELECT u.id, u.name, u.enabled, u.created_at,
       s.id, s.user_id, s.created_at, s.ends_at, s.generation, s.generation_used, s.key_id,
       s.issued_at, s.access_expires_at, s.refresh_expires_at, s.revoked_at
FROM sessions AS s JOIN users AS u ON u.id = s.user_id
WHERE u.id = ? AND s.id = ?
"""
GRANTS_OF = """
SELECT id, role, created_at, names, labels, engine
FROM grants WHERE user_id = ? ORDER BY created_at, id
"""
_LABELS = "SELECT DISTINCT labels FROM grants WHERE labels != '[]'"
_UNUSED = "SELECT 1 FROM sessions WHERE id = ? AND generation = ? AND NOT generation_used"
_MARK_USED = "UPDATE sessions SET generation_used = 1 WHERE id = ? AND generation = ?"


def read_identity(database: Database) -> str:
    """The store's identity; ContctlError STORE as `Database.connect`."""
    with database.reading() as connection:
        row = connection.execute("SELECT identity FROM store").fetchone()
    if row is None:
        raise damaged(database.path, "has no identity")
    return str(row[0])


class SqliteIdentityLookup:
    """IdentityLookup in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, user_id: str, session_id: str) -> Identity | None:
        """User, session and grants as they are now; None if the two ids do not belong together."""
        if not (user_id.isascii() and session_id.isascii()):
            return None
        with self._database.reading() as connection:
            row = connection.execute(_FIND, (user_id, session_id)).fetchone()
            if row is None:
                return None
            grants = connection.execute(GRANTS_OF, (user_id,)).fetchall()
        try:
            return Identity(
                to_user(*row[:4]),
                to_session(row[4:]),
                tuple(to_grant(*grant) for grant in grants),
            )
        except (ValueError, TypeError):
            raise damaged(
                self._database.path, "has a user, session or grant that is none"
            ) from None

    def scope_label_keys(self) -> frozenset[str]:
        """The keys of the labels in the scopes of all grants."""
        with self._database.reading() as connection:
            rows = connection.execute(_LABELS).fetchall()
        try:
            return frozenset(key for (labels,) in rows for key, _ in json.loads(labels))
        except (ValueError, TypeError):
            raise damaged(self._database.path, "has a grant that is none") from None

    def mark_used(self, session_id: str, generation: int) -> None:
        """Note that a token of `generation` was accepted, if that is the current one."""
        if not session_id.isascii():
            return
        which = (session_id, generation)
        # Noted once a generation; asking first spares all other commands the write.
        with self._database.reading() as connection:
            if connection.execute(_UNUSED, which).fetchone() is None:
                return
        with self._database.writing() as connection:
            connection.execute(_MARK_USED, which)
