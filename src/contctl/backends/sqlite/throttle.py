"""Failed logins."""

from sqlmodel import col, delete, insert

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.tables import LoginFailureRow
from contctl.backends.sqlite.transactions import Transactions
from contctl.core.domain.throttle import FORGOTTEN_AFTER, Failures, attempt, bounded


class SqliteLoginThrottle:
    """LoginThrottle in the database. Odd and long names are kept as digests."""

    def __init__(self, database: Database) -> None:
        self._transactions = Transactions(database)

    def attempt(self, account: str, peer: str, now: int) -> bool:
        """Count an attempt, and say whether it may be judged; what is older than a day goes."""
        key = {"account": bounded(account), "peer": bounded(peer)}
        forgotten = col(LoginFailureRow.last_at) <= now - FORGOTTEN_AFTER
        with self._transactions.writing() as database:
            database.exec(delete(LoginFailureRow).where(forgotten))
            row = database.get(LoginFailureRow, key)
            before = None if row is None else Failures(row.failures, row.last_at)
            may, after = attempt(before, now)
            # An attempt that changes nothing has to be written too, which `row` would not be.
            database.exec(
                insert(LoginFailureRow)
                .prefix_with("OR REPLACE")
                .values(**key, failures=after.count, last_at=after.last_at)
            )
        return may

    def clear(self, account: str, peer: str) -> None:
        """Forget the failures of an account from one peer."""
        with self._transactions.writing() as database:
            database.exec(
                delete(LoginFailureRow).where(
                    col(LoginFailureRow.account) == bounded(account),
                    col(LoginFailureRow.peer) == bounded(peer),
                )
            )

    def clear_account(self, account: str) -> None:
        """Forget the failures of an account from everywhere."""
        with self._transactions.writing() as database:
            database.exec(
                delete(LoginFailureRow).where(col(LoginFailureRow.account) == bounded(account))
            )
