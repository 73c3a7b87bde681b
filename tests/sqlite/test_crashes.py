"""A process killed while it makes the store or the first key."""

import os
import random
import time
from collections import Counter
from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import ADMIN
from tests.sqlite.processes import kill_during, run_apart
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.uses import ENTRY

ROUNDS = 60
SEED = 20


def test_a_killed_init_leaves_no_store_or_a_whole_one(tmp_path: Path) -> None:
    pick = random.Random(SEED)
    longest = run_apart(lambda: _seconds_to_create(tmp_path / "timed"))
    found: Counter[str] = Counter()
    for attempt in range(ROUNDS):
        folder = tmp_path / str(attempt)
        stores = SqliteStores(folder)
        kill_during(stores.create_with_admin, pick.uniform(0, longest))
        left = _what_is_left(stores)
        found[left] += 1
        # On a machine that is busier by now one takes longer than the first did.
        longest *= 1.2 if left == "no store" else 0.8
    # Both must have happened, or the kills came too early or too late to show anything.
    assert set(found) == {"no store", "whole store"}, found


def test_an_init_cut_off_after_its_commit_is_finished_by_whoever_comes(folder: Path) -> None:
    stores = created(folder)
    identity = stores.identity()
    for come in (
        stores.identity,
        lambda: stores.users.get(ADMIN.id),
        lambda: stores.audit.page(0, 1),
    ):
        stores.database.path.rename(stores.database.draft)
        come()
        assert stores.identity() == identity
        assert not stores.database.draft.exists()


def test_an_init_cut_off_after_its_commit_is_not_run_again(folder: Path) -> None:
    stores = created(folder)
    identity = stores.identity()
    stores.database.path.rename(stores.database.draft)
    assert _create(stores) is ErrorCode.CONFLICT
    assert stores.identity() == identity


def test_an_init_cut_off_before_its_commit_is_run_again(folder: Path) -> None:
    stores = created(folder)
    stores.database.path.rename(stores.database.draft)
    stores.database.draft.with_name(".contctl.db.new-journal").write_bytes(b"left over")
    stores.database.marker.unlink()
    assert _create(stores) is None
    assert stores.users.get(ADMIN.id) == ADMIN
    assert sorted(path.name for path in folder.iterdir()) == ["contctl.db", "keys"]


def test_a_killed_ensure_leaves_no_key_or_a_whole_one(tmp_path: Path) -> None:
    pick = random.Random(SEED)
    for attempt in range(ROUNDS):
        keys = SigningKeyFile(tmp_path / str(attempt), SystemClock())
        kill_during(keys.ensure, pick.uniform(0, 0.01))
        assert keys.ensure() == keys.load()
        assert os.listdir(tmp_path / str(attempt)) == ["signing.json"]


def test_no_record_whose_number_was_returned_is_lost(folder: Path) -> None:
    pick = random.Random(SEED)
    stores = created(folder)
    told = folder / "told"
    for _ in range(20):
        kill_during(lambda: _append_for_ever(stores, told), pick.uniform(0.01, 0.1))
    returned = [int(line) for line in told.read_text().splitlines()]
    kept = {record.number for record in stores.audit.page(0, 100_000)}
    assert returned
    assert set(returned) <= kept
    with stores.database.reading() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _append_for_ever(stores: SqliteStores, told: Path) -> None:
    with told.open("a") as file:
        while True:
            number = stores.audit.append(ENTRY)
            file.write(f"{number}\n")
            file.flush()


def _seconds_to_create(folder: Path) -> float:
    began = time.perf_counter()
    created(folder)
    return time.perf_counter() - began


def _create(stores: SqliteStores) -> ErrorCode | None:
    try:
        stores.create_with_admin()
    except ContctlError as error:
        return error.code
    return None


def _what_is_left(stores: SqliteStores) -> str:
    code = _create(stores)
    assert code in (None, ErrorCode.CONFLICT)
    assert stores.users.get(ADMIN.id) == ADMIN
    assert stores.users.password_hash(ADMIN.id) == "hash-admin"
    assert len(stores.users.grants(ADMIN.id)) == 1
    assert stores.identity() == stores.database.marker.read_text()
    assert sorted(path.name for path in stores.database.folder.iterdir()) == ["contctl.db", "keys"]
    return "no store" if code is None else "whole store"
