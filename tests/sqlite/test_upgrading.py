"""Stores of an older contctl: upgraded whole, or left as they were."""

import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from contctl.backends.sqlite.connection import APPLICATION_ID, SCHEMA_VERSION
from contctl.core.errors import ContctlError
from tests.contracts.stores import ADMIN
from tests.sqlite.first_version import first_version
from tests.sqlite.processes import kill_during, run_apart, run_at_once, run_unprivileged
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.test_unwritable import fill
from tests.sqlite.uses import ENTRY, USES, refusal

RECORDS = 4000
COPY = "contctl.db.v1-backup"
TABLES = {
    "store": "identity, created_at",
    "users": "id, name, password_hash, enabled, created_at",
    "grants": "*",
    "sessions": "*",
    "audit": "number, at, phase, action, uid, user_id, user, session_id, target, target_name,"
    " intent, result, detail",
    "sqlite_sequence": "*",
}
"""What version 1 held."""


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that a store of version 1 holds, and of a newer one that part."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return {
            table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
            for table, columns in TABLES.items()
        }


def version(path: Path) -> int:
    """The version that the file says it has."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def spoil(path: Path, *statements: str) -> None:
    """Change the database past contctl."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_everything_is_kept(folder: Path) -> None:
    stores = first_version(folder, RECORDS)
    before = contents(stores.database.path)
    assert len(before["audit"]) == RECORDS
    for use in USES:
        assert refusal(partial(use, stores)).reason == "older"
    upgraded = stores.upgrade()
    assert upgraded is not None
    assert (upgraded.before, upgraded.after) == (1, SCHEMA_VERSION)
    assert upgraded.copy == str(folder / COPY)
    assert contents(stores.database.path) == before
    assert {check.level.value for check in stores.examine()} == {"ok"}
    for use in USES:
        use(stores)
    last = stores.audit.append(ENTRY)
    assert last == RECORDS + 2
    assert stores.audit.page(RECORDS - 1, 1)[0].entry.token_id == ""


def test_the_store_as_it_was_is_kept_beside_it(folder: Path) -> None:
    stores = first_version(folder, 100)
    before = stores.database.path.read_bytes()
    held = contents(stores.database.path)
    stores.upgrade()
    copy = folder / COPY
    assert contents(copy) == held
    assert version(copy) == 1
    assert copy.stat().st_mode & 0o7777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["contctl.db", COPY, "keys"]
    # Put back, it is what the older contctl left.
    copy.replace(stores.database.path)
    assert len(stores.database.path.read_bytes()) == len(before)
    assert stores.upgrade() is not None
    assert contents(stores.database.path) == held


def test_what_an_earlier_try_left_is_replaced(folder: Path) -> None:
    stores = first_version(folder)
    for name in (COPY, f".{COPY}.new"):
        (folder / name).write_bytes(b"left over")
        (folder / name).chmod(0o644)
    stores.upgrade()
    assert version(folder / COPY) == 1
    assert (folder / COPY).stat().st_mode & 0o7777 == 0o600
    assert not (folder / f".{COPY}.new").exists()


def test_of_many_processes_one_upgrades_and_the_others_wait(folder: Path) -> None:
    stores = first_version(folder, RECORDS)
    before = contents(stores.database.path)

    def work(_: int) -> tuple[bool, str]:
        mine = SqliteStores(folder, lock_timeout=60)
        return mine.upgrade() is not None, mine.identity()

    results = run_at_once(12, work)
    assert Counter(did for did, _ in results) == {True: 1, False: 11}
    assert {identity for _, identity in results} == {stores.identity()}
    assert contents(stores.database.path) == before


def test_what_others_write_meanwhile_is_not_lost(folder: Path) -> None:
    stores = first_version(folder)
    path = stores.database.path

    def work(number: int) -> int:
        if number == 0:
            time.sleep(0.1)
            SqliteStores(folder, lock_timeout=60).upgrade()
            return 0
        for _ in range(20):
            with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as older:
                older.execute(
                    "INSERT INTO audit (at, phase, action, uid, user_id, user, session_id, target,"
                    " target_name, intent, result, detail)"
                    " VALUES (1, 'read', 'older', 0, '', '', '', '', '', NULL, '', '')"
                )
        return 20

    assert sum(run_at_once(5, work)) == 80
    assert version(path) == SCHEMA_VERSION
    assert len(stores.audit.page(0, 1000)) == 80


def test_a_killed_upgrade_leaves_the_old_store_or_the_new_one(tmp_path: Path) -> None:
    pick = random.Random(20)
    timed = first_version(tmp_path / "timed", 1000)
    duration = longest = run_apart(lambda: _seconds(timed.upgrade))
    found: Counter[int] = Counter()
    copied = 0
    for attempt in range(40):
        folder = tmp_path / str(attempt)
        stores = first_version(folder, 1000)
        before = contents(stores.database.path)
        kill_during(stores.upgrade, pick.uniform(0, longest))
        copied += (folder / COPY).exists()
        with closing(sqlite3.connect(stores.database.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found[version(stores.database.path)] += 1
        # On a machine that is busier by now one takes longer than the first did.
        longest *= 1.2 if version(stores.database.path) == 1 else 0.8
        assert contents(stores.database.path) == before
        stores.upgrade()
        assert version(stores.database.path) == SCHEMA_VERSION
        assert contents(stores.database.path) == before
        assert {check.level.value for check in stores.examine()} == {"ok"}
        assert sorted(path.name for path in folder.iterdir()) == ["contctl.db", COPY, "keys"]
    print(f"kills in an upgrade of {duration:.2f} s: {dict(found)}, {copied} after the copy")
    # Both must have happened, or the kills came too early or too late to show anything.
    assert set(found) == {1, SCHEMA_VERSION}, found


def _table_in_the_way(path: Path) -> None:
    spoil(path, "CREATE TABLE ci_tokens (mine)")


def _trigger(path: Path) -> None:
    spoil(path, "CREATE TRIGGER sly AFTER INSERT ON audit BEGIN DELETE FROM audit; END")


def _column(path: Path) -> None:
    spoil(path, "ALTER TABLE users ADD COLUMN mine")


def _dangling(path: Path) -> None:
    spoil(path, "UPDATE grants SET user_id = 'nobody'")


def _corrupt(path: Path) -> None:
    # The index of the users' names no longer agrees with the table.
    spoil(
        path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
        " WHERE name = 'sqlite_autoindex_grants_1') WHERE name = 'sqlite_autoindex_users_2'",
    )


@pytest.mark.parametrize("damage", [_table_in_the_way, _trigger, _column, _dangling, _corrupt])
def test_what_cannot_be_upgraded_is_left_as_it_was(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    stores = first_version(folder, 10)
    damage(stores.database.path)
    before = stores.database.path.read_bytes()
    for _ in range(2):
        assert refusal(stores.upgrade).reason == "damaged"
        assert stores.database.path.read_bytes() == before
    assert not (folder / "contctl.db-journal").exists()
    assert refusal(stores.identity).reason == "older"


def test_what_is_no_store_is_not_touched(folder: Path) -> None:
    stores = first_version(folder)
    path = stores.database.path
    for statements in (
        (f"PRAGMA application_id = {APPLICATION_ID - 1}",),
        (f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 0"),
        ("PRAGMA user_version = 1", "DELETE FROM alembic_version"),
        ("DROP TABLE alembic_version",),
    ):
        spoil(path, *statements)
        before = path.read_bytes()
        assert stores.upgrade() is None
        assert refusal(stores.identity).reason == "damaged"
        assert path.read_bytes() == before
        assert sorted(each.name for each in folder.iterdir()) == ["contctl.db", "keys"]


def test_a_newer_store_is_not_touched(folder: Path) -> None:
    stores = created(folder)
    spoil(stores.database.path, "UPDATE alembic_version SET version_num = '0009'")
    before = stores.database.path.read_bytes()
    assert stores.upgrade() is None
    assert refusal(stores.identity).reason == "newer"
    assert stores.database.path.read_bytes() == before


@pytest.mark.parametrize("leave", range(0, 160 * 1024, 16 * 1024))
def test_a_disk_that_fills_up_leaves_the_store_as_it_was(small_disk: Path, leave: int) -> None:
    stores = first_version(small_disk / "contctl", 200)
    before = contents(stores.database.path)
    fill(small_disk, leave)
    left = (_reason(stores.upgrade), version(stores.database.path))
    assert left in [("full", 1), (None, SCHEMA_VERSION)]
    assert leave > 0 or left == ("full", 1)
    assert contents(stores.database.path) == before
    (small_disk / "filler").unlink()
    stores.upgrade()
    assert contents(stores.database.path) == before
    assert stores.users.get(ADMIN.id) == ADMIN


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o700, 0o400), (0o500, 0o600)])
def test_a_read_only_store_is_not_upgraded(
    reachable: Path, folder_mode: int, file_mode: int
) -> None:
    def upgrade() -> tuple[str | None, int]:
        stores = first_version(reachable / "contctl")
        stores.database.path.chmod(file_mode)
        stores.database.folder.chmod(folder_mode)
        try:
            return refusal(stores.upgrade).reason, version(stores.database.path)
        finally:
            stores.database.folder.chmod(0o700)

    assert run_unprivileged(upgrade) == ("read-only", 1)


def test_a_store_that_another_process_holds_is_not_waited_for_without_end(folder: Path) -> None:
    first_version(folder)
    stores = SqliteStores(folder, lock_timeout=0.2)
    with closing(sqlite3.connect(stores.database.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert run_apart(lambda: refusal(stores.upgrade).reason) == "locked"
    assert os.listdir(folder).count(COPY) == 0
    assert stores.upgrade() is not None


def _reason(work: Callable[[], object]) -> str | None:
    try:
        work()
    except ContctlError as error:
        return error.reason
    return None


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_who_looks_during_an_upgrade_sees_the_old_store_or_the_new_one(folder: Path) -> None:
    first_version(folder, 500)

    def work(number: int) -> set[str | None]:
        mine = SqliteStores(folder, lock_timeout=60)
        if number == 0:
            time.sleep(0.05)
            mine.upgrade()
            return set()
        deadline = time.monotonic() + 60
        seen: set[str | None] = set()
        while None not in seen and time.monotonic() < deadline:
            seen.add(_reason(mine.identity))
        return seen

    _, *seen = run_at_once(5, work)
    assert all(None in each for each in seen)
    assert set().union(*seen) <= {None, "older"}
