"""Backups: private, whole, and never in another file's place."""

import os
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from contctl.backends.sqlite.connection import Database
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import ADMIN, session_of
from tests.sqlite.processes import kill_during, run_apart, run_at_once, run_unprivileged
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.test_unwritable import fill
from tests.sqlite.uses import ENTRY, refusal


@pytest.fixture
def stores(folder: Path) -> SqliteStores:
    """A store with a session and two records."""
    made = created(folder)
    made.sessions.add(session_of(ADMIN, "one"))
    for _ in range(2):
        made.audit.append(ENTRY)
    return made


def restored(backup: Path, stores: SqliteStores) -> SqliteStores:
    """`stores` with `backup` in the database's place."""
    stores.database.path.write_bytes(backup.read_bytes())
    return SqliteStores(stores.database.folder)


def test_a_backup_is_private_whatever_the_umask(reachable: Path) -> None:
    def back_up() -> tuple[int, list[str]]:
        os.umask(0)
        made = created(reachable / "contctl")
        made.back_up(reachable / "backup")
        return (reachable / "backup").stat().st_mode & 0o7777, sorted(os.listdir(reachable))

    assert run_unprivileged(back_up) == (0o600, ["backup", "contctl"])


def test_a_backup_is_the_store(stores: SqliteStores, tmp_path: Path) -> None:
    identity = stores.identity()
    stores.back_up(tmp_path / "backup")
    stores.audit.append(ENTRY)
    stores.users.set_password_hash(ADMIN.id, "changed")
    back = restored(tmp_path / "backup", stores)
    assert back.identity() == identity
    assert back.users.password_hash(ADMIN.id) == "hash-admin"
    assert [record.number for record in back.audit.page(0, 10)] == [1, 2]
    assert {check.level.value for check in back.examine()} == {"ok"}


def test_a_backup_is_whole_while_others_write(stores: SqliteStores, tmp_path: Path) -> None:
    def work(number: int) -> int:
        mine = SqliteStores(stores.database.folder, lock_timeout=60)
        if number < 4:
            return [mine.audit.append(ENTRY) for _ in range(25)][-1]
        for copy in range(5):
            mine.back_up(tmp_path / f"backup-{number}-{copy}")
        return 0

    run_at_once(6, work)
    assert len(stores.audit.page(0, 1000)) == 102
    backups = sorted(tmp_path.glob("backup-*"))
    assert len(backups) == 10
    for backup in backups:
        numbers = [record.number for record in restored(backup, stores).audit.page(0, 1000)]
        assert numbers == list(range(1, len(numbers) + 1))


def _file(path: Path) -> None:
    path.write_bytes(b"mine")


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("place", [_file, _link, _fifo, _folder])
def test_what_is_there_is_never_replaced(
    stores: SqliteStores, tmp_path: Path, place: Callable[[Path], None]
) -> None:
    path = tmp_path / "backup"
    place(path)
    before = path.lstat()
    with pytest.raises(ContctlError) as caught:
        stores.back_up(path)
    assert caught.value.code is ErrorCode.CONFLICT
    assert path.lstat() == before
    assert sorted(os.listdir(tmp_path)) == ["backup", "contctl"]


def test_of_many_backups_into_one_file_one_is_made(stores: SqliteStores, tmp_path: Path) -> None:
    def back_up(_: int) -> str:
        try:
            SqliteStores(stores.database.folder, lock_timeout=60).back_up(tmp_path / "backup")
        except ContctlError as error:
            return str(error.code)
        return "done"

    assert sorted(run_at_once(8, back_up)) == ["conflict"] * 7 + ["done"]
    assert sorted(os.listdir(tmp_path)) == ["backup", "contctl"]


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_a_folder_where_others_could_exchange_it_is_refused(
    stores: SqliteStores, tmp_path: Path, mode: int
) -> None:
    place = tmp_path / "shared"
    place.mkdir()
    place.chmod(mode)
    (tmp_path / "link").symlink_to(place)
    for name in ("shared", "link"):
        error = refusal(partial(stores.back_up, tmp_path / name / "backup"))
        assert error.reason == "not-private"
        assert error.hint == f"run 'chmod go-w {place}'"
    assert os.listdir(place) == []
    place.chmod(0o1777)
    stores.back_up(place / "backup")


@pytest.mark.parametrize("name", ["contctl.db-journal", "contctl.db-wal", ".contctl.db.new"])
def test_the_databases_own_names_are_no_backups(stores: SqliteStores, name: str) -> None:
    with pytest.raises(ContctlError) as caught:
        stores.back_up(stores.database.folder / name)
    assert caught.value.code is ErrorCode.USAGE
    assert stores.users.get(ADMIN.id) == ADMIN


def test_a_folder_that_is_not_there(stores: SqliteStores, tmp_path: Path) -> None:
    assert refusal(partial(stores.back_up, tmp_path / "nowhere" / "backup")).reason == "absent"
    assert sorted(os.listdir(tmp_path)) == ["contctl"]


def test_a_folder_that_cannot_be_written(reachable: Path) -> None:
    def back_up() -> str:
        made = created(reachable / "contctl")
        place = reachable / "place"
        place.mkdir(0o500)
        return refusal(partial(made.back_up, place / "backup")).message

    assert run_unprivileged(back_up) == f"{reachable}/place/backup: Permission denied"


def test_a_damaged_store_gives_no_backup(stores: SqliteStores, tmp_path: Path) -> None:
    with closing(stores.database.connect()) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
            " WHERE name = 'sqlite_autoindex_grants_1') WHERE name = 'sqlite_autoindex_users_2'"
        )
    error = refusal(partial(stores.back_up, tmp_path / "backup"))
    assert error.reason == "damaged"
    assert "is not whole" in error.message
    assert sorted(os.listdir(tmp_path)) == ["contctl"]


def test_a_full_disk_leaves_no_backup(stores: SqliteStores, small_disk: Path) -> None:
    for leave in (0, 16 * 1024, 48 * 1024):
        fill(small_disk, leave)
        error = refusal(partial(stores.back_up, small_disk / "backup"))
        assert error.reason == "full"
        assert error.message == f"the copy {small_disk}/backup: the disk is full"
        assert os.listdir(small_disk) == ["filler"]
        (small_disk / "filler").unlink()
    stores.back_up(small_disk / "backup")


def test_a_killed_backup_leaves_none_or_a_whole_one(stores: SqliteStores, tmp_path: Path) -> None:
    duration = run_apart(lambda: _seconds(partial(stores.back_up, tmp_path / "timed")))
    found: set[bool] = set()
    later = [duration * 2**number for number in range(1, 8)]
    for attempt, delay in enumerate([1.5 * duration * part / 40 for part in range(40)] + later):
        # On a machine that is busier by now one takes longer than the first did.
        if delay in later and found == {True, False}:
            break
        path = tmp_path / f"backup-{attempt}"
        kill_during(partial(stores.back_up, path), delay)
        found.add(path.exists())
        if path.exists():
            assert restored(path, stores).users.get(ADMIN.id) == ADMIN
    assert found == {True, False}


def test_a_store_whose_writer_stopped_midway_is_not_waited_for_without_end(folder: Path) -> None:
    created(folder)
    impatient = SqliteStores(folder, lock_timeout=0.2)
    with closing(Database(folder).connect()) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        away = folder.parent / "backup"
        assert run_apart(lambda: refusal(partial(impatient.back_up, away)).reason) == "locked"
    assert os.listdir(folder.parent) == ["contctl"]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
