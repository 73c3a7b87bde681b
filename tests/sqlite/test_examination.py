"""What `examine` finds."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from contctl.core.answers import Check, Level
from tests.contracts.stores import ADMIN
from tests.sqlite.processes import run_unprivileged
from tests.sqlite.stores import SqliteStores, created


def failed(stores: SqliteStores) -> dict[str, Check]:
    """The checks that failed, by name; the database is left as it is."""
    path = stores.database.path
    before = path.read_bytes() if path.is_file() else None
    found = {check.name: check for check in stores.examine() if check.level is Level.FAILED}
    assert before is None or path.read_bytes() == before
    assert all(check.detail.isprintable() for check in found.values())
    return found


def spoil(stores: SqliteStores, *statements: str) -> None:
    """Change the database past contctl."""
    with closing(sqlite3.connect(stores.database.path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


WRONG_ROOT = (
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
    " WHERE name = 'sqlite_autoindex_grants_1') WHERE name = 'sqlite_autoindex_users_2'",
)


@pytest.mark.parametrize(
    ("statements", "names"),
    [
        (("PRAGMA user_version = 9",), {"version"}),
        (("PRAGMA application_id = 1",), {"version"}),
        (("DELETE FROM users",), {"references"}),
        (("CREATE TABLE mine (id)",), {"schema"}),
        (("CREATE VIEW mine AS SELECT 1",), {"schema"}),
        (("DROP INDEX ix_grants_user_id",), {"schema"}),
        (("ALTER TABLE users DROP COLUMN enabled",), {"schema"}),
        (("CREATE TRIGGER sly AFTER INSERT ON audit BEGIN DELETE FROM audit; END",), {"schema"}),
        (("UPDATE store SET identity = 'another'",), {"marker"}),
        (("DELETE FROM store",), {"marker"}),
        (WRONG_ROOT, {"integrity"}),
        (("UPDATE users SET created_at = 'abc'",), {"rows"}),
        (("UPDATE grants SET role = 'god'",), {"rows"}),
        (("UPDATE grants SET names = '{'",), {"rows"}),
    ],
)
def test_what_is_wrong_with_the_database(
    folder: Path, statements: tuple[str, ...], names: set[str]
) -> None:
    stores = created(folder)
    assert failed(stores) == {}
    spoil(stores, *statements)
    assert set(failed(stores)) == names


def _gone(stores: SqliteStores) -> None:
    stores.database.path.unlink()


def _readable(stores: SqliteStores) -> None:
    stores.database.path.chmod(0o644)


def _empty(stores: SqliteStores) -> None:
    stores.database.path.write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "name", "words"),
    [
        (_gone, "place", "vanished"),
        (_readable, "place", "other users have access"),
        (_empty, "version", "is not a database of contctl's"),
    ],
)
def test_what_is_wrong_with_the_file(
    folder: Path, damage: Callable[[SqliteStores], None], name: str, words: str
) -> None:
    stores = created(folder)
    damage(stores)
    assert words in failed(stores)[name].detail


def test_garbage_is_told_in_words(folder: Path) -> None:
    stores = created(folder)
    stores.database.path.write_bytes(b"garbage " * 1000)
    assert "it is not a database" in failed(stores)["integrity"].detail


def test_a_lost_marker_is_found(folder: Path) -> None:
    stores = created(folder)
    stores.database.marker.unlink()
    assert set(failed(stores)) == {"marker"}
    stores.database.marker.parent.rmdir()
    assert set(failed(stores)) == {"marker"}
    assert stores.users.get(ADMIN.id) == ADMIN


def test_a_read_only_store_can_be_examined(reachable: Path) -> None:
    def examine() -> set[str]:
        stores = created(reachable / "contctl")
        stores.database.path.chmod(0o400)
        stores.database.folder.chmod(0o500)
        try:
            return {check.level.value for check in stores.examine()}
        finally:
            stores.database.folder.chmod(0o700)

    assert run_unprivileged(examine) == {"ok"}
