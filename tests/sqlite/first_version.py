"""Stores as the first contctl made them, at version 1 of the schema."""

from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from contctl.backends import files
from contctl.backends.sqlite.connection import open_connection
from contctl.backends.sqlite.migrations import upgrade
from contctl.backends.sqlite.transactions import begin_explicitly
from tests.contracts.stores import ADMIN, ADMIN_GRANT, LIFETIMES, NOW
from tests.sqlite.stores import SqliteStores

_RECORD = """
INSERT INTO audit (at, phase, action, uid, user_id, user, session_id, target, target_name, intent,
                   result, detail)
VALUES (?, ?, 'container:stop', 0, ?, 'root', 'one', 'target', 'name', ?, 'ok', 'detail é')
"""


def first_version(folder: Path, records: int = 0) -> SqliteStores:
    """A store of version 1 in `folder`: ADMIN, the sessions `one` and `over`, and a log of
    `records`."""
    stores = SqliteStores(folder)
    path = stores.database.path
    files.ensure_folder(stores.database.marker.parent)
    files.create_empty(path)
    engine = create_engine(
        "sqlite://", creator=lambda: open_connection(path, 5), poolclass=NullPool
    )
    begin_explicitly(engine)
    identity = str(uuid4())
    with engine.begin() as connection:
        upgrade(connection, "0001")
        fill = connection.exec_driver_sql
        fill("INSERT INTO store VALUES (?, ?)", (identity, NOW))
        fill("INSERT INTO users VALUES (?, ?, 'hash-admin', 1, ?)", (ADMIN.id, ADMIN.name, NOW))
        fill(
            "INSERT INTO grants VALUES (?, ?, 'admin', ?, '[]', '[]', NULL)",
            (ADMIN_GRANT.id, ADMIN.id, NOW),
        )
        for session_id, revoked_at in (("one", None), ("over", NOW + 5)):
            ends_at = NOW + LIFETIMES.absolute
            fill(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, 1, 0, 'key-1', ?, ?, ?, ?)",
                (session_id, ADMIN.id, NOW, ends_at, NOW, ends_at, ends_at, revoked_at),
            )
        for number in range(records):
            phase, intent = ("intent", None) if number % 2 == 0 else ("outcome", number)
            fill(_RECORD, (NOW + number, phase, ADMIN.id, intent))
    files.create_private(stores.database.marker, identity.encode("ascii"))
    return stores
