"""Databases that are gone, damaged, another program's or another version's."""

import os
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from contctl.backends.sqlite.connection import APPLICATION_ID, REVISIONS, SCHEMA_VERSION
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import ADMIN, session_of
from tests.sqlite.stores import created
from tests.sqlite.uses import ENTRY, TOKEN, USES, refusal


def test_a_vanished_database_is_an_error_and_no_fresh_start(folder: Path) -> None:
    stores = created(folder)
    stores.database.path.unlink()
    for use in USES:
        error = refusal(partial(use, stores))
        assert error.reason == "vanished"
        assert "vanished" in error.message
        assert "README" in (error.hint or "")
    with pytest.raises(ContctlError) as caught:
        stores.create_with_admin()
    assert caught.value.code is ErrorCode.CONFLICT
    assert "README" in (caught.value.hint or "")
    assert not stores.database.path.exists()


def test_a_store_without_users_is_not_initialised_again(folder: Path) -> None:
    stores = created(folder)
    with stores.database.writing() as connection:
        connection.execute("DELETE FROM users")
    stores.database.marker.unlink()
    with pytest.raises(ContctlError) as caught:
        stores.create_with_admin()
    assert caught.value.code is ErrorCode.CONFLICT


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(8192))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _first_bytes(path: Path) -> None:
    os.truncate(path, 50)


def _foreign(path: Path) -> None:
    path.unlink()
    _in_plain_sqlite(path, "CREATE TABLE users (id)", "PRAGMA user_version = 1")
    path.chmod(0o600)


def _foreign_wal(path: Path) -> None:
    path.unlink()
    _in_plain_sqlite(path, "PRAGMA journal_mode = WAL", "CREATE TABLE users (id)")
    path.chmod(0o600)


def _newer(path: Path) -> None:
    _in_plain_sqlite(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")


def _newer_by_alembic(path: Path) -> None:
    _in_plain_sqlite(path, "UPDATE alembic_version SET version_num = '0003'")


def _odd_by_alembic(path: Path) -> None:
    _in_plain_sqlite(path, "UPDATE alembic_version SET version_num = 'a\nb' || char(27)")


def _older(path: Path) -> None:
    _in_plain_sqlite(
        path,
        f"PRAGMA user_version = {SCHEMA_VERSION - 1}",
        f"UPDATE alembic_version SET version_num = '{REVISIONS[SCHEMA_VERSION - 1]}'",
    )


def _of_two_versions(path: Path) -> None:
    _in_plain_sqlite(path, f"PRAGMA user_version = {SCHEMA_VERSION - 1}")


def _of_no_version(path: Path) -> None:
    _in_plain_sqlite(path, "PRAGMA user_version = 0")


def _without_a_revision(path: Path) -> None:
    _in_plain_sqlite(path, "DELETE FROM alembic_version")


def _with_two_revisions(path: Path) -> None:
    _in_plain_sqlite(path, "INSERT INTO alembic_version VALUES ('0001')")


def _without_bookkeeping(path: Path) -> None:
    _in_plain_sqlite(path, "DROP TABLE alembic_version")


def _in_plain_sqlite(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_garbage, "damaged"),
        (_empty, "damaged"),
        (_half, "damaged"),
        (_first_bytes, "damaged"),
        (_foreign, "damaged"),
        (_foreign_wal, "damaged"),
        (_newer, "newer"),
        (_newer_by_alembic, "newer"),
        (_odd_by_alembic, "newer"),
        (_of_two_versions, "damaged"),
        (_of_no_version, "damaged"),
        (_without_a_revision, "damaged"),
        (_with_two_revisions, "damaged"),
        (_without_bookkeeping, "damaged"),
        (_older, "older"),
    ],
)
def test_what_is_no_store_of_this_version_is_left_untouched(
    folder: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    stores = created(folder)
    spoil(stores.database.path)
    before = stores.database.path.read_bytes()
    for use in USES:
        assert refusal(partial(use, stores)).reason == reason
    with pytest.raises(ContctlError):
        stores.create_with_admin()
    assert stores.database.path.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["contctl.db", "keys"]


def test_missing_tables_are_damage(folder: Path) -> None:
    stores = created(folder)
    stores.database.path.unlink()
    _in_plain_sqlite(
        stores.database.path,
        f"PRAGMA application_id = {APPLICATION_ID}",
        f"PRAGMA user_version = {SCHEMA_VERSION}",
    )
    stores.database.path.chmod(0o600)
    for use in USES:
        assert refusal(partial(use, stores)).reason == "damaged"


def test_unknown_words_in_the_tables_are_damage(folder: Path) -> None:
    stores = created(folder)
    stores.sessions.add(session_of(ADMIN, "one"))
    stores.audit.append(ENTRY)
    with stores.database.writing() as connection:
        connection.execute("UPDATE grants SET role = 'superuser'")
        connection.execute("UPDATE audit SET phase = 'maybe'")
    assert refusal(lambda: stores.identities.find(ADMIN.id, "one")).reason == "damaged"
    assert refusal(lambda: stores.users.grants(ADMIN.id)).reason == "damaged"
    assert refusal(lambda: stores.audit.page(0, 1)).reason == "damaged"


def test_a_schema_that_is_not_utf_8_is_damage(folder: Path) -> None:
    stores = created(folder)
    content = stores.database.path.read_bytes()
    spoiled = content.replace(b"CREATE TABLE users (", b"CREATE TABLE users\x8a(")
    assert spoiled != content
    stores.database.path.write_bytes(spoiled)
    for use in USES:
        assert refusal(partial(use, stores)).reason == "damaged"


def test_rows_of_other_types_are_damage(folder: Path, warned: pytest.WarningsRecorder) -> None:
    stores = created(folder)
    stores.audit.append(ENTRY)
    with stores.database.writing() as connection:
        connection.execute("UPDATE audit SET user = x'8a', intent = 'one'")
    assert refusal(lambda: stores.audit.page(0, 1)).reason == "damaged"
    assert not list(warned)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("users", "created_at"),
        ("users", "password_hash"),
        ("grants", "created_at"),
        ("sessions", "created_at"),
        ("sessions", "ends_at"),
        ("sessions", "generation"),
        ("sessions", "issued_at"),
        ("sessions", "access_expires_at"),
        ("sessions", "refresh_expires_at"),
        ("sessions", "key_id"),
        ("ci_tokens", "created_at"),
        ("ci_tokens", "expires_at"),
        ("ci_tokens", "digest"),
    ],
)
@pytest.mark.parametrize("value", ["abc", b"\xff", 10**17])
def test_accounts_of_other_types_are_damage(
    folder: Path, table: str, column: str, value: object, warned: pytest.WarningsRecorder
) -> None:
    stores = created(folder)
    stores.sessions.add(session_of(ADMIN, "one"))
    stores.ci_tokens.add(TOKEN, "digest")
    with stores.database.writing() as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
    for use in (
        lambda: stores.users.get(ADMIN.id),
        lambda: stores.users.page("", 10),
        lambda: stores.users.password_hash(ADMIN.id),
        lambda: stores.sessions.get("one"),
        lambda: stores.sessions.live(ADMIN.id, 0),
        lambda: stores.identities.find(ADMIN.id, "one"),
        lambda: stores.ci_tokens.get(TOKEN.id),
        lambda: stores.ci_token_lookup.find(TOKEN.id),
    ):
        try:
            use()
        except ContctlError as error:
            assert error.reason == "damaged"  # noqa: PT017 - some uses do not see it
    assert not list(warned)


@pytest.mark.parametrize("table", ["users", "grants"])
def test_rows_without_an_id_are_damage(folder: Path, table: str) -> None:
    stores = created(folder)
    path = stores.database.path
    no_constraint = "UPDATE sqlite_master SET sql = replace(sql, 'id VARCHAR NOT NULL', 'id')"
    _in_plain_sqlite(path, "PRAGMA writable_schema = ON", no_constraint)
    _in_plain_sqlite(path, f"UPDATE {table} SET id = NULL")
    assert refusal(lambda: stores.users.page("", 1)).reason == "damaged"
