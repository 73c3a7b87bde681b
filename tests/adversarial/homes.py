"""A machine's home as an attacker of the same user sees it: its tokens, its rows, its clock."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from contctl.bootstrap.ports import SystemPorts
from contctl.core.ports import Clock
from contctl.core.services.embedded import EmbeddedContctl
from tests.e2e.machine import SECONDS, Machine
from tests.fakes.clock import FakeClock


def no_engine(home: Path) -> Machine:
    """A machine without an engine, whose tokens are kept in a file."""
    environ = {
        "CONTCTL_CREDENTIAL_STORE": "file",
        "DOCKER_HOST": f"unix://{home}/no-engine.sock",
        # What an unprivileged process may not write, root's interpreter need not try.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Machine(home, environ)


def database(machine: Machine) -> Path:
    """The user database."""
    return machine.home / "contctl" / "contctl.db"


def credential_file(machine: Machine) -> Path:
    """The file that holds the only credential."""
    (path,) = (machine.home / "contctl" / "credentials").glob("*.json")
    return path


def stored(machine: Machine) -> dict[str, Any]:
    """What the credential file holds: access, refresh, gen."""
    item: dict[str, Any] = json.loads(credential_file(machine).read_bytes())
    return item


@contextmanager
def planted(machine: Machine, content: bytes) -> Iterator[None]:
    """`content` in place of what the credential file holds, which is put back afterwards."""
    path = credential_file(machine)
    good = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(good)


def with_tokens(machine: Machine, **changes: str) -> bytes:
    """The content of the credential file, but for `changes`."""
    return json.dumps({**stored(machine), **changes}).encode("ascii")


def rows(machine: Machine, statement: str) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with closing(sqlite3.connect(database(machine), timeout=SECONDS)) as connection:
        return connection.execute(statement).fetchall()


def accounts(machine: Machine) -> list[list[tuple[Any, ...]]]:
    """Every account with its hash, and every grant."""
    return [rows(machine, f"SELECT * FROM {table} ORDER BY id") for table in ("users", "grants")]


def generations(machine: Machine) -> tuple[int, int]:
    """The generation of the only live session, and the one that the stored tokens have."""
    ((generation,),) = rows(machine, "SELECT generation FROM sessions WHERE revoked_at IS NULL")
    return generation, stored(machine)["gen"]


def in_process(machine: Machine, clock: Clock | None = None) -> EmbeddedContctl:
    """What `machine` runs, in this process, by another clock where one is given."""
    clock = clock or FakeClock(time.time())
    ports = SystemPorts(machine.environment(), clock, context=None, interactive=False)
    return EmbeddedContctl(ports)
