"""Ports of this machine with cheap hashes."""

from functools import cached_property
from pathlib import Path

from contctl.backends.argon2 import Argon2Hasher
from contctl.backends.sqlite.connection import Database
from contctl.bootstrap.ports import SystemPorts
from contctl.core.ports import PasswordHasher
from tests.fakes.clock import FakeClock


class CheapPorts(SystemPorts):
    """A real store in `home` that waits long for its turn, and real hashes of 16 MiB and half of
    the time, so that the rest of the work is seen too."""

    def __init__(self, home: Path, clock: FakeClock) -> None:
        environ = {"CONTCTL_HOME": str(home), "CONTCTL_CREDENTIAL_STORE": "file"}
        super().__init__(environ, clock, context=None, interactive=False)

    @cached_property
    def _database(self) -> Database:
        return Database(self.places.data, lock_timeout=60)

    @cached_property
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher(memory_cost=16384, time_cost=2, parallelism=1)
