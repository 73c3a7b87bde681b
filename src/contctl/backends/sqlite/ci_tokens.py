"""CI tokens."""

from sqlmodel import col, select

from contctl.backends.sqlite.ci_token_rows import COLUMNS, ci_token_values, to_ci_token
from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.tables import CiTokenRow, UserRow
from contctl.backends.sqlite.transactions import Transactions
from contctl.core.domain.ci_tokens import CiToken
from contctl.core.errors import ContctlError, ErrorCode


class SqliteCiTokenRepository:
    """CiTokenRepository in the database."""

    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._transactions = Transactions(database)

    def add(self, token: CiToken, digest: str) -> None:
        """Keep a new token of an existing user, and its text's digest; NOT_FOUND for an unknown
        user."""
        with self._transactions.writing() as session:
            if session.get(UserRow, token.user_id) is None:
                raise ContctlError(ErrorCode.NOT_FOUND, "there is no such user")
            session.add(CiTokenRow(digest=digest, **ci_token_values(token)))

    def get(self, token_id: str) -> CiToken | None:
        """The token of that id."""
        if not token_id.isascii():
            return None
        with self._transactions.reading() as session:
            row = session.get(CiTokenRow, token_id)
            return None if row is None else self._to_token(row)

    def live(self, user_id: str, now: int) -> tuple[CiToken, ...]:
        """The user's tokens that have neither expired nor been revoked, the oldest first."""
        if not user_id.isascii():
            return ()
        with self._transactions.reading() as session:
            rows = session.exec(
                select(CiTokenRow)
                .where(
                    CiTokenRow.user_id == user_id,
                    col(CiTokenRow.revoked_at).is_(None),
                    col(CiTokenRow.expires_at) > now,
                )
                .order_by(col(CiTokenRow.created_at), col(CiTokenRow.id))
            )
            return tuple(self._to_token(row) for row in rows)

    def revoke(self, token_id: str, now: int) -> None:
        """End a token; one that was revoked keeps its time. An unknown one is no error."""
        if not token_id.isascii():
            return
        with self._transactions.writing() as session:
            row = session.get(CiTokenRow, token_id)
            if row is not None and row.revoked_at is None:
                row.revoked_at = now

    def _to_token(self, row: CiTokenRow) -> CiToken:
        try:
            return to_ci_token(*(getattr(row, name) for name in COLUMNS))
        except (ValueError, TypeError):
            raise damaged(self._path, "has a token that is none") from None
