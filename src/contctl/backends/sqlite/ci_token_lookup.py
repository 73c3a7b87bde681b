"""Whose a CI token is, in plain SQL like all that an everyday command asks (see `everyday`)."""

from contctl.backends.sqlite.ci_token_rows import to_ci_token
from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.everyday import GRANTS_OF
from contctl.backends.sqlite.rows import text, to_grant, to_user
from contctl.core.domain.ci_tokens import TokenHolder

_FIND = """
SELECT u.id, u.name, u.enabled, u.created_at, t.digest,
       t.id, t.user_id, t.name, t.role, t.created_at, t.expires_at, t.names, t.labels, t.engine,
       t.revoked_at
FROM ci_tokens AS t JOIN users AS u ON u.id = t.user_id
WHERE t.id = ?
"""


class SqliteCiTokenLookup:
    """CiTokenLookup in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, token_id: str) -> TokenHolder | None:
        """Token, owner and grants as they are now; None for an unknown id."""
        if not token_id.isascii():
            return None
        with self._database.reading() as connection:
            row = connection.execute(_FIND, (token_id,)).fetchone()
            if row is None:
                return None
            grants = connection.execute(GRANTS_OF, (row[0],)).fetchall()
        try:
            return TokenHolder(
                to_user(*row[:4]),
                to_ci_token(*row[5:]),
                text(row[4]),
                tuple(to_grant(*grant) for grant in grants),
            )
        except (ValueError, TypeError):
            raise damaged(self._database.path, "has a grant or a token that is none") from None
