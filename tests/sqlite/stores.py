"""A real store in a folder, with all the ports onto it."""

from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.backends.sqlite.audit_log import SqliteAuditLog
from contctl.backends.sqlite.ci_token_lookup import SqliteCiTokenLookup
from contctl.backends.sqlite.ci_tokens import SqliteCiTokenRepository
from contctl.backends.sqlite.connection import LOCK_TIMEOUT, Database
from contctl.backends.sqlite.everyday import SqliteIdentityLookup
from contctl.backends.sqlite.network import MOUNTS
from contctl.backends.sqlite.sessions import SqliteSessionRepository
from contctl.backends.sqlite.store import SqliteStore
from contctl.backends.sqlite.throttle import SqliteLoginThrottle
from contctl.backends.sqlite.users import SqliteUserRepository
from tests.contracts.stores import ADMIN, ADMIN_GRANT


class SqliteStores(SqliteStore):
    """The store in `folder`, which need not exist yet. lock_timeout: in seconds. mounts: the list
    of mounted file systems."""

    def __init__(
        self, folder: Path, lock_timeout: float = LOCK_TIMEOUT, mounts: Path = MOUNTS
    ) -> None:
        self.database = Database(folder, lock_timeout, mounts)
        super().__init__(self.database, SystemClock())
        self.users = SqliteUserRepository(self.database)
        self.sessions = SqliteSessionRepository(self.database)
        self.identities = SqliteIdentityLookup(self.database)
        self.ci_tokens = SqliteCiTokenRepository(self.database)
        self.ci_token_lookup = SqliteCiTokenLookup(self.database)
        self.throttle = SqliteLoginThrottle(self.database)
        self.audit_keys = SigningKeyFile(self.database.folder / "keys", SystemClock(), "audit.json")
        self.audit = SqliteAuditLog(self.database, self.audit_keys)

    def create_with_admin(self) -> str:
        """Make the store with ADMIN and return its identity."""
        return self.create(ADMIN, "hash-admin", ADMIN_GRANT)


def created(folder: Path, lock_timeout: float = LOCK_TIMEOUT) -> SqliteStores:
    """A new store in `folder`, with ADMIN."""
    stores = SqliteStores(folder, lock_timeout)
    stores.create_with_admin()
    return stores
