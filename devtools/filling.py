"""Filling a store: rows written in bulk, of the same form as those that the services write."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from operator import attrgetter
from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.backends.sqlite.audit_rows import AUDIT_COLUMNS
from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.domain.audit_chain import Chain

USERS = 10_000
GRANTS = 50_000
RECORDS = 1_000_000

# Where dataclasses.astuple copies each value deeply, this takes a third of the time.
_values = attrgetter(*AUDIT_COLUMNS)
_COLUMNS = ("number", *AUDIT_COLUMNS, "mac")
_APPEND = f"INSERT INTO audit ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


def fill(folder: Path, *, users: int, grants: int, records: int) -> None:
    """Add accounts, their grants, and records of the audit log's chain to the store in `folder`."""
    key = SigningKeyFile(folder / "keys", SystemClock(), "audit.json").load()
    with closing(sqlite3.connect(folder / "contctl.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO users (id, name, password_hash, enabled, created_at)"
            " VALUES (?, ?, '', 1, 0)",
            ((f"{number:032x}", f"user-{number}") for number in range(users)),
        )
        connection.executemany(
            "INSERT INTO grants (id, user_id, role, created_at, names, labels)"
            " VALUES (?, ?, 'operator', 0, ?, ?)",
            (_grant(number, users) for number in range(grants)),
        )
        (authority,) = connection.execute("SELECT identity FROM store").fetchone()
        last, head = connection.execute("SELECT max(number), mac FROM audit").fetchone()
        chain = Chain(key.keys[key.current], authority)
        connection.executemany(_APPEND, _records(chain, last, head, records, users))


def _grant(number: int, users: int) -> tuple[str, str, str, str]:
    names, labels = [f"team-{number}-*"], [["team", str(number)]]
    user = f"{number % users:032x}"
    return f"{number:016x}", user, json.dumps(names), json.dumps(labels)


def _records(
    chain: Chain, last: int, head: bytes, count: int, users: int
) -> Iterator[tuple[object, ...]]:
    for number in range(last + 1, last + 1 + count):
        entry = AuditEntry(
            at=number,
            phase=Phase.OUTCOME,
            action="container:stop",
            uid=1000,
            user_id=f"{number % users:032x}",
            user=f"user-{number % users}",
            session_id=f"{number:032x}",
            target=f"{number:064x}",
            target_name=f"web-{number}",
            intent=number - 1,
            result="ok",
        )
        values = (number, *_values(entry))
        head = chain.record(head, values)
        yield (*values, head)
