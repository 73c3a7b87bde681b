"""The migrations make what the tables declare, in one transaction."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from contctl.backends.sqlite.connection import APPLICATION_ID, SCHEMA_VERSION
from contctl.backends.sqlite.migrations import upgrade
from contctl.backends.sqlite.tables import Table
from contctl.backends.sqlite.transactions import begin_explicitly
from tests.sqlite.stores import created
from tests.sqlite.uses import ENTRY

BOOKKEEPING = "alembic_version"


def engine_at(path: Path) -> Engine:
    """An engine on a file, which may be new, that begins transactions as contctl's does."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None))
    begin_explicitly(engine)
    return engine


def schema(connection: Connection) -> dict[str, object]:
    """All tables and indexes by their names: columns, keys, indexed columns."""
    found = connection.execute(
        text("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != :name"),
        {"name": BOOKKEEPING},
    )
    return {
        row.name: (
            {column[1:] for column in facts(connection, "table_xinfo", row.name)},
            facts(connection, "foreign_key_list", row.name),
            "AUTOINCREMENT" in row.sql,
        )
        if row.type == "table"
        else (facts(connection, "index_xinfo", row.name), row.sql.partition("WHERE")[2])
        for row in found
    }


def facts(connection: Connection, name: str, of: str) -> list[tuple[object, ...]]:
    """The rows of a pragma that takes an argument."""
    rows = connection.execute(text(f"SELECT * FROM pragma_{name}(:of)"), {"of": of})
    return [tuple(row) for row in rows]


def pragma(connection: Connection, name: str) -> object:
    """The value of a pragma."""
    return connection.execute(text(f"PRAGMA {name}")).scalar_one()


def test_the_migrations_make_the_declared_tables(tmp_path: Path) -> None:
    with engine_at(tmp_path / "migrated").begin() as connection:
        upgrade(connection)
        migrated = schema(connection)
        differences = compare_metadata(MigrationContext.configure(connection), Table.metadata)
    with engine_at(tmp_path / "declared").begin() as connection:
        Table.metadata.create_all(connection)
        declared = schema(connection)
    assert migrated == declared
    assert differences == []


def test_the_migrations_end_at_the_version_that_is_read(tmp_path: Path) -> None:
    with engine_at(tmp_path / "migrated").begin() as connection:
        upgrade(connection)
        assert pragma(connection, "user_version") == SCHEMA_VERSION
        assert pragma(connection, "application_id") == APPLICATION_ID


@pytest.mark.parametrize("begin", [Engine.begin, Engine.connect], ids=["callers", "alembics"])
def test_a_migration_that_fails_in_a_transaction_leaves_nothing(
    tmp_path: Path, begin: Callable[[Engine], AbstractContextManager[Connection]]
) -> None:
    engine = engine_at(tmp_path / "database")
    with engine.begin() as connection:
        # In the way of the last table of the first revision.
        connection.execute(text("CREATE TABLE audit (mine)"))
    before = (tmp_path / "database").read_bytes()
    with pytest.raises(OperationalError), begin(engine) as connection:
        upgrade(connection)
    with engine.begin() as connection:
        assert schema(connection).keys() == {"audit"}
        assert pragma(connection, "user_version") == 0
        assert pragma(connection, "application_id") == 0
    assert (tmp_path / "database").read_bytes() == before


def test_a_migration_that_is_rolled_back_leaves_nothing(tmp_path: Path) -> None:
    engine = engine_at(tmp_path / "database")
    with engine.connect() as connection:
        transaction = connection.begin()
        upgrade(connection)
        transaction.rollback()
        assert schema(connection) == {}
        assert pragma(connection, "user_version") == 0
        assert pragma(connection, "application_id") == 0


def test_connections_are_configured(folder: Path) -> None:
    stores = created(folder)
    with stores.database.reading() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "trusted_schema",
                "busy_timeout",
            )
        }
    assert settings == {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 20_000,
    }


def test_a_whole_store_passes_sqlites_own_check(folder: Path) -> None:
    with created(folder).database.reading() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_audit_numbers_are_never_used_again(folder: Path) -> None:
    stores = created(folder)
    assert [stores.audit.append(ENTRY) for _ in range(2)] == [1, 2]
    with stores.database.writing() as connection:
        connection.execute("DELETE FROM audit")
    assert stores.audit.append(ENTRY) == 3
