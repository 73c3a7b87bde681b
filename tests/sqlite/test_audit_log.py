"""The audit log's chain under many processes, kills, lost keys, and searches in long logs."""

import json
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.backends.sqlite import audit_reading
from contctl.backends.sqlite.audit_log import SqliteAuditLog
from contctl.backends.sqlite.audit_rows import audit_values
from contctl.backends.sqlite.connection import Database
from contctl.core.domain.audit import AuditEntry, AuditFilter, Phase
from contctl.core.domain.audit_check import Verification, verify
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import NOW
from tests.sqlite.processes import kill_during, run_at_once
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.uses import ENTRY, refusal

AT_ONCE = 50
PATIENT = 30.0


def verified(stores: SqliteStores) -> Verification:
    """What a check of the whole log says."""
    state = stores.audit.chain()
    links = stores.audit.links(None, state.last, 1_000_000)
    return verify(stores.identity(), stores.audit_keys.load().keys, state, links, None)


def test_many_processes_keep_one_chain(folder: Path) -> None:
    """Also while the first of them opens the log, and some rotate it."""
    created(folder)

    def rotate(log: SqliteAuditLog) -> int:
        try:
            log.rotate(NOW)
        except ContctlError as error:
            # Another one was a moment quicker, and nothing was written in between.
            if error.code is not ErrorCode.CONFLICT:
                raise
            return 0
        return 1

    def work(number: int) -> int:
        log = SqliteStores(folder, PATIENT).audit
        for _ in range(2):
            log.append(ENTRY)
        return rotate(log) if number % 10 == 0 else 0

    rotations = sum(run_at_once(AT_ONCE, work))
    assert rotations > 0
    assert verified(SqliteStores(folder)) == Verification(AT_ONCE * 2, rotations + 1, 0)


def test_a_killed_writer_leaves_a_whole_chain(folder: Path) -> None:
    pick = random.Random(7)
    stores = created(folder)

    def append_for_ever() -> None:
        while True:
            for _ in range(5):
                stores.audit.append(ENTRY)
            stores.audit.rotate(NOW)

    for _ in range(25):
        kill_during(append_for_ever, pick.uniform(0.01, 0.15))
    found = verified(stores)
    assert found.problem is None
    assert found.records > 25
    stores.audit.append(ENTRY)
    assert verified(stores).records == found.records + 1


@pytest.mark.parametrize("cut_off", ["before the key", "after the key"])
def test_a_first_record_that_was_cut_off(folder: Path, cut_off: str) -> None:
    stores = created(folder)
    if cut_off == "after the key":
        stores.audit_keys.ensure()
    assert stores.audit.append(ENTRY) == 1
    assert verified(stores) == Verification(1, 1, 0)


def _remove(path: Path) -> None:
    path.unlink()


def _spoil(path: Path) -> None:
    path.write_bytes(b'{"current": "a", "keys": {}}')


def _replace(path: Path) -> None:
    path.unlink()
    SigningKeyFile(path.parent, SystemClock(), path.name).ensure()


@pytest.mark.parametrize("harm", [_remove, _spoil, _replace])
def test_without_the_key_nothing_is_appended_and_all_is_read(
    folder: Path, harm: Callable[[Path], None]
) -> None:
    created(folder).audit.append(ENTRY)
    harm(folder / "keys" / "audit.json")
    stores = SqliteStores(folder)
    before = stores.audit.chain()
    for use in (lambda: stores.audit.append(ENTRY), lambda: stores.audit.rotate(NOW)):
        error = refusal(use)
        assert error.reason == "no-audit-key"
        assert "keys/audit.json" in (error.hint or "")
    assert stores.audit.chain() == before
    assert [record.entry for record in stores.audit.page(0, 10)] == [ENTRY]
    assert len(stores.audit.links(None, 10, 10)) == 1


def test_a_log_goes_on_under_a_new_key_after_the_next_rotation(folder: Path) -> None:
    stores = created(folder)
    stores.audit.append(ENTRY)
    path = folder / "keys" / "audit.json"
    old = path.read_text()
    _replace(path)
    new = path.read_text()
    merged = _with_key_of(new, old)
    path.write_text(merged)
    stores.audit.append(ENTRY)
    stores.audit.rotate(NOW)
    stores.audit.append(ENTRY)
    one, two = stores.audit.chain().segments
    assert one.key_id != two.key_id
    assert verified(stores) == Verification(3, 2, 0)


def _with_key_of(current: str, other: str) -> str:
    merged = json.loads(current)
    merged["keys"].update(json.loads(other)["keys"])
    return json.dumps(merged)


def test_a_mac_that_was_taken_away_is_for_a_check_to_find(folder: Path) -> None:
    stores = created(folder)
    for _ in range(2):
        stores.audit.append(ENTRY)
    with stores.database.writing() as connection:
        connection.execute("UPDATE audit SET mac = NULL WHERE number = 2")
    assert stores.audit.append(ENTRY) == 3
    assert verified(stores).record == 2


def test_a_search_goes_over_a_long_log_in_spans(folder: Path) -> None:
    stores = created(folder)
    count = 2 * audit_reading.SPAN + 10
    wanted = (3, audit_reading.SPAN, audit_reading.SPAN + 1, count)
    _fill(stores, count, wanted)
    alice = AuditFilter(user="alice")
    assert tuple(record.number for record in stores.audit.page(0, 10, alice)) == wanted
    assert tuple(record.number for record in stores.audit.page(3, 2, alice)) == wanted[1:3]
    assert [stores.audit.last(many, alice) for many in range(5)] == [*reversed(wanted), 0]
    assert stores.audit.page(0, 10, AuditFilter(user="bob")) == ()
    assert stores.audit.last(count) == 0
    assert stores.audit.last(count - 5) == 5


def test_numbers_far_apart_are_no_endless_search(folder: Path) -> None:
    stores = created(folder)
    stores.audit.append(ENTRY)
    with stores.database.writing() as connection:
        connection.execute("UPDATE audit SET number = 1 << 62")
    began = time.monotonic()
    assert stores.audit.page(0, 10, AuditFilter(user="nobody")) == ()
    assert stores.audit.last(10, AuditFilter(user="nobody")) == 0
    assert time.monotonic() - began < 5


class CountingDatabase(Database):
    """Counts the steps of SQLite's virtual machine."""

    steps = 0

    def connect(self) -> sqlite3.Connection:
        """As ever, and counted."""
        connection = super().connect()
        connection.set_progress_handler(self._count, 1)
        return connection

    def _count(self) -> int:
        self.steps += 1
        return 0


def test_what_is_done_every_day_costs_the_same_in_a_long_log(folder: Path) -> None:
    stores = created(folder)

    def steps() -> tuple[int, ...]:
        uses: tuple[Callable[[SqliteAuditLog], object], ...] = (
            lambda log: log.append(ENTRY),
            lambda log: log.page(log.last(100), 100),
            lambda log: log.chain(),
            lambda log: log.rotate(NOW),
        )
        counts = []
        for use in uses:
            database = CountingDatabase(folder)
            use(SqliteAuditLog(database, stores.audit_keys))
            counts.append(database.steps)
        return tuple(counts)

    for _ in range(150):
        stores.audit.append(ENTRY)
    steps()
    before = steps()
    _fill(stores, 20_000, ())
    stores.audit.append(ENTRY)
    after = steps()
    assert min(before) > 20
    # A deeper tree and one segment more take a few steps.
    assert all(late < early * 1.2 + 50 for early, late in zip(before, after, strict=True))


def _fill(stores: SqliteStores, count: int, alices: tuple[int, ...]) -> None:
    """Records past the log, of which those of `alices` are alice's."""
    entry = AuditEntry(NOW, Phase.READ, "container:logs", 0, result="ok")
    values = audit_values(entry)
    names = ", ".join(values)
    with stores.database.writing() as connection:
        connection.executemany(
            f"INSERT INTO audit ({names}) VALUES ({', '.join(f':{name}' for name in values)})",
            (
                {**values, "user": "alice" if number in alices else "somebody"}
                for number in range(1, count + 1)
            ),
        )
