"""The store as a whole. Creating it needs SQLAlchemy and Alembic, asking its name does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.everyday import read_identity
from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from pathlib import Path

    from contctl.core.answers import Check
    from contctl.core.domain.accounts import User
    from contctl.core.domain.grants import Grant
    from contctl.core.domain.store import Upgraded
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

    def upgrade(self) -> Upgraded | None:
        """Bring an older store to this version; None where there is nothing to do, also because
        there is no store, or it is damaged. ContctlError STORE where that fails, and the store is
        as it was."""
        try:
            self._database.connect().close()
        except ContctlError as error:
            if error.reason == "locked":
                raise
            if error.reason != "older":
                return None
        else:
            return None
        from contctl.backends.sqlite.upgrading import upgrade_store

        return upgrade_store(self._database)

    def examine(self) -> tuple[Check, ...]:
        """Every check of the database, also those that failed."""
        from contctl.backends.sqlite.examination import examine

        return examine(self._database)

    def back_up(self, path: Path) -> None:
        """Copy it into the new private file `path`; CONFLICT where something is there."""
        from contctl.backends.sqlite.copying import back_up

        back_up(self._database, path)
