"""Filling a store: rows written in bulk, of the same form as those that the services write."""

import json
import sqlite3
from pathlib import Path

USERS = 10_000
GRANTS = 50_000
RECORDS = 1_000_000


def fill(path: Path, *, users: int, grants: int, records: int) -> None:
    """Add accounts, their grants and audit records to the store whose database is at `path`."""
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany(
            "INSERT INTO users (id, name, password_hash, enabled, created_at)"
            " VALUES (?, ?, '', 1, 0)",
            ((f"{number:032x}", f"user-{number}") for number in range(users)),
        )
        connection.executemany(
            "INSERT INTO grants (id, user_id, role, created_at, names, labels)"
            " VALUES (?, ?, 'operator', 0, ?, ?)",
            (
                (
                    f"{number:016x}",
                    f"{number % users:032x}",
                    json.dumps([f"team-{number}-*"]),
                    json.dumps([["team", str(number)]]),
                )
                for number in range(grants)
            ),
        )
        connection.executemany(
            "INSERT INTO audit (at, phase, action, uid, user_id, user, session_id, target,"
            " target_name, intent, result, detail)"
            " VALUES (?, 'outcome', 'container:stop', 1000, ?, ?, ?, ?, ?, ?, 'ok', '')",
            (
                (
                    number,
                    f"{number % users:032x}",
                    f"user-{number % users}",
                    f"{number:032x}",
                    f"{number:064x}",
                    f"web-{number}",
                    number,
                )
                for number in range(records)
            ),
        )
    connection.close()
