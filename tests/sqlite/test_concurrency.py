"""Many processes at once."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.domain.accounts import User
from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.domain.grants import Grant
from contctl.core.domain.roles import Role
from contctl.core.domain.sessions import Session
from contctl.core.errors import ContctlError
from tests.contracts.stores import ADMIN, NOW, session_of
from tests.sqlite.processes import run_apart, run_at_once
from tests.sqlite.stores import SqliteStores, created

AT_ONCE = 50
PATIENT = 30.0


def test_of_many_inits_one_wins(folder: Path) -> None:
    def create(number: int) -> str:
        admin = User(f"user-{number}", f"admin{number}", enabled=True, created_at=NOW)
        grant = Grant(f"grant-{number}", Role.ADMIN, NOW)
        try:
            return SqliteStores(folder, PATIENT).create(admin, f"hash-{number}", grant)
        except ContctlError as error:
            return str(error.code)

    results = Counter(run_at_once(AT_ONCE, create))
    stores = SqliteStores(folder)
    assert results == {stores.identity(): 1, "conflict": AT_ONCE - 1}
    (account,) = stores.users.page("", 10)
    number = account.user.name.removeprefix("admin")
    assert account.user.id == f"user-{number}"
    assert stores.users.password_hash(account.user.id) == f"hash-{number}"
    assert [grant.id for grant in account.grants] == [f"grant-{number}"]
    assert sorted(path.name for path in folder.iterdir()) == ["contctl.db", "keys"]


def test_threads_make_stores_side_by_side(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda number: created(tmp_path / str(number)), range(16)))
    assert len({each.identity() for each in stores}) == 16


def test_of_many_updates_none_is_lost(folder: Path) -> None:
    created(folder).sessions.add(session_of(ADMIN, "one"))

    def rotate(_: int) -> int:
        def change(session: Session) -> Session:
            return replace(session, generation=session.generation + 1)

        updated = SqliteStores(folder, PATIENT).sessions.update("one", change)
        return updated.generation if updated else 0

    generations = run_at_once(AT_ONCE, rotate)
    assert sorted(generations) == list(range(2, AT_ONCE + 2))


def test_of_many_records_none_is_lost(folder: Path) -> None:
    created(folder)

    def append(number: int) -> int:
        entry = AuditEntry(NOW, Phase.INTENT, "container:stop", 0, detail=str(number))
        return SqliteStores(folder, PATIENT).audit.append(entry)

    numbers = run_at_once(AT_ONCE, append)
    records = SqliteStores(folder).audit.page(0, 100)
    assert {record.number: record.entry.detail for record in records} == {
        number: str(detail) for detail, number in enumerate(numbers)
    }


def test_two_admins_cannot_put_each_other_out(tmp_path: Path) -> None:
    for attempt in range(10):
        folder = tmp_path / str(attempt)
        stores = created(folder)
        second = User("user-second", "second", enabled=True, created_at=NOW)
        stores.users.add(second, "hash", (Grant("grant-second", Role.ADMIN, NOW),))

        def put_out(number: int, folder: Path = folder) -> str | None:
            users = SqliteStores(folder, PATIENT).users
            try:
                if number == 0:
                    users.set_enabled("user-second", enabled=False)
                else:
                    users.remove(ADMIN.id)
            except ContctlError as error:
                return error.reason
            return None

        assert sorted(run_at_once(2, put_out), key=str) == [None, "last-admin"]
        left = [account.user.enabled for account in stores.users.page("", 10)]
        assert left.count(True) == 1


def test_all_processes_get_the_same_first_key(tmp_path: Path) -> None:
    keys = run_at_once(
        AT_ONCE, lambda _: SigningKeyFile(tmp_path / "new" / "keys", SystemClock()).ensure().keys
    )
    assert len(keys) == AT_ONCE
    assert all(found == keys[0] for found in keys)


def test_a_lock_that_is_held_too_long_is_an_error(folder: Path) -> None:
    stores = created(folder, lock_timeout=0.2)
    others = SqliteStores(folder, lock_timeout=0.2)
    entry = AuditEntry(NOW, Phase.INTENT, "container:stop", 0)
    with stores.database.writing():
        assert run_apart(lambda: _reason(lambda: others.audit.append(entry))) == "locked"
        assert run_apart(lambda: _reason(lambda: others.users.remove("nobody"))) == "locked"
        # A writer that has not begun to commit lets other processes read.
        assert run_apart(lambda: others.users.get(ADMIN.id)) == ADMIN
    assert stores.audit.append(entry) == 1


def test_a_committing_writer_that_stops_is_an_error_for_readers_too(folder: Path) -> None:
    stores = created(folder, lock_timeout=0.2)
    connection = stores.database.connect()
    connection.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    assert run_apart(lambda: _reason(stores.identity)) == "locked"
    assert run_apart(lambda: _reason(lambda: stores.users.get(ADMIN.id))) == "locked"
    assert time.monotonic() - began < 5
    connection.close()
    assert stores.identity()


def _reason(work: Callable[[], object]) -> str | None:
    try:
        work()
    except ContctlError as error:
        return error.reason
    return None
