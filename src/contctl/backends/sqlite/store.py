"""The store as a whole. Creating it needs SQLAlchemy and Alembic, asking its name does not."""

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.everyday import read_identity
from contctl.core.domain.accounts import User
from contctl.core.domain.grants import Grant
from contctl.core.ports import Clock


class SqliteStore:
    """Store in one database file, and a marker beside the signing keys that it was made."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def identity(self) -> str:
        """The authority's id; ContctlError STORE as `Database.connect`."""
        return read_identity(self._database)

    def create(self, admin: User, password_hash: str, grant: Grant) -> str:
        """Make the store with its first admin and return its identity; CONFLICT if there is or ever
        was one."""
        from contctl.backends.sqlite.creation import create_store

        return create_store(self._database, int(self._clock.now()), admin, password_hash, grant)
